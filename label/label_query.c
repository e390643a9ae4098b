/* SPDX-License-Identifier: EUPL-1.2 */
#include "label/label_query.h"

#include "codec/query_place.h"

void
label_query(struct text arguments, struct query_place *ret_place)
{
    query_place_of(arguments, ret_place);
}
