/* SPDX-License-Identifier: EUPL-1.2 */
/* `vigie doctor`: what would keep `vigie run` from working. Changes nothing. */
#ifndef VIGIE_PROC_DOCTOR_H
#define VIGIE_PROC_DOCTOR_H

#include <stddef.h>

#include "base/result.h"

struct doctor_teller {
    void *context;
    /* In the language of base/say.h. */
    void (*found)(void *context, const char *what, const char *why);
};

/* E_NOTFOUND, E_DENIED …: the configuration itself cannot be read. */
enum result doctor_look(const char *conf_path,
                        const struct doctor_teller *teller,
                        size_t *ret_found) MUST_USE;

#endif
