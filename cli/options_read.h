/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The options of a command, read one after the other: --help and what is not
 * known are seen to here. Does not know what any option means.
 */
#ifndef VIGIE_CLI_OPTIONS_READ_H
#define VIGIE_CLI_OPTIONS_READ_H

#include <getopt.h>
#include <stdbool.h>

struct options_reader {
    const char *command;
    const struct option *known; /* --help is 'h' */
    void (*usage)(void);
    /* One option, its value in optarg. False: it is wrong, which was said. */
    bool (*take)(void *context, int option);
    void *context;
};

/* True where the command is to go on, from argv[optind] on; else *ret_exit. */
bool options_read(const struct options_reader *reader, int argc, char **argv,
                  int *ret_exit);

#endif
