/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What is said to people. Sentences are written in English in the code and
 * translated by gettext (po/fr); French is the language unless --lang en or
 * VIGIE_LANG=en. Errors go to stderr as "vigie: WHAT: WHY".
 */
#ifndef VIGIE_BASE_SAY_H
#define VIGIE_BASE_SAY_H

#include <libintl.h>
#include <stdbool.h>

#define _(message) gettext(message)
#define N_(message) message

/* `language`: "fr", "en" or NULL (environment, else French). Finds the
 * catalogue beside the program (build/locale) or in /usr/share/locale. */
void say_start(const char *language);
/* Changes the language afterwards; "fr" or "en". */
void say_language(const char *language);
bool say_is_french(void);

/* vigie: WHAT: WHY — the format is of WHY. */
void say_error(const char *what, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
