/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The persons of one body, put together from the windows of the labeller,
 * and how they are printed. Knows nothing of how a body is read.
 */
#ifndef VIGIE_CLI_LABEL_PEOPLE_H
#define VIGIE_CLI_LABEL_PEOPLE_H

#include <stdbool.h>

#include "label/label.h"

struct label_people;

enum result label_people_new(struct label_people **ret_people) MUST_USE;
void label_people_free(struct label_people *people);
/* Sink functions; the context is the struct label_people. */
enum result label_people_add(void *context, const struct label_person *person);
enum result label_people_join(void *context, struct text name,
                              const struct label_person *as);
/* One line a person, in the order of their first mention; as JSON with the
 * file's name where `file` is not NULL. */
enum result label_people_print(struct label_people *people, bool json,
                               const char *file) MUST_USE;

#endif
