/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie hold: what retention must not touch. For data that no core serves.
 */
#include "core/holds.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/say.h"
#include "base/time.h"
#include "cli/cli.h"
#include "cli/query_options.h"
#include "cli/secrecy_data.h"
#include "core/person_find.h"
#include "core/secrecy_reason.h"
#include "scope/step.h"

#define COMMAND "hold"

enum option_code {
    OPTION_DATA = 256,
    OPTION_KEYS,
    OPTION_FROM,
    OPTION_TO,
    OPTION_SESSION,
    OPTION_PROFESSIONAL,
    OPTION_PERSON,
    OPTION_ADDRESS,
    OPTION_REASON,
};

static const struct option options[] = {
    {"data", required_argument, NULL, OPTION_DATA},
    {"keys", required_argument, NULL, OPTION_KEYS},
    {"from", required_argument, NULL, OPTION_FROM},
    {"to", required_argument, NULL, OPTION_TO},
    {"session", required_argument, NULL, OPTION_SESSION},
    {"professional", required_argument, NULL, OPTION_PROFESSIONAL},
    {"person", required_argument, NULL, OPTION_PERSON},
    {"address", required_argument, NULL, OPTION_ADDRESS},
    {"reason", required_argument, NULL, OPTION_REASON},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct hold_run {
    const char *data, *keys, *reason, *name;
    struct hold hold;
};

static void
usage(void)
{
    (void)puts(
        _("Usage: vigie hold add --data DIR [--from T] [--to T] [--session S "
          "| …] --reason R\n"
          "       vigie hold list --data DIR\n"
          "       vigie hold end --data DIR ID --reason R\n"
          "\n"
          "Names of rows under a hold stay, however old (vigie retain): for an "
          "open incident,\n"
          "a complaint, a court. Each one added or ended is a row.\n"
          "\n"
          "  --from T, --to T   event time; --to is not included\n"
          "  --session S, --professional P, --person P, --address A\n"
          "                     one of them, or everybody in these times\n"
          "  --reason R         why\n"
          "  --keys DIR         where the keys are"));
}

static int
refuse(const char *why)
{
    say_error(COMMAND, "%s", why);
    return EXIT_REFUSED;
}

static int
set_target(struct hold_run *run, enum alias_kind kind, const char *name)
{
    if (run->name != NULL)
        return refuse(_("one of session, account, person, address"));
    run->name = name;
    run->hold.kind = kind;
    return -1;
}

static int
take_option(struct hold_run *run, int code, const char *value)
{
    switch (code) {
    case OPTION_DATA:
        run->data = value;
        return -1;
    case OPTION_KEYS:
        run->keys = value;
        return -1;
    case OPTION_REASON:
        run->reason = value;
        return -1;
    case OPTION_FROM:
        return query_time(value, &run->hold.from_us) == OK
                   ? -1
                   : refuse(_("--from: no time that can be read"));
    case OPTION_TO:
        return query_time(value, &run->hold.to_us) == OK
                   ? -1
                   : refuse(_("--to: no time that can be read"));
    case OPTION_SESSION:
        return set_target(run, ALIAS_SESSION, value);
    case OPTION_PROFESSIONAL:
        return set_target(run, ALIAS_PROFESSIONAL, value);
    case OPTION_PERSON:
        return set_target(run, ALIAS_PERSON, value);
    case OPTION_ADDRESS:
        return set_target(run, ALIAS_ADDRESS, value);
    case 'h':
        usage();
        return EXIT_DONE;
    default:
        return refuse(_("unknown option, or one without its value (--help "
                        "lists them)"));
    }
}

static enum result
find_target(struct hold_run *run, struct lookup *lookup)
{
    struct alias alias = {0};
    enum result result;

    if (run->name == NULL)
        return OK;
    if (run->hold.kind == ALIAS_PERSON)
        return person_find(lookup, text_of(run->name), TEXT(""), &run->hold.id);
    result = lookup_find(lookup, (enum alias_kind)run->hold.kind,
                         text_of(run->name), &alias);
    run->hold.id = alias.canonical;
    return result;
}

static enum result
print_hold(struct lookup *lookup, const struct hold *hold)
{
    static const char *const kinds[] = {
        [ALIAS_PROFESSIONAL] = "professional",
        [ALIAS_PERSON] = "person",
        [ALIAS_SESSION] = "session",
        [ALIAS_ADDRESS] = "address",
    };
    struct buffer line = {0}, reason = {0};
    char time[TIME_TEXT_BYTES];
    enum result result = buffer_format(
        &line,
        "{\"kind\":\"hold\",\"id\":\"%016" PRIx64 "\",\"uid\":%" PRIu32
        ",\"since\":\"%s\"",
        hold->number, hold->uid, time_format_utc(hold->since_us, time));

    if (hold->from_us != INT64_MIN)
        STEP(buffer_format(&line, ",\"from\":\"%s\"",
                           time_format_utc(hold->from_us, time)));
    if (hold->to_us != INT64_MAX)
        STEP(buffer_format(&line, ",\"to\":\"%s\"",
                           time_format_utc(hold->to_us, time)));
    if (hold->id != 0 && hold->kind <= ALIAS_ADDRESS)
        STEP(buffer_format(&line, ",\"of\":\"%s\"", kinds[hold->kind]));
    STEP(secrecy_reason_get(lookup, hold->number, &reason));
    STEP(buffer_string(&line, ",\"reason\":"));
    STEP(buffer_json_string(&line, buffer_as_text(&reason)));
    STEP(buffer_byte(&line, '}'));
    if (result == OK)
        (void)printf("%.*s\n", (int)line.length, line.bytes);
    buffer_free(&line);
    buffer_free(&reason);
    return result;
}

static enum result
list(struct lookup *lookup)
{
    struct hold holds[HOLDS_MAX];
    size_t count = 0;
    enum result result = holds_list(lookup, holds, &count);

    for (size_t i = 0; i < count && result == OK; i++)
        result = print_hold(lookup, &holds[i]);
    return result;
}

static enum result
act(struct hold_run *run, const char *word, const char *number,
    struct secrecy_data *data)
{
    struct erasing erasing;
    struct text reason = run->reason == NULL ? TEXT("") : text_of(run->reason);
    enum result result = OK;

    secrecy_data_erasing(data, &erasing);
    run->hold.uid = (uint32_t)getuid();
    if (strcmp(word, "list") == 0)
        return list(data->lookup);
    if (strcmp(word, "end") == 0)
        return holds_end(&erasing, strtoull(number, NULL, 16), run->hold.uid,
                         reason);
    result = find_target(run, data->lookup);
    STEP(holds_add(&erasing, &run->hold, reason));
    STEP(print_hold(data->lookup, &run->hold));
    return result;
}

static int
run_hold(struct hold_run *run, const char *word, const char *number)
{
    struct secrecy_data data = {0};
    enum result result;

    if (!secrecy_data_open(COMMAND, run->data, run->keys, &data))
        return EXIT_REFUSED;
    result = act(run, word, number, &data);
    result = secrecy_data_close(&data, result);
    if (result == E_NOTFOUND)
        return refuse(_("nothing and nobody of that name"));
    if (result == E_ARGUMENT)
        return refuse(_("a hold needs a reason, and times in order or "
                        "somebody"));
    return result == OK ? EXIT_DONE : refuse(_(result_name(result)));
}

int
cli_hold(int argc, char **argv)
{
    struct hold_run run = {.hold = {.from_us = INT64_MIN, .to_us = INT64_MAX}};
    const char *word;
    int exit_code = -1, code, words;

    optind = 0;
    opterr = 0;
    if (time_zone_set("Europe/Paris") != OK)
        return refuse(_("--tz: this system knows no such zone"));
    while (exit_code < 0 &&
           (code = getopt_long(argc, argv, "h", options, NULL)) != -1)
        exit_code = take_option(&run, code, optarg);
    if (exit_code >= 0)
        return exit_code;
    words = argc - optind;
    word = words > 0 ? argv[optind] : "";
    if (!(words == 1 &&
          (strcmp(word, "add") == 0 || strcmp(word, "list") == 0)) &&
        !(words == 2 && strcmp(word, "end") == 0))
        return refuse(_("one of add, list, end ID"));
    if (run.data == NULL)
        return refuse(_("--data DIR is missing"));
    return run_hold(&run, word, words == 2 ? argv[optind + 1] : "");
}
