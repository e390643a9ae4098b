/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What an analyst asks the holder about one alert: a question for each group
 * of signs that speak against the session, heaviest first. Must not know
 * names: nothing that was seen is quoted, so that a voice that is not the
 * holder's learns nothing from the questions.
 */
#ifndef VIGIE_CLI_EXPLAIN_ASK_H
#define VIGIE_CLI_EXPLAIN_ASK_H

#include <stddef.h>

#include "model/verdict.h"

#define EXPLAIN_QUESTIONS_MAX 14

/* In the language of base/say.h; static texts. Returns how many. */
size_t explain_ask(const struct alert *alert,
                   const char *ret_questions[EXPLAIN_QUESTIONS_MAX]);

#endif
