/* SPDX-License-Identifier: EUPL-1.2 */
/* The operator's end of core's socket: one command, and its lines. */
#ifndef VIGIE_PROC_OPERATOR_CLIENT_H
#define VIGIE_PROC_OPERATOR_CLIENT_H

#include "base/result.h"
#include "wire/command.h"

/* E_END where core goes before the last line; what core itself answered comes
 * in *ret_outcome. */
enum result
operator_client_ask(const char *socket_path, const struct wire_command *command,
                    void *context,
                    enum result (*line)(void *context, struct text line),
                    enum result *ret_outcome) MUST_USE;

#endif
