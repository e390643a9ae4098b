/* SPDX-License-Identifier: EUPL-1.2 */
/* Lines of core for people, or as they come. */
#ifndef VIGIE_CLI_OPERATE_PRINT_H
#define VIGIE_CLI_OPERATE_PRINT_H

#include "base/buffer.h"
#include "wire/command.h"

struct operate_print {
    bool json;
    size_t sessions;
    struct buffer scratch, cell;
};

enum result operate_print_line(void *print, struct text line) MUST_USE;
void operate_print_end(const struct operate_print *print,
                       enum command_kind kind);
void operate_print_free(struct operate_print *print);

#endif
