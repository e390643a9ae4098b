/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What was seen of a person (docs/domain: categories). A set is 16 bits:
 * the low 8 say "seen", the high 8 say "possible, cannot be excluded".
 */
#ifndef VIGIE_MODEL_CATEGORY_H
#define VIGIE_MODEL_CATEGORY_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/result.h"
#include "base/text.h"

enum category {
    CATEGORY_IDENTITY = 1 << 0,
    CATEGORY_NIR = 1 << 1,
    CATEGORY_CONTACT = 1 << 2,
    CATEGORY_ADMIN = 1 << 3,
    CATEGORY_COORDINATION = 1 << 4,
    CATEGORY_MEDICAL = 1 << 5,
    CATEGORY_DOCUMENT = 1 << 6,
    CATEGORY_UNCLASSIFIED = 1 << 7,
};
#define CATEGORY_COUNT 8
#define CATEGORY_POSSIBLE(set) ((uint16_t)((set) << 8))
#define CATEGORY_SEEN_MASK 0x00ffu
#define CATEGORY_POSSIBLE_MASK 0xff00u

/* "identity", "nir", …: the words of the JSON contracts. index 0..7. */
const char *category_name(unsigned index);
/* The same for people, translated. */
const char *category_title(unsigned index);
/* By the JSON word; E_NOTFOUND. */
enum result category_parse(struct text word, uint16_t *ret_bit) MUST_USE;
/* ["identity","contact"] of the low 8 bits of `set`. */
enum result category_json(struct buffer *out, uint16_t set) MUST_USE;

#endif
