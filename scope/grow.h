/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Room for one more item of an array that doubles.
 */
#ifndef VIGIE_SCOPE_GROW_H
#define VIGIE_SCOPE_GROW_H

#include <stddef.h>

#include "base/result.h"

/* `array` is the address of the pointer (T **), which stays as it was on
 * failure. E_NOMEM, E_LIMIT past 2^31 items. */
enum result grow(void *array, size_t *room, size_t count,
                 size_t item_bytes) MUST_USE;

#endif
