/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/result.h"

#include <stdio.h>

#include "base/say.h"

enum result
reason_set(struct reason *why, enum result code, const char *rule,
           const char *field, uint64_t offset)
{
    if (why == NULL)
        return code;
    why->rule = rule;
    (void)snprintf(why->field, sizeof(why->field), "%s",
                   field == NULL ? "" : field);
    why->offset = offset;
    return code;
}

const char *
result_name(enum result code)
{
    switch (code) {
    case OK:
        return N_("ok");
    case E_NOMEM:
        return N_("no memory");
    case E_LIMIT:
        return N_("limit reached");
    case E_FORMAT:
        return N_("not of the form");
    case E_DENIED:
        return N_("not allowed");
    case E_IO:
        return N_("input or output failed");
    case E_NOTFOUND:
        return N_("not found");
    case E_EXISTS:
        return N_("already there");
    case E_CORRUPT:
        return N_("stored bytes damaged");
    case E_END:
        return N_("ends too early");
    case E_ARGUMENT:
        return N_("wrong argument");
    }
    return N_("unknown result");
}
