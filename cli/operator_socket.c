/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/operator_socket.h"

#include <stdio.h>
#include <string.h>

#include "base/say.h"
#include "cli/cli.h"

struct wrong {
    const char *path;
};

static void
on_wrong(void *context, uint32_t line, const char *directive, const char *what)
{
    const struct wrong *wrong = context;

    say_error(wrong->path, _("line %u: %s: %s"), line, directive, _(what));
}

int
operator_socket_find(const char *command, const char *conf, const char **socket,
                     struct settings **ret_settings)
{
    struct wrong wrong = {conf == NULL ? SETTINGS_DEFAULT_PATH : conf};
    const struct settings_teller teller = {&wrong, on_wrong};
    enum result result;

    (void)command;
    if (*socket != NULL)
        return -1;
    result = settings_load(wrong.path, &teller, ret_settings);
    if (result != OK) {
        say_error(wrong.path, _("cannot be read: %s"), _(result_name(result)));
        return EXIT_REFUSED;
    }
    *socket = (*ret_settings)->operator_socket;
    return -1;
}

int
operator_outcome(const char *command, enum result result, enum result outcome)
{
    const char *why = NULL;

    if (result == E_NOTFOUND)
        why = _("no core is running there");
    else if (result == E_DENIED || (result == OK && outcome == E_DENIED))
        why = _("you are no operator of this core");
    else if (result == E_END)
        why = _("core went away before it answered");
    else if (result != OK)
        why = _(result_name(result));
    else if (outcome != OK)
        why = _(result_name(outcome));
    if (why == NULL)
        return EXIT_DONE;
    say_error(command, "%s", why);
    return EXIT_REFUSED;
}

enum result
operator_socket_print(void *context, struct text line)
{
    (void)context;
    (void)printf("%.*s\n", (int)line.length, line.bytes);
    return OK;
}
