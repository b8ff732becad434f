// SPDX-License-Identifier: Apache-2.0
#ifndef SOTTO_MUTEXES_H
#define SOTTO_MUTEXES_H

// Nothing to call: whoever links it has ThreadSanitizer see what Swift's `Mutex` does.

#endif
