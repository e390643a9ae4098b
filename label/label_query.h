/* SPDX-License-Identifier: EUPL-1.2 */
/* What a request searched for, as a place in an order (codec/query_place.h),
 * for the door, which reads nothing of codec/ itself. */
#ifndef VIGIE_LABEL_LABEL_QUERY_H
#define VIGIE_LABEL_LABEL_QUERY_H

#include "base/text.h"
#include "model/query_step.h"

/* `arguments`: behind '?', as sent. kind QUERY_NONE where there is no order. */
void label_query(struct text arguments, struct query_place *ret_place);

#endif
