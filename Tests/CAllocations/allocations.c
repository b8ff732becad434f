// SPDX-License-Identifier: Apache-2.0
#include "allocations.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

// A sanitizer has a malloc of its own, which nothing may take the place of.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_SANITIZER
#endif
#endif

// A program's own malloc takes the place of the C library's in all that it loads. glibc's stays within reach by other names.
#if defined(__GLIBC__) && !defined(HAS_SANITIZER)
static _Thread_local int is_counting;
static _Thread_local long count;

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t items, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size) {
    count += is_counting;
    return __libc_malloc(size);
}

void *calloc(size_t items, size_t size) {
    count += is_counting;
    return __libc_calloc(items, size);
}

void *realloc(void *memory, size_t size) {
    count += is_counting;
    return __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size) {
    count += is_counting;
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **memory, size_t alignment, size_t size) {
    *memory = memalign(alignment, size);
    return *memory ? 0 : ENOMEM;
}

int allocations_can_be_counted(void) { return 1; }

void allocations_begin(void) {
    count = 0;
    is_counting = 1;
}

long allocations_end(void) {
    is_counting = 0;
    return count;
}
#else
int allocations_can_be_counted(void) { return 0; }
void allocations_begin(void) {}
long allocations_end(void) { return 0; }
#endif
