// SPDX-License-Identifier: Apache-2.0

import COpenBLAS

/// The set of kernels that OpenBLAS has chosen for this processor.
package var blasKernelName: String { openblas_get_corename().map { String(cString: $0) } ?? "unknown" }
