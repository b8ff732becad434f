// SPDX-License-Identifier: Apache-2.0

import CKernels

/// What the synthesis is computed with. All sets of instructions give the same bits.
var instructionsInUse: sotto_instructions { sotto_instructions_in_use() }
