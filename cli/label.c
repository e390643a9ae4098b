/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie label: what the body of a response discloses, as the door would say
 * it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/say.h"
#include "cli/cli.h"
#include "cli/label_people.h"
#include "codec/json.h"
#include "model/category.h"

#define PIECE_BYTES 65536u

enum form {
    FORM_BY_NAME,
    FORM_FHIR,
    FORM_LINES,
    FORM_JSON,
    FORM_OPAQUE,
};

struct options {
    enum form form;
    bool json, help, several;
    const char *rules_file;
    struct label_rules *rules;
    struct label *label;
};

static void
usage(FILE *out)
{
    (void)fputs(
        _("Usage: vigie label [OPTION]… FILE…\n"
          "\n"
          "Says which persons the body of a response (FILE; - is standard "
          "input)\n"
          "discloses, and which categories of their data.\n"
          "Exit code 0: all labelled; 2: one was refused, reached a limit, or "
          "could\n"
          "not be read.\n"
          "\n"
          "  --type fhir     FHIR R4 in JSON (unless the name ends in "
          ".ndjson)\n"
          "  --type ndjson   one resource a line\n"
          "  --type json     other JSON: persons by --rules; without them "
          "only the\n"
          "                  grammar is checked\n"
          "  --type xml, --type html\n"
          "                  not read: one unnamed person, unclassified\n"
          "  --rules FILE    paths of persons and categories in other JSON\n"
          "  --json          one JSON object a person; refusals on standard "
          "error\n"),
        out);
}

/* -- bytes -- */

static enum result
load_input(struct buffer *body)
{
    enum result result = OK;
    size_t length = 1;

    while (result == OK && length > 0) {
        result = buffer_reserve(body, PIECE_BYTES);
        if (result == OK)
            result =
                file_read(0, body->bytes + body->length, PIECE_BYTES, &length);
        if (result == OK)
            body->length += length;
    }
    return result;
}

/* -- saying -- */

static void
refuse_json(const char *name, const char *kind, const struct reason *why)
{
    struct buffer line = {0};
    enum result result =
        buffer_format(&line, "{\"kind\":\"%s\",\"file\":", kind);

    if (result == OK)
        result = buffer_json_string(&line, text_of(name));
    if (result == OK)
        result = buffer_format(&line, ",\"offset\":%llu,\"rule\":\"%s\",",
                               (unsigned long long)why->offset, why->rule);
    if (result == OK)
        result = buffer_string(&line, "\"field\":");
    if (result == OK)
        result = buffer_json_string(&line, text_of(why->field));
    if (result == OK)
        (void)fprintf(stderr, "%.*s}\n", (int)line.length, line.bytes);
    buffer_free(&line);
}

/* What is not JSON is refused; what is, and passed a limit, has no label. */
static void
refuse(const char *name, bool json, const struct reason *why)
{
    const bool limit = strncmp(why->rule, "label-", 6) == 0;

    if (json)
        refuse_json(name, limit ? "unlabelled" : "refused", why);
    else if (limit)
        say_error(name, _("not labelled: %s at offset %llu"), why->rule,
                  (unsigned long long)why->offset);
    else
        say_error(name, _("%s at offset %llu"), why->rule,
                  (unsigned long long)why->offset);
}

/* -- labelling -- */

static enum result
label_body(struct options *options, enum label_body form, struct text body,
           struct label_people *people, struct reason *why)
{
    const struct label_sink sink = {people, label_people_add,
                                    label_people_join};
    struct label *label = options->label;
    enum result result = OK;

    label_begin(label, form, options->rules);
    for (size_t at = 0; result == OK && at < body.length; at += PIECE_BYTES) {
        const size_t left = body.length - at;

        result = label_feed(label, body.bytes + at,
                            left < PIECE_BYTES ? left : PIECE_BYTES);
        if (result == OK && label_pressed(label))
            result = label_window(label, LABEL_SETTLED, &sink);
    }
    if (result == OK)
        result = label_end(label);
    *why = *label_reason(label);
    return result == OK ? label_window(label, LABEL_ALL, &sink) : result;
}

static enum result
label_text(struct options *options, const char *name, struct text body,
           struct label_people *people, struct reason *why)
{
    const struct label_person opaque = {.categories = CATEGORY_MEDICAL |
                                                      CATEGORY_UNCLASSIFIED};
    enum form form = options->form;

    if (form == FORM_BY_NAME)
        form = text_ends(text_of(name), ".ndjson") ? FORM_LINES : FORM_FHIR;
    switch (form) {
    case FORM_OPAQUE:
        return label_people_add(people, &opaque);
    case FORM_JSON:
        return options->rules == NULL
                   ? json_check(body, why)
                   : label_body(options, LABEL_JSON, body, people, why);
    case FORM_LINES:
        return label_body(options, LABEL_FHIR_LINES, body, people, why);
    default:
        return label_body(options, LABEL_FHIR, body, people, why);
    }
}

/* False where the file was refused or could not be read. */
static bool
label_file(struct options *options, const char *name)
{
    struct label_people *people = NULL;
    struct buffer body = {0};
    struct reason why = {0};
    enum result result = strcmp(name, "-") == 0
                             ? load_input(&body)
                             : file_load(name, BUFFER_BYTES_MAX, &body);

    if (result == E_LIMIT)
        (void)reason_set(&why, result, "body-bytes-max", "", BUFFER_BYTES_MAX);
    if (result == OK)
        result = label_people_new(&people);
    if (result == OK)
        result = label_text(options, name, buffer_as_text(&body), people, &why);
    if (result != OK && why.rule == NULL)
        say_error(name, "%s (%s)", _("cannot be read"), result_name(result));
    else if (result != OK)
        refuse(name, options->json, &why);
    if (result == OK && !options->json && options->several)
        (void)printf("%s\n", name);
    if (result == OK)
        result = label_people_print(people, options->json,
                                    options->several ? name : NULL);
    label_people_free(people);
    buffer_free(&body);
    return result == OK;
}

/* -- options -- */

static bool
take_form(const char *word, enum form *form)
{
    static const struct {
        const char *word;
        enum form form;
    } forms[] = {
        {"fhir", FORM_FHIR},  {"ndjson", FORM_LINES}, {"json", FORM_JSON},
        {"xml", FORM_OPAQUE}, {"html", FORM_OPAQUE},
    };

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (strcmp(word, forms[i].word) == 0) {
            *form = forms[i].form;
            return true;
        }
    }
    say_error("label",
              _("the type %s is not known; fhir, ndjson, json, xml, html are"),
              word);
    return false;
}

/* The value of `--name VALUE` or `--name=VALUE`; NULL: it is another. */
static const char *
option_value(const char *option, int argc, char **argv, int *i)
{
    const size_t length = strlen(option);
    const char *word = argv[*i];

    if (word == NULL || strncmp(word, option, length) != 0)
        return NULL;
    if (word[length] == '=')
        return word + length + 1;
    return word[length] == '\0' && *i + 1 < argc ? argv[++*i] : NULL;
}

/* Takes the options out; the number of files left, -1 where wrongly used. */
static int
take_options(int argc, char **argv, struct options *ret_options)
{
    int kept = 0;
    bool options = true;

    for (int i = 1; i < argc; i++) {
        const char *value;
        if (!options || argv[i][0] != '-' || strcmp(argv[i], "-") == 0) {
            argv[kept++] = argv[i];
        } else if (strcmp(argv[i], "--") == 0) {
            options = false;
        } else if (strcmp(argv[i], "--help") == 0) {
            ret_options->help = true;
        } else if (strcmp(argv[i], "--json") == 0) {
            ret_options->json = true;
        } else if ((value = option_value("--type", argc, argv, &i)) != NULL) {
            if (!take_form(value, &ret_options->form))
                return -1;
        } else if ((value = option_value("--rules", argc, argv, &i)) != NULL) {
            ret_options->rules_file = value;
        } else {
            say_error("label", _("%s is no option of it"), argv[i]);
            return -1;
        }
    }
    return kept;
}

static bool
load_rules(struct options *options)
{
    struct buffer text = {0};
    struct reason why = {0};
    enum result result;

    if (options->rules_file == NULL)
        return true;
    options->rules = calloc(1, sizeof(*options->rules));
    result = options->rules == NULL
                 ? E_NOMEM
                 : file_load(options->rules_file, CONF_BYTES_MAX, &text);
    if (result == OK)
        result = label_rules_parse(buffer_as_text(&text), &why, options->rules);
    if (result != OK && why.rule != NULL)
        say_error(options->rules_file, _("line %llu, at %s (%s)"),
                  (unsigned long long)why.offset, why.field, why.rule);
    else if (result != OK)
        say_error(options->rules_file, _("cannot be read: %s"),
                  _(result_name(result)));
    buffer_free(&text);
    return result == OK;
}

int
cli_label(int argc, char **argv)
{
    struct options options = {0};
    bool accepted, ready;
    int count = take_options(argc, argv, &options);

    if (options.help) {
        usage(stdout);
        return EXIT_DONE;
    }
    if (count < 1) {
        if (count == 0)
            usage(stderr);
        return EXIT_REFUSED;
    }
    options.several = count > 1;
    options.label = aligned_alloc(64, label_bytes());
    if (options.label != NULL)
        label_prepare(options.label);
    ready = options.label != NULL && load_rules(&options);
    if (options.label == NULL)
        say_error("label", "%s", _(result_name(E_NOMEM)));
    accepted = ready;
    for (int i = 0; i < count && ready; i++)
        accepted = label_file(&options, argv[i]) && accepted;
    free(options.rules);
    free(options.label);
    return accepted ? EXIT_DONE : EXIT_REFUSED;
}
