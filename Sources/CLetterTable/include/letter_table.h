// SPDX-License-Identifier: Apache-2.0
// How likely each byte of a transcript is after those before it. See Docs/token-format.md, "Texts by letters".

#ifndef SOTTO_LETTER_TABLE_H
#define SOTTO_LETTER_TABLE_H

#include <stddef.h>

extern const unsigned char *_Nonnull const sotto_letter_table;
extern const size_t sotto_letter_table_size;

#endif
