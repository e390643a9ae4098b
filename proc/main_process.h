/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * `vigie run`: makes the sockets, starts core with what it needs and nothing
 * more, starts it again when it dies, tells the service manager. Handles no
 * outside byte.
 */
#ifndef VIGIE_PROC_MAIN_PROCESS_H
#define VIGIE_PROC_MAIN_PROCESS_H

#include "base/result.h"

/* Until SIGTERM or SIGINT. Says what is wrong on stderr. E_FORMAT: the
 * configuration. */
enum result main_process_run(const char *conf_path) MUST_USE;

#endif
