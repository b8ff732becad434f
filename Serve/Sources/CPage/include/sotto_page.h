// SPDX-License-Identifier: Apache-2.0
// The page's files and the samples, as part of the program.

#ifndef SOTTO_PAGE_H
#define SOTTO_PAGE_H

#include <stddef.h>

typedef struct {
    const char *_Nonnull path;  // as it is asked for
    const char *_Nonnull type;  // as it is answered
    const void *_Nonnull start;
    size_t count;
} sotto_page_file;

size_t sotto_page_count(void);
// index: less than the count
sotto_page_file sotto_page(size_t index);

#endif
