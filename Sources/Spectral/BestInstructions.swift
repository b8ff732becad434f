// SPDX-License-Identifier: Apache-2.0

import CKernels

/// What the synthesis is computed with: the best that this processor has. All of them give the same bits.
let bestInstructions = sotto_best_instructions()
