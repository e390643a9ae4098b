/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The processes of the live demo: FHIR service, vigie run, nginx with the
 * module, on free ports of loopback and sockets in one folder; and their end,
 * whatever happens: a signal, or the demo's own death. Must not know what is
 * asked of them.
 */
#ifndef VIGIE_CLI_DEMO_STAND_H
#define VIGIE_CLI_DEMO_STAND_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/result.h"
#include "cli/demo_user.h"
#include "demo/fhir_book.h"

#define DEMO_SERVICE "dmp"

enum stand_process { STAND_SERVICE, STAND_CORE, STAND_NGINX, STAND_PROCESSES };

struct demo_stand {
    const char *data, *keys;  /* borrowed, absolute */
    char folder[PATH_MAX];    /* of sockets, configurations, logs */
    char conf[PATH_MAX + 16]; /* vigie.conf */
    char nginx[64], module[PATH_MAX];
    char program[PATH_MAX]; /* this one */
    pid_t processes[STAND_PROCESSES];
    uint16_t port, service_port;
    struct demo_user user; /* whose the processes that read bytes are */
};

/* Whether a signal asked for the end: after demo_stand_signals(). */
bool demo_stand_ending(void);
void demo_stand_signals(void);
void demo_stand_signals_back(void); /* as before */

/* Finds nginx and the module and tries them together; NULL, or a sentence:
 * why there can be no live demo here. */
const char *demo_stand_find(struct demo_stand *stand);
/* Starts all; E_END after a signal. demo_stand_stop() in every case. */
enum result demo_stand_start(struct demo_stand *stand,
                             struct fhir_book *book) MUST_USE;
/* False: one of them has ended. */
bool demo_stand_alive(struct demo_stand *stand);
/* Ends and awaits all, removes the folder. */
void demo_stand_stop(struct demo_stand *stand);

/* A part of the program in a process of its own, awaited; ended by a signal.
 * The exit code, -1 where it was ended. */
int demo_stand_apart(int (*run)(void *context), void *context);

#endif
