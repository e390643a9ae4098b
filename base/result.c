/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/result.h"

#include <stdio.h>

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
        return "ok";
    case E_NOMEM:
        return "no memory";
    case E_LIMIT:
        return "limit reached";
    case E_FORMAT:
        return "not of the form";
    case E_DENIED:
        return "not allowed";
    case E_IO:
        return "input or output failed";
    case E_NOTFOUND:
        return "not found";
    case E_EXISTS:
        return "already there";
    case E_CORRUPT:
        return "stored bytes damaged";
    case E_END:
        return "ends too early";
    case E_ARGUMENT:
        return "wrong argument";
    }
    return "unknown result";
}
