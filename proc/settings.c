/* SPDX-License-Identifier: EUPL-1.2 */
/* One table: a directive, how many words it takes, who takes them in. */
#include "proc/settings.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/say.h"
#include "codec/conf.h"
#include "contain/unanswered.h"
#include "core/retention.h"
#include "ledger/note_check.h"

/* What root can rewrite unseen is at most so much. */
#define CHECKPOINT_SECONDS 300

struct reading {
    struct settings *settings;
    const struct settings_teller *teller;
    bool wrong;
};

static void
tell(struct reading *reading, uint32_t line, const char *directive,
     const char *what)
{
    reading->wrong = true;
    reading->teller->tell(reading->teller->context, line, directive, what);
}

/* A copy that lives with the settings; NULL without memory. */
static const char *
keep(struct settings *settings, struct text text)
{
    char *copy;

    if (settings->kept_count ==
            sizeof(settings->kept) / sizeof(settings->kept[0]) ||
        text_find_byte(text, '\0') != text.length)
        return NULL;
    copy = malloc(text.length + 1);
    if (copy == NULL)
        return NULL;
    memcpy(copy, text.bytes, text.length);
    copy[text.length] = '\0';
    settings->kept[settings->kept_count++] = copy;
    return copy;
}

struct rule {
    const char *name;
    uint32_t words_least, words_most;
    /* NULL, or what is wrong */
    const char *(*take)(struct settings *settings,
                        const struct conf_directive *directive);
};

static const char *
take_string(struct settings *settings, const struct conf_directive *directive,
            const char **where)
{
    struct text word = conf_word(directive, 0);

    if (*where != NULL)
        return N_("is given twice");
    if (word.length == 0)
        return N_("is empty");
    *where = keep(settings, word);
    return *where == NULL ? N_("cannot be kept") : NULL;
}

static const char *
take_path(struct settings *settings, const struct conf_directive *directive,
          const char **where)
{
    if (!text_starts(conf_word(directive, 0), "/"))
        return N_("needs an absolute path");
    return take_string(settings, directive, where);
}

#define PATH(field)                                                 \
    static const char *take_##field(struct settings *settings,      \
                                    const struct conf_directive *d) \
    {                                                               \
        return take_path(settings, d, &settings->field);            \
    }
#define WORD(field)                                                 \
    static const char *take_##field(struct settings *settings,      \
                                    const struct conf_directive *d) \
    {                                                               \
        return take_string(settings, d, &settings->field);          \
    }
PATH(data)
PATH(keys)
PATH(sources)
PATH(intake_folder)
WORD(user)
WORD(timezone)

static const char *
take_door_socket(struct settings *settings,
                 const struct conf_directive *directive)
{
    const char *wrong = take_path(settings, directive, &settings->door_socket);

    if (wrong == NULL && directive->word_count > 1) {
        settings->door_group = keep(settings, conf_word(directive, 1));
        if (settings->door_group == NULL)
            wrong = N_("cannot be kept");
    }
    return wrong;
}

static const char *
take_operator_socket(struct settings *settings,
                     const struct conf_directive *directive)
{
    const char *wrong =
        take_path(settings, directive, &settings->operator_socket);

    if (wrong == NULL && directive->word_count > 1) {
        settings->operator_group = keep(settings, conf_word(directive, 1));
        if (settings->operator_group == NULL)
            wrong = N_("cannot be kept");
    }
    return wrong;
}

static const char *
take_operators(struct settings *settings,
               const struct conf_directive *directive)
{
    for (uint32_t i = 0; i < directive->word_count; i++) {
        struct settings_operator *named;

        if (settings->operator_count == OPERATORS_MAX)
            return N_("names too many");
        named = &settings->operators[settings->operator_count];
        named->name = keep(settings, conf_word(directive, i));
        named->line = directive->line;
        if (named->name == NULL)
            return N_("cannot be kept");
        settings->operator_count++;
    }
    return NULL;
}

static const char *
take_told(struct settings *settings, const struct conf_directive *directive,
          enum settings_told_kind kind)
{
    struct settings_told *told = &settings->told[settings->told_count];

    if (settings->told_count == SETTINGS_TOLD_MAX)
        return N_("is given too often");
    if (!text_starts(conf_word(directive, 0), "/"))
        return N_("needs an absolute path");
    told->kind = kind;
    told->line = directive->line;
    told->path = keep(settings, conf_word(directive, 0));
    if (told->path == NULL)
        return N_("cannot be kept");
    settings->told_count++;
    return NULL;
}

static const char *
take_context(struct settings *settings, const struct conf_directive *directive)
{
    return take_told(settings, directive, SETTINGS_CONTEXT);
}

static const char *
take_campaigns(struct settings *settings,
               const struct conf_directive *directive)
{
    return take_told(settings, directive, SETTINGS_CAMPAIGNS);
}

static const char *
take_lures(struct settings *settings, const struct conf_directive *directive)
{
    return take_told(settings, directive, SETTINGS_LURES);
}

static const char *
take_detect(struct settings *settings, const struct conf_directive *directive)
{
    return detect_options_set(&settings->detect, conf_word(directive, 0),
                              conf_word(directive, 1)) == OK
               ? NULL
               : N_("no such number or sign, or not such a value "
                    "(docs/detection.md)");
}

static bool
take_number(const struct conf_directive *directive, uint32_t word,
            uint32_t most, uint32_t *ret_number)
{
    uint64_t number;

    if (text_to_u64(conf_word(directive, word), most, &number) != OK)
        return false;
    *ret_number = (uint32_t)number;
    return true;
}

/* ceiling session 60 150;  new persons an hour, a day; 0: none */
static const char *
take_ceiling(struct settings *settings, const struct conf_directive *directive)
{
    static const char *const names[BUDGET_COUNT] = {"session", "professional",
                                                    "service", "region"};
    struct ceiling ceiling;

    if (!take_number(directive, 1, CONTEXT_CEILING_MAX, &ceiling.hour) ||
        !take_number(directive, 2, CONTEXT_CEILING_MAX, &ceiling.day))
        return N_("needs two numbers: new persons an hour, a day");
    for (unsigned i = 0; i < BUDGET_COUNT; i++) {
        if (text_is(conf_word(directive, 0), names[i])) {
            settings->contain.ceilings[i] = ceiling;
            return NULL;
        }
    }
    return N_("is of session, professional, service or region");
}

static const char *
take_new_every(struct settings *settings,
               const struct conf_directive *directive)
{
    return take_number(directive, 0, 86400, &settings->contain.new_every_s)
               ? NULL
               : N_("needs a number of seconds");
}

static const char *
take_automation(struct settings *settings,
                const struct conf_directive *directive)
{
    return take_number(directive, 0, 100, &settings->contain.stop_percent) &&
                   take_number(directive, 1, CONTEXT_CEILING_MAX,
                               &settings->contain.stop_least)
               ? NULL
               : N_("needs a percentage and a number of professionals");
}

static const char *
take_glass(struct settings *settings, const struct conf_directive *directive)
{
    return take_number(directive, 0, 1000, &settings->contain.glass_per_hour)
               ? NULL
               : N_("needs a number of uses an hour");
}

static const char *
take_retention(struct settings *settings,
               const struct conf_directive *directive)
{
    return take_number(directive, 0, RETENTION_MONTHS_MAX,
                       &settings->retention_months) &&
                   settings->retention_months > 0
               ? NULL
               : N_("needs a number of months, 120 at most");
}

static const char *
take_cut_refusals(struct settings *settings,
                  const struct conf_directive *directive)
{
    return take_number(directive, 0, UNANSWERED_PERSONS_MAX,
                       &settings->contain.cut_refusals)
               ? NULL
               : N_("needs a number of asks, 32 at most");
}

static const char *
take_cut_minutes(struct settings *settings,
                 const struct conf_directive *directive)
{
    return take_number(directive, 0, 1440, &settings->contain.cut_minutes)
               ? NULL
               : N_("needs a number of minutes");
}

/* An address as inet_pton reads it: no name is looked up. */
static const char *
take_place(struct settings *settings, const struct conf_directive *directive,
           struct settings_syslog *syslog)
{
    struct in6_addr address;
    uint32_t port;

    if (syslog->address != NULL)
        return N_("is given twice");
    if (!take_number(directive, 1, 65535, &port) || port == 0)
        return N_("needs an address and a port");
    syslog->address = keep(settings, conf_word(directive, 0));
    if (syslog->address == NULL)
        return N_("cannot be kept");
    if (inet_pton(AF_INET, syslog->address, &address) != 1 &&
        inet_pton(AF_INET6, syslog->address, &address) != 1)
        return N_("needs an address and a port");
    syslog->port = (uint16_t)port;
    return NULL;
}

/* syslog-tls ADDRESS PORT CERTIFICATE KEY [CA [required]] */
static const char *
take_tls(struct settings *settings, const struct conf_directive *directive)
{
    struct settings_syslog *tls = &settings->tls;
    const char *wrong = take_place(settings, directive, tls);

    if (wrong != NULL)
        return wrong;
    for (uint32_t i = 2; i < directive->word_count && i < 5; i++) {
        if (!text_starts(conf_word(directive, i), "/"))
            return N_("needs an absolute path");
    }
    if (directive->word_count == 6 &&
        !text_is(conf_word(directive, 5), "required"))
        return N_("ends with the word required, or with the CA");
    tls->certificate = keep(settings, conf_word(directive, 2));
    tls->key = keep(settings, conf_word(directive, 3));
    if (directive->word_count > 4)
        tls->ca = keep(settings, conf_word(directive, 4));
    tls->required = directive->word_count == 6;
    return tls->certificate == NULL || tls->key == NULL ||
                   (directive->word_count > 4 && tls->ca == NULL)
               ? N_("cannot be kept")
               : NULL;
}

/* syslog-plain ADDRESS PORT: nobody else may read or write it on its way. */
static const char *
take_plain(struct settings *settings, const struct conf_directive *directive)
{
    const char *wrong = take_place(settings, directive, &settings->plain);

    if (wrong == NULL && strncmp(settings->plain.address, "127.", 4) != 0 &&
        strcmp(settings->plain.address, "::1") != 0)
        wrong = N_("is for the loopback only (127.0.0.1, ::1)");
    return wrong;
}

static const char *
take_feed(struct settings *settings, const struct conf_directive *directive)
{
    const char *wrong = take_path(settings, directive, &settings->feed);

    if (wrong == NULL && directive->word_count > 1) {
        settings->feed_group = keep(settings, conf_word(directive, 1));
        if (settings->feed_group == NULL)
            wrong = N_("cannot be kept");
    }
    return wrong;
}

static const char *
take_follow(struct settings *settings, const struct conf_directive *directive)
{
    const char *path = NULL, *wrong;

    if (settings->followed_count == INTAKE_FOLLOWED_MAX)
        return N_("is given too often");
    wrong = take_path(settings, directive, &path);
    if (wrong == NULL)
        settings->followed[settings->followed_count++] = path;
    return wrong;
}

/* behind-door SERVICE …: the names that the locations and `sources` give */
static const char *
take_behind_door(struct settings *settings,
                 const struct conf_directive *directive)
{
    for (uint32_t i = 0; i < directive->word_count; i++) {
        struct text word = conf_word(directive, i);

        if (settings->behind_door_count == SETTINGS_BEHIND_MAX)
            return N_("names too many");
        if (word.length == 0)
            return N_("is empty");
        settings->behind_door[settings->behind_door_count] =
            keep(settings, word);
        if (settings->behind_door[settings->behind_door_count++] == NULL)
            return N_("cannot be kept");
    }
    return NULL;
}

static const char *
take_destination(struct settings *settings,
                 const struct conf_directive *directive,
                 enum settings_destination_kind kind)
{
    struct settings_destination *to =
        &settings->destinations[settings->destination_count];
    const struct text place = conf_word(directive, 0);

    if (settings->destination_count == SETTINGS_DESTINATIONS_MAX)
        return N_("is given too often");
    if (kind == SETTINGS_FILE ? !text_starts(place, "/")
                              : !text_starts(place, "https://") &&
                                    !text_starts(place, "http://") &&
                                    !text_starts(place, "unix:/"))
        return kind == SETTINGS_FILE
                   ? N_("needs an absolute path")
                   : N_("needs a URL of http or https, or unix:/PATH");
    to->kind = kind;
    to->place = keep(settings, place);
    if (kind != SETTINGS_FILE)
        to->key = keep(settings, conf_word(directive, 1));
    if (to->place == NULL || (kind != SETTINGS_FILE && to->key == NULL))
        return N_("cannot be kept");
    settings->destination_count++;
    return NULL;
}

/* checkpoint-file FOLDER */
static const char *
take_checkpoint_file(struct settings *settings,
                     const struct conf_directive *directive)
{
    return take_destination(settings, directive, SETTINGS_FILE);
}

/* witness URL VKEY */
static const char *
take_witness(struct settings *settings, const struct conf_directive *directive)
{
    struct note_key key;

    if (note_key_parse(conf_word(directive, 1), NULL, &key) != OK ||
        key.type != NOTE_COSIGNATURE)
        return N_("needs the witness's verifier key behind its URL");
    return take_destination(settings, directive, SETTINGS_WITNESS);
}

/* timestamp URL CA */
static const char *
take_timestamp(struct settings *settings,
               const struct conf_directive *directive)
{
    if (!text_starts(conf_word(directive, 1), "/"))
        return N_("needs the file of the authority's CA behind its URL");
    return take_destination(settings, directive, SETTINGS_TIMESTAMP);
}

static const char *
take_checkpoint_every(struct settings *settings,
                      const struct conf_directive *directive)
{
    return take_number(directive, 0, 86400, &settings->checkpoint_seconds)
               ? NULL
               : N_("needs a number of seconds");
}

static const struct rule rules[] = {
    {"data", 1, 1, take_data},
    {"keys", 1, 1, take_keys},
    {"user", 1, 1, take_user},
    {"door", 1, 2, take_door_socket},
    {"operator-socket", 1, 2, take_operator_socket},
    {"operators", 1, 64, take_operators},
    {"timezone", 1, 1, take_timezone},
    {"sources", 1, 1, take_sources},
    {"context", 1, 1, take_context},
    {"campaigns", 1, 1, take_campaigns},
    {"lures", 1, 1, take_lures},
    {"detect", 2, 2, take_detect},
    {"ceiling", 3, 3, take_ceiling},
    {"step-up-new-every", 1, 1, take_new_every},
    {"automation-stop", 2, 2, take_automation},
    {"break-glass", 1, 1, take_glass},
    {"cut-after-refusals", 1, 1, take_cut_refusals},
    {"cut-unanswered", 1, 1, take_cut_minutes},
    {"retention", 1, 1, take_retention},
    {"checkpoint-every", 1, 1, take_checkpoint_every},
    {"checkpoint-file", 1, 1, take_checkpoint_file},
    {"witness", 2, 2, take_witness},
    {"timestamp", 2, 2, take_timestamp},
    {"syslog-tls", 4, 6, take_tls},
    {"syslog-plain", 2, 2, take_plain},
    {"audit-feed", 1, 2, take_feed},
    {"intake-folder", 1, 1, take_intake_folder},
    {"follow", 1, 1, take_follow},
    {"behind-door", 1, 64, take_behind_door},
};

static void
take(struct reading *reading, const struct conf_directive *directive)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        const struct rule *rule = &rules[i];
        const char *wrong;

        if (!text_is(directive->name, rule->name))
            continue;
        if (directive->block)
            wrong = N_("takes no block");
        else if (directive->word_count < rule->words_least ||
                 directive->word_count > rule->words_most)
            wrong = N_("has too few or too many words");
        else
            wrong = rule->take(reading->settings, directive);
        if (wrong != NULL)
            tell(reading, directive->line, rule->name, wrong);
        return;
    }
    tell(reading, directive->line, "?", N_("no such directive"));
}

static void
look_at_whole(struct reading *reading)
{
    const struct settings *settings = reading->settings;

    if (settings->data == NULL)
        tell(reading, 0, "data", N_("is not given"));
    if (settings->followed_count > 0 && settings->intake_folder == NULL)
        tell(reading, 0, "intake-folder", N_("is not given"));
    if (settings->keys == NULL)
        tell(reading, 0, "keys", N_("is not given"));
    if (settings->door_socket == NULL)
        tell(reading, 0, "door", N_("is not given"));
    if (settings->operator_socket == NULL)
        tell(reading, 0, "operator-socket", N_("is not given"));
    if (settings->door_socket != NULL && settings->operator_socket != NULL &&
        strcmp(settings->door_socket, settings->operator_socket) == 0)
        tell(reading, 0, "operator-socket", N_("is the door's own"));
}

enum result
settings_parse(struct text text, const struct settings_teller *teller,
               struct settings **ret_settings)
{
    struct reading reading = {.teller = teller};
    struct settings *settings = calloc(1, sizeof(*settings));
    struct reason why = {0};
    struct conf *conf = NULL;
    enum result result;

    if (settings == NULL)
        return E_NOMEM;
    reading.settings = settings;
    settings->checkpoint_seconds = CHECKPOINT_SECONDS;
    detect_options_default(&settings->detect);
    contain_options_default(&settings->contain);
    result = conf_parse(text, &why, &conf);
    if (result == E_FORMAT || result == E_LIMIT) {
        tell(&reading, (uint32_t)why.offset, why.field, why.rule);
    } else if (result == OK) {
        for (const struct conf_directive *at = conf_first(conf); at != NULL;
             at = at->next)
            take(&reading, at);
        look_at_whole(&reading);
    }
    conf_free(conf);
    if (result == OK && reading.wrong)
        result = E_FORMAT;
    if (result != OK) {
        settings_free(settings);
        return result;
    }
    *ret_settings = settings;
    return OK;
}

enum result
settings_load(const char *path, const struct settings_teller *teller,
              struct settings **ret_settings)
{
    struct buffer text = {0};
    enum result result = file_load(path, CONF_BYTES_MAX, &text);

    if (result == OK)
        result = settings_parse(buffer_as_text(&text), teller, ret_settings);
    buffer_free(&text);
    return result;
}

void
settings_free(struct settings *settings)
{
    if (settings == NULL)
        return;
    for (size_t i = 0; i < settings->kept_count; i++)
        free(settings->kept[i]);
    free(settings);
}
