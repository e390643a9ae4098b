/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie label: a response's body, judged. Syntax for now is all that is
 * looked at; the persons in it are the door's matter.
 */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/say.h"
#include "cli/cli.h"
#include "cli/replay_print.h"
#include "codec/json.h"

#define READ_BYTES 65536

static void
usage(FILE *out)
{
    (void)fputs(
        _("Usage: vigie label [--type json] [--json] FILE…\n"
          "\n"
          "Checks that each FILE (- is standard input) is one JSON text by "
          "RFC 8259.\n"
          "Which persons it discloses is not told yet: that comes with the "
          "door.\n"
          "Exit code 0: all accepted; 2: one was refused, or could not be "
          "read.\n"
          "\n"
          "  --type json   the only type there is\n"
          "  --json        a refusal is a JSON object on standard error\n"),
        out);
}

static enum result
load_input(struct buffer *body)
{
    enum result result = OK;
    size_t length = 1;

    while (result == OK && length > 0) {
        result = buffer_reserve(body, READ_BYTES);
        if (result == OK)
            result =
                file_read(0, body->bytes + body->length, READ_BYTES, &length);
        if (result == OK)
            body->length += length;
    }
    return result;
}

/* False where the file was refused or could not be read. */
static bool
label_file(const char *name, bool json)
{
    struct replay_print line = {.json = true}; /* as replay's refusals */
    struct buffer body = {0};
    struct reason why = {0};
    enum result result = strcmp(name, "-") == 0
                             ? load_input(&body)
                             : file_load(name, BUFFER_BYTES_MAX, &body);

    if (result == E_LIMIT)
        (void)reason_set(&why, result, "body-bytes-max", "", BUFFER_BYTES_MAX);
    if (result == OK)
        result = json_check(buffer_as_text(&body), &why);
    if (result != OK && why.rule == NULL)
        say_error(name, "%s (%s)", _("cannot be read"), result_name(result));
    else if (result != OK && json)
        replay_refused(&line, name, &why);
    else if (result != OK)
        say_error(name, _("%s at offset %llu"), why.rule,
                  (unsigned long long)why.offset);
    buffer_free(&body);
    return result == OK;
}

/* Takes the options out; the number of files left, -1 where wrongly used. */
static int
take_options(int argc, char **argv, bool *json, bool *help)
{
    int kept = 0;
    bool options = true;

    for (int i = 1; i < argc; i++) {
        const char *type = NULL;
        if (!options || argv[i][0] != '-' || strcmp(argv[i], "-") == 0) {
            argv[kept++] = argv[i];
        } else if (strcmp(argv[i], "--") == 0) {
            options = false;
        } else if (strcmp(argv[i], "--help") == 0) {
            *help = true;
        } else if (strcmp(argv[i], "--json") == 0) {
            *json = true;
        } else if (strcmp(argv[i], "--type") == 0 && i + 1 < argc) {
            type = argv[++i];
        } else if (strncmp(argv[i], "--type=", 7) == 0) {
            type = argv[i] + 7;
        } else {
            say_error("label", _("%s is no option of it"), argv[i]);
            return -1;
        }
        if (type != NULL && strcmp(type, "json") != 0) {
            say_error("label", _("the type %s is not known; json is"), type);
            return -1;
        }
    }
    return kept;
}

int
cli_label(int argc, char **argv)
{
    bool json = false, help = false, accepted = true;
    int count = take_options(argc, argv, &json, &help);

    if (help) {
        usage(stdout);
        return EXIT_DONE;
    }
    if (count < 1) {
        if (count == 0)
            usage(stderr);
        return EXIT_REFUSED;
    }
    for (int i = 0; i < count; i++)
        accepted = label_file(argv[i], json) && accepted;
    return accepted ? EXIT_DONE : EXIT_REFUSED;
}
