/* SPDX-License-Identifier: EUPL-1.2 */
/* From what somebody typed to a person: as `vigie who` takes it. */
#ifndef VIGIE_CORE_PERSON_FIND_H
#define VIGIE_CORE_PERSON_FIND_H

#include "base/result.h"
#include "base/text.h"
#include "ledger/lookup.h"

/* system|value, Patient/42, a CX string, or the 15 characters of an INS;
 * `service` is the space of a relative reference, empty: all of them.
 * *ret_id is canonical. E_NOTFOUND: no such person, or service; E_ARGUMENT:
 * several persons bear this name. */
enum result person_find(struct lookup *lookup, struct text given,
                        struct text service, uint64_t *ret_id) MUST_USE;

#endif
