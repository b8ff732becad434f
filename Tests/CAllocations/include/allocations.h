// SPDX-License-Identifier: Apache-2.0
#ifndef SOTTO_ALLOCATIONS_H
#define SOTTO_ALLOCATIONS_H

/// Whether this platform's C library lets allocations be counted.
int allocations_can_be_counted(void);

/// Counts the calling thread's allocations from now on.
void allocations_begin(void);

/// How many there were.
long allocations_end(void);

#endif
