/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie checkpoint: signs what the ledger is now; the note goes to stdout, to
 * be kept where the machine's root cannot reach it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/say.h"
#include "cli/cli.h"
#include "cli/options_read.h"
#include "ledger/checkpoints.h"
#include "ledger/keys.h"
#include "ledger/note_check.h"

struct options {
    const char *data_dir, *keys_dir;
    bool json, vkey;
};

static void
usage(void)
{
    (void)puts(_(
        "Usage: vigie checkpoint --data DIR [--vkey | --json]\n"
        "\n"
        "Signs the root over all rows so far and prints the checkpoint (C2SP\n"
        "tlog-checkpoint). Keep it outside this machine: nobody can then "
        "change\n"
        "what it covers unseen. While vigie run is at work, which makes them\n"
        "itself, the last one is printed.\n"
        "\n"
        "  --vkey      prints the verifier key instead: what others check "
        "with\n"
        "  --json      one object\n"
        "  --keys DIR  where the keys are"));
}

static bool
take_option(void *context, int option)
{
    struct options *options = context;

    switch (option) {
    case 'd':
        options->data_dir = optarg;
        return true;
    case 'k':
        options->keys_dir = optarg;
        return true;
    case 'j':
        options->json = true;
        return true;
    case 'v':
        options->vkey = true;
        return true;
    default:
        return false;
    }
}

static bool
parse(int argc, char **argv, struct options *options, int *ret_exit)
{
    static const struct option known[] = {
        {"data", required_argument, NULL, 'd'},
        {"keys", required_argument, NULL, 'k'},
        {"json", no_argument, NULL, 'j'},
        {"vkey", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    const struct options_reader reader = {"checkpoint", known, usage,
                                          take_option, options};

    if (!options_read(&reader, argc, argv, ret_exit))
        return false;
    if (options->data_dir == NULL || optind < argc) {
        say_error("checkpoint", "%s",
                  _("--data DIR is needed, and nothing else"));
        return false;
    }
    return true;
}

static enum result
print_json(struct text text, struct buffer *out)
{
    struct note note;
    struct checkpoint checkpoint;
    char hex[2 * HASH_BYTES + 1];
    enum result result = note_parse(text, NULL, &note);

    if (result == OK)
        result = checkpoint_parse(note.text, NULL, &checkpoint);
    if (result != OK)
        return result;
    hash_hex(checkpoint.root, HASH_BYTES, hex);
    result = buffer_format(out,
                           "{\"kind\":\"checkpoint\",\"size\":%" PRIu64
                           ",\"root\":\"%s\",\"origin\":",
                           checkpoint.size, hex);
    if (result == OK)
        result = buffer_json_string(out, checkpoint.origin);
    if (result == OK)
        result = buffer_string(out, ",\"note\":");
    if (result == OK)
        result = buffer_json_string(out, text);
    return result == OK ? buffer_string(out, "}\n") : result;
}

/* Another process has the folder: what it made last. */
static enum result
load_latest(const struct options *options, struct buffer *latest)
{
    char path[4096];
    int length = snprintf(path, sizeof(path), "%s/checkpoints/latest",
                          options->data_dir);

    return length > 0 && (size_t)length < sizeof(path)
               ? file_load(path, NOTE_BYTES_MAX, latest)
               : E_LIMIT;
}

static enum result
make(const struct options *options, const char *keys_dir, struct reason *why,
     struct buffer *note, struct buffer *vkey)
{
    struct ledger *ledger = NULL;
    struct checkpoints *checkpoints = NULL;
    uint64_t size = 0;
    bool made = false;
    enum result result =
        ledger_open(options->data_dir, LEDGER_READ, why, NULL, &ledger);

    if (result == OK)
        result = checkpoints_open(options->data_dir, keys_dir, ledger, true,
                                  why, &checkpoints);
    if (result == E_DENIED && !options->vkey)
        result = load_latest(options, note);
    if (result == OK && checkpoints != NULL && !options->vkey) {
        result = checkpoints_make(checkpoints, why, &made);
        if (result == OK)
            result = buffer_text(note, checkpoints_latest(checkpoints, &size));
    }
    if (result == OK && checkpoints != NULL)
        result = checkpoints_key(checkpoints, vkey);
    checkpoints_free(checkpoints);
    ledger_free(ledger);
    return result;
}

static enum result
print(const struct options *options, const struct buffer *note,
      const struct buffer *vkey)
{
    struct buffer out = {0};
    enum result result;

    if (options->vkey)
        result = buffer_format(&out, "%.*s\n", (int)vkey->length, vkey->bytes);
    else if (options->json)
        result = print_json(buffer_as_text(note), &out);
    else
        result = buffer_text(&out, buffer_as_text(note));
    if (result == OK &&
        (fwrite(out.bytes, 1, out.length, stdout) != out.length ||
         fflush(stdout) != 0))
        result = E_IO;
    buffer_free(&out);
    return result;
}

int
cli_checkpoint(int argc, char **argv)
{
    struct options options = {0};
    struct buffer keys_dir = {0}, note = {0}, vkey = {0};
    struct reason why = {0};
    enum result result = OK;
    int code;

    if (!parse(argc, argv, &options, &code))
        return code;
    if (options.keys_dir == NULL)
        result = keys_default_dir(options.data_dir, &keys_dir);
    if (result == OK)
        result =
            make(&options,
                 options.keys_dir != NULL ? options.keys_dir : keys_dir.bytes,
                 &why, &note, &vkey);
    if (result == OK && !options.vkey && note.length == 0) {
        say_error(options.data_dir, "%s", _("the ledger has no rows yet"));
        code = EXIT_REFUSED;
    } else {
        if (result == OK)
            result = print(&options, &note, &vkey);
        if (result != OK)
            say_error(options.data_dir, "%s: %s %s",
                      _("no checkpoint was signed"), _(result_name(result)),
                      why.rule == NULL ? "" : why.rule);
        code = result == OK ? EXIT_DONE : EXIT_REFUSED;
    }
    buffer_free(&keys_dir);
    buffer_free(&note);
    buffer_free(&vkey);
    return code;
}
