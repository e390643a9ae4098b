/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie prove: that a row is under a checkpoint, or that one checkpoint goes
 * on from another, as a file that anybody can check. What it prints it has
 * checked.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/say.h"
#include "cli/cli.h"
#include "cli/key_files.h"
#include "cli/options_read.h"
#include "cli/query_options.h"
#include "cli/query_person.h"
#include "ledger/proof_check.h"
#include "ledger/proof_write.h"
#include "ledger/prover.h"

/* One person in one session: a day's work has some dozens. */
#define PROVE_ROWS_MAX 10000

struct options {
    struct query query; /* the names of --person and --session */
    const char *session[1];
    const char *row, *checkpoint;
    const char *files[2];
    bool consistency, json;
};

struct prove {
    const struct options *options;
    struct ledger *ledger;
    struct given_checkpoint under;
    struct id_list persons;
    uint64_t *rows;
    size_t count;
    struct buffer proof, out;
};

static void
usage(void)
{
    (void)puts(_(
        "Usage: vigie prove --data DIR --row N\n"
        "       vigie prove --data DIR --person PERSON --session S\n"
        "       vigie prove --data DIR --checkpoints OLD NEW\n"
        "\n"
        "Prints a row and the proof that it is under a checkpoint (C2SP\n"
        "tlog-proof), or that the rows of one checkpoint are the first rows "
        "of\n"
        "another. vigie verify checks it, without this machine.\n"
        "\n"
        "  --row N            the row of that number, from 0\n"
        "  --person PERSON    with --session: each row that shows that person\n"
        "  --session S        to that session\n"
        "  --checkpoint FILE  under that one (else the last one made here)\n"
        "  --checkpoints      two files: an older and a newer checkpoint\n"
        "  --service NAME     the space of a relative reference\n"
        "  --keys DIR         where the keys are (--person)\n"
        "  --json             one object a line for each proof, its text in "
        "it"));
}

static bool
take_option(void *context, int option)
{
    struct options *options = context;
    struct query *query = &options->query;

    switch (option) {
    case 'd':
        query->data_dir = optarg;
        return true;
    case 'k':
        query->keys_dir = optarg;
        return true;
    case 'r':
        options->row = optarg;
        return true;
    case 'p':
        query->argument = optarg;
        return true;
    case 's':
        options->session[0] = optarg;
        return true;
    case 'v':
        query->services.items =
            realloc(query->services.items, sizeof(*query->services.items));
        if (query->services.items == NULL) {
            say_error("prove", "%s", _(result_name(E_NOMEM)));
            return false;
        }
        query->services.items[0] = optarg;
        query->services.count = 1;
        return true;
    case 'c':
        options->checkpoint = optarg;
        return true;
    case 'C':
        options->consistency = true;
        return true;
    case 'j':
        options->json = true;
        return true;
    default:
        return false;
    }
}

static bool
makes_sense(struct options *options, int left, char **rest)
{
    const bool person =
        options->query.argument != NULL || options->session[0] != NULL;
    const int asked = (options->row != NULL) + person + options->consistency;

    if (options->query.data_dir == NULL || asked != 1 ||
        (person &&
         (options->query.argument == NULL || options->session[0] == NULL)))
        return false;
    if (left != (options->consistency ? 2 : 0))
        return false;
    for (int i = 0; i < left; i++)
        options->files[i] = rest[i];
    return true;
}

/* True where the command is to go on; else *ret_exit. */
static bool
parse(int argc, char **argv, struct options *options, int *ret_exit)
{
    static const struct option known[] = {
        {"data", required_argument, NULL, 'd'},
        {"keys", required_argument, NULL, 'k'},
        {"row", required_argument, NULL, 'r'},
        {"person", required_argument, NULL, 'p'},
        {"session", required_argument, NULL, 's'},
        {"service", required_argument, NULL, 'v'},
        {"checkpoint", required_argument, NULL, 'c'},
        {"checkpoints", no_argument, NULL, 'C'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    const struct options_reader reader = {"prove", known, usage, take_option,
                                          options};

    if (!options_read(&reader, argc, argv, ret_exit))
        return false;
    if (makes_sense(options, argc - optind, argv + optind))
        return true;
    say_error("prove", "%s",
              _("--data DIR is needed, and either --row N, or --person and "
                "--session, or --checkpoints OLD NEW"));
    return false;
}

static enum result
open_ledger(const char *data_dir, struct ledger **ret_ledger)
{
    struct reason why = {0};
    enum result result =
        ledger_open(data_dir, LEDGER_READ, &why, NULL, ret_ledger);

    if (result == E_NOTFOUND)
        say_error(data_dir, "%s", _("there is no ledger here"));
    else if (result != OK)
        say_error(data_dir, "%s (%s %s)", _("the ledger cannot be opened"),
                  _(result_name(result)), why.rule == NULL ? "" : why.rule);
    return result;
}

static enum result
load_under(struct prove *prove)
{
    const char *data_dir = prove->options->query.data_dir;
    const char *given = prove->options->checkpoint;
    static char path[4096];

    if (given == NULL) {
        if (snprintf(path, sizeof(path), "%s/checkpoints/latest", data_dir) >=
            (int)sizeof(path))
            return E_LIMIT;
        given = path;
    }
    return key_files_checkpoint("prove", given, NULL, &prove->under);
}

/* The proof as it is, or in an object: `kind`, the number under `name` (a
 * row, or the size of the older checkpoint), the checkpoint's size, the text
 * that vigie verify takes. */
static enum result
put_proof(struct prove *prove, const char *kind, const char *name,
          uint64_t number, uint64_t size)
{
    const struct text proof = buffer_as_text(&prove->proof);
    enum result result;

    if (!prove->options->json)
        return buffer_text(&prove->out, proof);
    result = buffer_format(&prove->out,
                           "{\"kind\":\"%s\",\"%s\":%" PRIu64
                           ",\"size\":%" PRIu64 ",\"proof\":",
                           kind, name, number, size);
    if (result == OK)
        result = buffer_json_string(&prove->out, proof);
    return result == OK ? buffer_string(&prove->out, "}\n") : result;
}

/* The kept tree may be wrong; what is computed anew is not. */
static enum result
prove_row(struct prove *prove, bool kept, uint64_t number,
          struct proof *ret_proof, struct row *ret_row)
{
    const struct checkpoint *checkpoint = &prove->under.checkpoint;
    struct prover *prover = NULL;
    uint8_t bytes[ROW_BYTES], leaf[HASH_BYTES];
    enum result result = prover_new(prove->options->query.data_dir,
                                    prove->ledger, kept, &prover);

    if (result == OK)
        result = prove_inclusion(prover, number, checkpoint->size, ret_proof);
    if (result == OK)
        result = ledger_read(prove->ledger, number, 1, ret_row);
    if (result == OK) {
        row_encode(ret_row, bytes);
        result = proof_check_leaf(bytes, ROW_BYTES, leaf);
    }
    if (result == OK)
        result = proof_check_inclusion(number, checkpoint->size, leaf,
                                       ret_proof->hash[0], ret_proof->count,
                                       checkpoint->root);
    prover_free(prover);
    return result;
}

static enum result
write_row(struct prove *prove, uint64_t number)
{
    struct proof proof;
    struct row row;
    enum result result;

    if (number >= prove->under.checkpoint.size) {
        say_error("prove", "%s",
                  _("that row is behind the last checkpoint (vigie checkpoint "
                    "makes one)"));
        return E_NOTFOUND;
    }
    result = prove_row(prove, true, number, &proof, &row);
    if (result == E_CORRUPT)
        result = prove_row(prove, false, number, &proof, &row);
    if (result == OK) {
        buffer_clear(&prove->proof);
        result = proof_write_inclusion(number, &row, &proof,
                                       buffer_as_text(&prove->under.text),
                                       &prove->proof);
        return result == OK ? put_proof(prove, "inclusion", "row", number,
                                        prove->under.checkpoint.size)
                            : result;
    }
    if (result == E_CORRUPT || result == E_ARGUMENT)
        say_error("prove", "%s",
                  _("the checkpoint is not of this ledger as it is now (vigie "
                    "verify says more)"));
    else
        say_error("prove", "%s", _(result_name(result)));
    return result;
}

static enum result
note_row(void *context, uint64_t number, const struct row *row)
{
    struct prove *prove = context;
    bool named = false;

    for (size_t i = 0; i < prove->persons.count; i++)
        named = named || prove->persons.ids[i] == row->person;
    if (!named || row->kind != ROW_DISCLOSURE)
        return OK;
    if (prove->count == PROVE_ROWS_MAX)
        return E_LIMIT;
    prove->rows[prove->count++] = number;
    return OK;
}

static enum result
find_rows(struct prove *prove, struct query *query,
          const struct query_values *sessions)
{
    struct id_list ids = {0}, members = {0};
    enum result result = query_open(query);

    if (result == OK)
        result = query_person(query, &prove->persons);
    if (result == OK)
        result = query_names(query, ALIAS_SESSION, sessions, &ids);
    for (size_t i = 0; i < ids.count && result == OK; i++) {
        result = query_members(query->lookup, ids.ids[i], &members);
        for (size_t j = 0; j < members.count && result == OK; j++)
            result = ledger_find(query->ledger, LEDGER_BY_SESSION,
                                 members.ids[j], note_row, prove);
    }
    id_list_free(&ids);
    id_list_free(&members);
    if (result == OK && prove->count == 0) {
        say_error("prove", "%s",
                  _("no access of that session shows that person"));
        return E_NOTFOUND;
    }
    if (result == E_LIMIT)
        say_error("prove", "%s", _("too many rows: name them by --row"));
    return result;
}

static enum result
prove_rows(struct prove *prove, struct options *options)
{
    const struct query_values sessions = {options->session, 1};
    enum result result = load_under(prove);

    if (result == OK && options->row != NULL) {
        result = text_to_u64(text_of(options->row), INT64_MAX, prove->rows);
        prove->count = 1;
        if (result != OK)
            say_error("prove", "%s", _("--row takes a number"));
        if (result == OK)
            result = open_ledger(options->query.data_dir, &prove->ledger);
    } else if (result == OK) {
        options->query.command = "prove";
        result = find_rows(prove, &options->query, &sessions);
        prove->ledger = options->query.ledger;
    }
    for (size_t i = 0; i < prove->count && result == OK; i++)
        result = write_row(prove, prove->rows[i]);
    if (options->row == NULL)
        prove->ledger = NULL; /* the query's */
    return result;
}

static enum result
consistency(struct prove *prove, bool kept, const struct checkpoint *old,
            const struct checkpoint *new, struct proof *ret_proof)
{
    struct prover *prover = NULL;
    enum result result = prover_new(prove->options->query.data_dir,
                                    prove->ledger, kept, &prover);

    if (result == OK)
        result = prove_consistency(prover, old->size, new->size, ret_proof);
    if (result == OK)
        result =
            proof_check_consistency(old->size, new->size, old->root, new->root,
                                    ret_proof->hash[0], ret_proof->count);
    prover_free(prover);
    return result;
}

static enum result
prove_checkpoints(struct prove *prove, const struct options *options)
{
    struct given_checkpoint given[2] = {0};
    struct proof proof;
    enum result result = OK;

    for (size_t i = 0; i < 2 && result == OK; i++)
        result =
            key_files_checkpoint("prove", options->files[i], NULL, &given[i]);
    if (result == OK)
        result = open_ledger(options->query.data_dir, &prove->ledger);
    if (result != OK)
        goto out;
    result = consistency(prove, true, &given[0].checkpoint,
                         &given[1].checkpoint, &proof);
    if (result == E_CORRUPT)
        result = consistency(prove, false, &given[0].checkpoint,
                             &given[1].checkpoint, &proof);
    if (result == OK)
        result = proof_write_consistency(
            buffer_as_text(&given[0].text), given[0].checkpoint.size, &proof,
            buffer_as_text(&given[1].text), &prove->proof);
    else
        say_error("prove", "%s",
                  result == E_CORRUPT || result == E_ARGUMENT
                      ? _("these are not two checkpoints of this ledger, the "
                          "older one first")
                      : _(result_name(result)));
    if (result == OK)
        result = put_proof(prove, "consistency", "old",
                           given[0].checkpoint.size, given[1].checkpoint.size);
out:
    buffer_free(&given[0].text);
    buffer_free(&given[1].text);
    return result;
}

int
cli_prove(int argc, char **argv)
{
    struct options options = {0};
    struct prove prove = {.options = &options};
    enum result result;
    int code;

    if (!parse(argc, argv, &options, &code)) {
        free(options.query.services.items);
        return code;
    }
    prove.rows = malloc(PROVE_ROWS_MAX * sizeof(*prove.rows));
    if (prove.rows == NULL)
        result = E_NOMEM;
    else
        result = options.consistency ? prove_checkpoints(&prove, &options)
                                     : prove_rows(&prove, &options);
    if (result == OK && (fwrite(prove.out.bytes, 1, prove.out.length, stdout) !=
                             prove.out.length ||
                         fflush(stdout) != 0))
        result = E_IO;
    if (prove.ledger != NULL)
        ledger_free(prove.ledger);
    query_free(&options.query);
    buffer_free(&prove.under.text);
    buffer_free(&prove.proof);
    buffer_free(&prove.out);
    id_list_free(&prove.persons);
    free(prove.rows);
    return result == OK ? EXIT_DONE : EXIT_REFUSED;
}
