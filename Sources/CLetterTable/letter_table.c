// SPDX-License-Identifier: Apache-2.0

#include "letter_table.h"

#ifndef __has_embed
#error "This C compiler has no #embed. The clang of Swift 6.3 has it."
#endif

#pragma clang diagnostic ignored "-Wc23-extensions"  // #embed

static const unsigned char table[] = {
#embed "letters.table"
};

const unsigned char *const sotto_letter_table = table;
const size_t sotto_letter_table_size = sizeof table;
