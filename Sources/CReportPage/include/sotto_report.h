// SPDX-License-Identifier: Apache-2.0
// The files of the benchmark's page, as part of the program.

#ifndef SOTTO_REPORT_H
#define SOTTO_REPORT_H

#include <stddef.h>

typedef struct {
    const char *_Nonnull name;
    const void *_Nonnull start;
    size_t count;
} sotto_report_file;

size_t sotto_report_count(void);
// index: less than the count
sotto_report_file sotto_report(size_t index);

#endif
