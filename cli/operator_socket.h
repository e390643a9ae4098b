/* SPDX-License-Identifier: EUPL-1.2 */
/* Where core's operators' socket is, and what an answer of it means. */
#ifndef VIGIE_CLI_OPERATOR_SOCKET_H
#define VIGIE_CLI_OPERATOR_SOCKET_H

#include "base/result.h"
#include "proc/settings.h"

/* -1: *socket is set (settings keep its text); else an exit code, said. A
 * socket that was given stays. conf NULL: the usual file. */
int operator_socket_find(const char *command, const char *conf,
                         const char **socket, struct settings **ret_settings);
/* The exit code; what went wrong is said. */
int operator_outcome(const char *command, enum result result,
                     enum result outcome);
/* A line of core's answer, to stdout. */
enum result operator_socket_print(void *context, struct text line);

#endif
