/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A person as somebody types one, to every id of that person: system|value,
 * a CX string, a reference, a bare INS of 15 characters, a bare number.
 */
#ifndef VIGIE_CLI_QUERY_PERSON_H
#define VIGIE_CLI_QUERY_PERSON_H

#include "base/result.h"
#include "cli/query_options.h"
#include "scope/id_map.h"

/* query->services may hold one name: the space of a relative reference or
 * bare number (replay --service). Without it all spaces are searched, and a
 * name that several persons bear is refused (E_ARGUMENT, said). E_NOTFOUND
 * is said, too. */
enum result query_person(struct query *query, struct id_list *ret_ids) MUST_USE;

#endif
