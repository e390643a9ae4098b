/* SPDX-License-Identifier: EUPL-1.2 */
#include "core/secrecy_reason.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/hash.h"

#define NAME_BYTES 32

static const char *
name_of(uint64_t number, char out[NAME_BYTES])
{
    (void)snprintf(out, NAME_BYTES, "secrecy.%016" PRIx64, number);
    return out;
}

enum result
secrecy_reason_keep(struct lookup *lookup, struct secrecy *secrecy,
                    struct text reason)
{
    char name[NAME_BYTES];

    if (secrecy->number == 0)
        secrecy->number = hash_random_u64();
    if (reason.length > SECRECY_REASON_BYTES_MAX)
        return E_LIMIT;
    if (reason.length == 0)
        return OK;
    return lookup_setting_set(lookup, name_of(secrecy->number, name), reason);
}

enum result
secrecy_note(struct ledger *ledger, struct lookup *lookup,
             struct secrecy *secrecy, struct text reason)
{
    struct row row;
    enum result result = secrecy_reason_keep(lookup, secrecy, reason);

    if (result != OK)
        return result;
    secrecy_row(secrecy, &row);
    return ledger_append(ledger, &row, 1, NULL);
}

enum result
secrecy_reason_get(struct lookup *lookup, uint64_t number, struct buffer *out)
{
    char name[NAME_BYTES];
    enum result result = lookup_setting_get(lookup, name_of(number, name), out);

    return result == E_NOTFOUND ? OK : result;
}
