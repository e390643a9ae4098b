/* SPDX-License-Identifier: EUPL-1.2 */
/* What the live demo and the offline one both do: run a command of cli.h as a
 * reader would, hunt, scope, the beginning of a file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/say.h"
#include "cli/cli.h"
#include "cli/demo_steps.h"

#define ARGUMENTS_MAX (2 * DEMO_SESSIONS_MAX + 16)

void
demo_heading(struct demo *demo, const char *title)
{
    bool bold = isatty(STDOUT_FILENO) == 1;
    (void)printf("\n%s%u. %s%s\n\n", bold ? "\033[1m" : "", ++demo->step, title,
                 bold ? "\033[0m" : "");
    (void)fflush(stdout);
}

static int
redirect(const char *path)
{
    int fd = -1, saved = dup(STDOUT_FILENO);
    if (saved < 0 ||
        file_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600, &fd) != OK ||
        dup2(fd, STDOUT_FILENO) < 0) {
        file_close(&fd);
        file_close(&saved);
        return -1;
    }
    file_close(&fd);
    return saved;
}

/* The command as one would type it; a long list of sessions is cut. */
static void
show_command(const char *const *arguments)
{
    (void)printf("$ vigie");
    for (int i = 0; arguments[i] != NULL; i++) {
        if (i > 10) {
            (void)printf(" …");
            break;
        }
        (void)printf(strchr(arguments[i], ' ') == NULL ? " %s" : " \"%s\"",
                     arguments[i]);
    }
    (void)printf("\n\n");
}

int
demo_run(int (*command)(int argc, char **argv), const char *path, bool shown,
         const char *const *arguments)
{
    static char copies[ARGUMENTS_MAX][DEMO_PATH_BYTES + 32];
    char *argv[ARGUMENTS_MAX + 1];
    int argc = 0, saved = -1;
    for (; arguments[argc] != NULL && argc < ARGUMENTS_MAX; argc++) {
        (void)snprintf(copies[argc], sizeof(copies[argc]), "%s",
                       arguments[argc]);
        argv[argc] = copies[argc];
    }
    argv[argc] = NULL;
    if (shown)
        show_command(arguments);
    (void)fflush(stdout);
    if (path != NULL && (saved = redirect(path)) < 0) {
        say_error(path, "%s", strerror(errno));
        return EXIT_REFUSED;
    }
    int code = command(argc, argv);
    (void)fflush(stdout);
    if (saved >= 0) {
        (void)dup2(saved, STDOUT_FILENO);
        file_close(&saved);
    }
    return code;
}

#define COLUMNS_SHOWN 118

/* A line, cut where a terminal would break it. */
static void
show_line(const char *line, size_t length)
{
    size_t at = 0, columns = 0;
    while (at < length && columns < COLUMNS_SHOWN) {
        at++;
        while (at < length && ((unsigned char)line[at] & 0xc0) == 0x80)
            at++;
        columns++;
    }
    (void)printf("%.*s%s\n", (int)at, line, at < length ? "…" : "");
}

/* Of every paragraph of a file the first lines; the file has them all. */
static enum result
show_head(const char *path, unsigned lines_shown)
{
    struct buffer text = {0};
    enum result r = file_load(path, 256u << 20, &text);
    struct text line, rest = buffer_as_text(&text);
    unsigned count = 0;
    while (r == OK && rest.length > 0) {
        (void)text_split(rest, '\n', &line, &rest);
        count = line.length == 0 ? 0 : count + 1;
        if (count <= lines_shown)
            show_line(line.bytes, line.length);
        else if (count == lines_shown + 1)
            (void)printf("…\n");
    }
    if (r == OK)
        (void)printf(_("(all of it: %s)\n"), path);
    buffer_free(&text);
    return r;
}

/* The summary: what follows the last empty line of the report. */
enum result
demo_show_end(const char *path)
{
    struct buffer text = {0};
    enum result r = file_load(path, 64u << 20, &text);
    size_t at = text.length, end = text.length;
    while (
        r == OK && at > 1 &&
        !(at < end - 1 && text.bytes[at - 1] == '\n' && text.bytes[at] == '\n'))
        at--;
    if (r == OK && at < end)
        (void)printf("%.*s", (int)(end - at), text.bytes + at);
    buffer_free(&text);
    return r;
}

int
demo_hunt(struct demo *demo)
{
    demo_heading(demo, _("What else did the same hands touch?"));
    if (demo->stopped_count == 0)
        return EXIT_DONE;
    (void)printf("%s\n",
                 _("From the worst session of the first account above: what "
                   "shares its address, its device\nor its rhythm.\n"));
    const char *const arguments[] = {"hunt",
                                     "--data",
                                     demo->data,
                                     "--keys",
                                     demo->keys,
                                     "--session",
                                     demo->stopped[0].session,
                                     NULL};
    int code = demo_run(cli_hunt, demo->hunt, true, arguments);
    return code == EXIT_DONE && show_head(demo->hunt, 8) != OK ? EXIT_REFUSED
                                                               : code;
}

/* The arguments of scope for all stopped sessions. */
static void
scope_arguments(const struct demo *demo, const char *extra,
                const char *arguments[ARGUMENTS_MAX])
{
    size_t n = 0;
    arguments[n++] = "scope";
    arguments[n++] = "--data";
    arguments[n++] = demo->data;
    arguments[n++] = "--keys";
    arguments[n++] = demo->keys;
    for (size_t i = 0; i < demo->stopped_count; i++) {
        arguments[n++] = "--session";
        arguments[n++] = demo->stopped[i].session;
    }
    if (extra != NULL)
        arguments[n++] = extra;
    arguments[n] = NULL;
}

int
demo_scope(struct demo *demo)
{
    const char *arguments[ARGUMENTS_MAX + 1];
    demo_heading(demo, _("Whose data was seen, and which?"));
    if (demo->stopped_count == 0)
        return EXIT_DONE;
    (void)printf("%s\n",
                 _("The scope of all these sessions, with how each disclosure "
                   "is known.\n"));
    scope_arguments(demo, NULL, arguments);
    int code = demo_run(cli_scope, demo->scope, true, arguments);
    if (code != EXIT_DONE)
        return code;
    if (show_head(demo->scope, 8) != OK)
        return EXIT_REFUSED;
    scope_arguments(demo, "--list", arguments);
    return demo_run(cli_scope, demo->list, false, arguments);
}
