/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * As whom the live demo's processes run where it was started as root: whoever
 * called sudo, else nobody. Knows no process of the demo.
 */
#ifndef VIGIE_CLI_DEMO_USER_H
#define VIGIE_CLI_DEMO_USER_H

#include <sys/types.h>

#include "base/result.h"

struct demo_user {
    char name[64], group[64]; /* empty: as they were started */
    uid_t uid;
    gid_t gid;
};

/* Empty where not root, or where nobody else has a name here. */
void demo_user_find(struct demo_user *ret_user);
/* The folder and all in it become the user's. E_DENIED where the user still
 * cannot reach it: the folder is then as it was. */
enum result demo_user_give(const struct demo_user *user,
                           const char *folder) MUST_USE;
/* For a while: keys are read by whose they are alone. No-op where empty. */
enum result demo_user_as(const struct demo_user *user) MUST_USE;
enum result demo_user_back(const struct demo_user *user) MUST_USE;
/* Root's again, to be read by root. */
enum result demo_user_take_back(const char *folder) MUST_USE;

#endif
