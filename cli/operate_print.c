/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/operate_print.h"

#include <stdio.h>
#include <string.h>

#include "base/say.h"
#include "base/time.h"
#include "codec/json.h"

#define MEMBERS_MAX 24

struct member {
    char name[16];
    struct text value;
};

struct members {
    struct member items[MEMBERS_MAX];
    size_t count;
};

static struct text
get(const struct members *members, const char *name)
{
    for (size_t i = 0; i < members->count; i++) {
        if (strcmp(members->items[i].name, name) == 0)
            return members->items[i].value;
    }
    return (struct text){"", 0};
}

/* Texts borrow the line, or `scratch`. */
static enum result
read_members(struct text line, struct buffer *scratch, struct members *members)
{
    struct json_reader reader;
    struct json_string key, string;
    enum json_type type;
    bool more = true;
    enum result result;

    json_start(&reader, line);
    buffer_clear(scratch);
    result = buffer_reserve(scratch, line.length * 3 + 16);
    if (result == OK)
        result = json_enter_object(&reader);
    while (result == OK && more && members->count < MEMBERS_MAX) {
        struct member *member = &members->items[members->count];

        result = json_next_member(&reader, &key, &more);
        if (result != OK || !more)
            break;
        (void)snprintf(member->name, sizeof(member->name), "%.*s",
                       (int)(key.raw.length < 15 ? key.raw.length : 15),
                       key.raw.bytes);
        result = json_peek(&reader, &type);
        if (result == OK && type == JSON_NUMBER) {
            result = json_read_number(&reader, &member->value);
        } else if (result == OK) {
            result = json_read_string(&reader, &string);
            if (result == OK)
                result = json_unescape(string, scratch, &member->value);
        }
        members->count++;
    }
    return result;
}

static const char *
verdict_word(struct text verdict)
{
    if (text_is(verdict, "cut"))
        return _("cut");
    if (text_is(verdict, "step_up"))
        return _("step-up");
    if (text_is(verdict, "watch"))
        return _("watch");
    return _("allow");
}

static enum result
put_cell(struct operate_print *print, struct text value, int width)
{
    enum result result;

    buffer_clear(&print->cell);
    result =
        buffer_printable(&print->cell, value.length == 0 ? TEXT("-") : value);
    if (result == OK)
        (void)printf("%-*.*s ", width, (int)print->cell.length,
                     print->cell.bytes);
    return result;
}

static enum result
print_session(struct operate_print *print, const struct members *members)
{
    static const struct {
        const char *name;
        int width;
    } columns[] = {{"professional", 16}, {"session", 20}, {"address", 15},
                   {"service", 12},      {"persons", 8},  {"new", 5},
                   {"refused", 7},       {"score", 6}};
    enum result result = OK;

    if (print->sessions++ == 0)
        (void)printf("%-16s %-20s %-15s %-12s %-8s %-5s %-7s %-6s %s\n",
                     _("professional"), _("session"), _("address"),
                     _("service"), _("persons"), _("new"), _("refused"),
                     _("score"), _("verdict"));
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        if (result == OK)
            result = put_cell(print, get(members, columns[i].name),
                              columns[i].width);
    }
    (void)puts(verdict_word(get(members, "verdict")));
    return result;
}

static enum result
print_posture(struct operate_print *print, const struct members *members)
{
    enum result result;

    (void)printf("%s ", _("posture:"));
    result = put_cell(print, get(members, "posture"), 0);
    (void)printf("%s ", _("automation:"));
    if (result == OK)
        result = put_cell(print, get(members, "automation"), 0);
    (void)printf("%s ", _("workers:"));
    if (result == OK)
        result = put_cell(print, get(members, "workers"), 0);
    (void)puts("");
    if (!text_is(get(members, "glass_open"), "0") && result == OK) {
        (void)printf("%s ", _("uses of break-glass without a review:"));
        result = put_cell(print, get(members, "glass_open"), 0);
        (void)printf("%s ", _("of them over a day:"));
        if (result == OK)
            result = put_cell(print, get(members, "glass_overdue"), 0);
        (void)puts("");
    }
    return result;
}

static const char *
what_word(struct text what)
{
    static const struct {
        const char *name, *word;
    } words[] = {{"cut", N_("cut")},         {"step_up", N_("step-up")},
                 {"watch", N_("watch")},     {"restore", N_("restored")},
                 {"posture", N_("posture")}, {"break_glass", N_("break-glass")},
                 {"review", N_("review")}};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (text_is(what, words[i].name))
            return _(words[i].word);
    }
    return "?";
}

static const char *
by_word(struct text by)
{
    if (text_is(by, "automation"))
        return _("automation");
    return text_is(by, "holder") ? _("the holder") : _("operator");
}

static enum result
put_labelled(struct operate_print *print, const struct members *members,
             const char *name, const char *label)
{
    struct text value = get(members, name);
    enum result result;

    if (value.length == 0)
        return OK;
    (void)printf("    %s ", label);
    result = put_cell(print, value, 0);
    (void)puts("");
    return result;
}

static const char *
review_word(struct text review)
{
    if (text_is(review, "overdue"))
        return _("not reviewed, and over a day ago");
    return text_is(review, "done") ? _("reviewed") : _("not reviewed yet");
}

/* One order: a line, and below what belongs to it. */
static enum result
print_order(struct operate_print *print, const struct members *members)
{
    static const struct {
        const char *name, *label;
    } below[] = {
        {"reason", N_("why:")},      {"alert", N_("alert:")},
        {"undoes", N_("undoes:")},   {"undone_by", N_("undone by:")},
        {"reviews", N_("reviews:")}, {"reviewed_by", N_("reviewed by:")}};
    struct text review = get(members, "review");
    enum result result = put_cell(print, get(members, "id"), 16);

    print->sessions++;
    if (result == OK)
        result = put_cell(print, get(members, "time"), 20);
    (void)printf("%s ", what_word(get(members, "what")));
    if (get(members, "posture").length > 0 && result == OK)
        result = put_cell(print, get(members, "posture"), 0);
    if (get(members, "professional").length > 0 && result == OK)
        result = put_cell(print, get(members, "professional"), 0);
    if (get(members, "session").length > 0 && result == OK)
        result = put_cell(print, get(members, "session"), 0);
    (void)printf("· %s ", by_word(get(members, "by")));
    if (get(members, "uid").length > 0 && result == OK)
        result = put_cell(print, get(members, "uid"), 0);
    (void)puts("");
    if (review.length > 0)
        (void)printf("    %s\n", review_word(review));
    for (size_t i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
        if (result == OK)
            result =
                put_labelled(print, members, below[i].name, _(below[i].label));
    }
    return result;
}

enum result
operate_print_line(void *context, struct text line)
{
    struct operate_print *print = context;
    struct members members = {.count = 0};
    enum result result;

    if (print->json) {
        (void)fwrite(line.bytes, 1, line.length, stdout);
        return fputc('\n', stdout) == EOF ? E_IO : OK;
    }
    result = read_members(line, &print->scratch, &members);
    if (result != OK)
        return result;
    if (text_is(get(&members, "kind"), "posture"))
        return print_posture(print, &members);
    if (text_is(get(&members, "kind"), "order"))
        return print_order(print, &members);
    if (text_is(get(&members, "kind"), "older"))
        return put_labelled(print, &members, "orders",
                            _("older orders, in the ledger only:"));
    return print_session(print, &members);
}

void
operate_print_end(const struct operate_print *print, enum command_kind kind)
{
    if (kind == COMMAND_SESSIONS && print->sessions == 0)
        (void)puts(_("nobody is at work"));
    else if ((kind == COMMAND_ORDERS || kind == COMMAND_GLASSES) &&
             print->sessions == 0)
        (void)puts(_("none"));
    else if (kind == COMMAND_REVIEW)
        (void)puts(_("the review is recorded"));
    else if (kind == COMMAND_CUT)
        (void)puts(_("cut, at every door; undone by vigie restore"));
    else if (kind == COMMAND_STEP_UP)
        (void)puts(_("step-up, at every door; undone by vigie restore"));
    else if (kind == COMMAND_RESTORE)
        (void)puts(_("restored"));
}

void
operate_print_free(struct operate_print *print)
{
    buffer_free(&print->scratch);
    buffer_free(&print->cell);
}
