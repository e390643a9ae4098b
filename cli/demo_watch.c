/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/demo_watch.h"

#include <poll.h>
#include <stdio.h>

#include "base/say.h"
#include "base/time.h"
#include "cli/alert_print.h"
#include "cli/cli.h"
#include "cli/query_options.h"
#include "scope/alert_read.h"

#define WATCH_US (13 * TIME_SECOND_US)
#define WATCH_MOST_US (20 * TIME_SECOND_US) /* while a thief goes on */
#define CUT_AFTER_US (2 * TIME_SECOND_US)   /* the officer has called */
#define FAILED_MOST 20

struct watch {
    struct demo *demo;
    struct demo_stand *stand;
    struct actor *actors;
    size_t count;
    int64_t start_us, cut_us; /* cut_us: the order was given */
    const struct actor *cut;
    unsigned failed;
    struct buffer body;
};

static const char *
title(const struct actor *actor)
{
    switch (actor->role) {
    case ACTOR_SCRIPT:
        return _("thief 1, a script that takes whole files");
    case ACTOR_PAGES:
        return _("thief 2, lists page by page");
    case ACTOR_SLOW:
        return _("thief 3, one identity after another");
    default:
        return _("honest");
    }
}

static void
stamp(const struct watch *watch)
{
    (void)printf("%5.1f s  ", (double)(time_now_us() - watch->start_us) / 1e6);
}

static enum result
print_last(struct query *query, struct alert_list *list)
{
    struct buffer out = {0};
    const struct alert *last = NULL;
    enum result r = OK;

    for (size_t i = 0; i < list->count; i++)
        if (list->alerts[i].verdict == VERDICT_STEP_UP)
            last = &list->alerts[i];
    if (last != NULL)
        r = alert_text(query->lookup, last, &out);
    if (r == OK)
        (void)printf("%.*s\n", (int)out.length,
                     out.bytes == NULL ? "" : out.bytes);
    buffer_free(&out);
    return r;
}

/* Why, as core has just written it into the ledger. */
static void
print_why(struct watch *watch, struct actor *actor)
{
    char *arguments[] = {(char[]){"alerts"}, (char[]){"--data"},
                         watch->demo->data,  (char[]){"--keys"},
                         watch->demo->keys,  (char[]){"--session"},
                         actor->session,     NULL};
    struct alert_list list = {0};
    struct walk_query rows;
    struct query query;
    enum result r;

    walk_query_start(&rows);
    r = query_parse(7, arguments, QUERY_SESSION, &query);
    if (r == OK)
        r = demo_user_as(&watch->stand->user);
    if (r == OK)
        r = query_open(&query);
    if (r == OK) {
        walk_query_free(&rows);
        r = query_select(&query, &rows);
    }
    if (r == OK)
        r = alert_read(query.ledger, &rows, 0, &list);
    if (r == OK)
        r = print_last(&query, &list);
    if (demo_user_back(&watch->stand->user) != OK)
        r = E_DENIED;
    if (r != OK)
        say_error("demo", "%s", result_name(r));
    alert_list_free(&list);
    walk_query_free(&rows);
    query_free(&query);
}

static void
tell_begun(const struct watch *watch, const struct actor *actor)
{
    stamp(watch);
    (void)printf(_("%s: in with account %s, from %s\n"), title(actor),
                 actor->holder.name, actor->address);
}

static void
tell_stepped(struct watch *watch, struct actor *actor)
{
    stamp(watch);
    (void)printf(_("STEP-UP  %s, account %s: 401, sign in again; persons lost: "
                   "%zu\n"),
                 title(actor), actor->holder.name, actor->seen_count);
    print_why(watch, actor);
    if (actor->role == ACTOR_HONEST) {
        stamp(watch);
        (void)printf(_("the holder signs in again, and goes on\n"));
        actor_sign_in(actor, time_now_us());
    }
}

static void
tell_cut(const struct watch *watch, const struct actor *actor)
{
    stamp(watch);
    (void)printf(_("CUT      %s, account %s: 403, nothing any more; persons "
                   "lost: %zu\n"),
                 title(actor), actor->holder.name, actor->seen_count);
}

static void
one(struct watch *watch, struct actor *actor)
{
    unsigned stepped = actor->stepped, cut = actor->cut, status;

    if (actor->turn == 0 && actor->role != ACTOR_HONEST)
        tell_begun(watch, actor);
    if (actor_act(actor, watch->stand->port, &watch->body, &status) != OK) {
        watch->failed++;
        return;
    }
    if (stepped == 0 && actor->stepped > 0)
        tell_stepped(watch, actor);
    else if (cut == 0 && actor->cut > 0)
        tell_cut(watch, actor);
    else if (actor->stepped > stepped && actor->role == ACTOR_HONEST)
        actor_sign_in(actor, time_now_us());
    (void)fflush(stdout);
}

static struct actor *
next(struct watch *watch)
{
    struct actor *first = &watch->actors[0];

    for (size_t i = 1; i < watch->count; i++)
        if (watch->actors[i].next_us < first->next_us)
            first = &watch->actors[i];
    return first;
}

/* The first thief who was stopped, once the holder has been called. */
static int
officer(struct watch *watch)
{
    const struct actor *first = NULL;

    if (watch->cut != NULL)
        return EXIT_DONE;
    for (size_t i = 0; i < watch->count; i++) {
        const struct actor *actor = &watch->actors[i];
        if (actor->role != ACTOR_HONEST && actor->stepped_us > 0 &&
            (first == NULL || actor->stepped_us < first->stepped_us))
            first = actor;
    }
    if (first == NULL || time_now_us() < first->stepped_us + CUT_AFTER_US)
        return EXIT_DONE;
    const char *const arguments[] = {"cut",
                                     "--professional",
                                     first->holder.name,
                                     "--reason",
                                     _("holder called: it is not her"),
                                     "-c",
                                     watch->stand->conf,
                                     NULL};
    watch->cut = first;
    watch->cut_us = time_now_us();
    stamp(watch);
    (void)printf(_("the officer on duty has called the holder, and types:\n"));
    return demo_run(cli_cut, NULL, true, arguments);
}

/* On a machine that is busy elsewhere the same takes longer. */
static bool
over(const struct watch *watch)
{
    int64_t us = time_now_us() - watch->start_us;
    bool stopped = watch->cut != NULL && watch->cut->cut > 0;

    for (size_t i = 0; i < watch->count; i++)
        if (watch->actors[i].role != ACTOR_HONEST)
            stopped = stopped && watch->actors[i].stepped > 0;
    return us > WATCH_MOST_US || (us > WATCH_US && stopped);
}

static void
sum(const struct watch *watch)
{
    unsigned honest = 0, answered = 0, stepped = 0;

    (void)printf("\n");
    for (size_t i = 0; i < watch->count; i++) {
        const struct actor *actor = &watch->actors[i];
        if (actor->role != ACTOR_HONEST) {
            (void)printf(_("  %s: %zu persons lost, %u requests refused\n"),
                         title(actor), actor->seen_count,
                         actor->stepped + actor->cut);
            continue;
        }
        honest++;
        answered += actor->answered;
        stepped += actor->stepped > 0;
    }
    (void)printf(_("  %u honest professionals: %u requests answered, %u of "
                   "them had to sign in again\n\n"),
                 honest, answered, stepped);
}

enum result
demo_watch(struct demo *demo, struct demo_stand *stand, struct actor *actors,
           size_t count)
{
    struct watch watch = {.demo = demo,
                          .stand = stand,
                          .actors = actors,
                          .count = count,
                          .start_us = time_now_us()};
    const char *const sessions[] = {"sessions", "-c", stand->conf, NULL};
    int code = EXIT_DONE;

    demo_heading(demo, _("At work, and three thieves among them"));
    (void)printf(_("%zu professionals open persons of their own. Three more "
                   "accounts are in other hands.\n\n"),
                 count - ACTORS_THIEVES);
    while (code == EXIT_DONE && !over(&watch) && !demo_stand_ending() &&
           watch.failed < FAILED_MOST && demo_stand_alive(stand)) {
        struct actor *actor = next(&watch);
        int64_t wait_us = actor->next_us - time_now_us();
        if (wait_us > 20000)
            (void)poll(NULL, 0, 20);
        else
            one(&watch, actor);
        code = officer(&watch);
    }
    buffer_free(&watch.body);
    if (demo_stand_ending())
        return E_END;
    if (code != EXIT_DONE || watch.failed >= FAILED_MOST ||
        !demo_stand_alive(stand))
        return E_IO;
    sum(&watch);
    return demo_run(cli_sessions, NULL, true, sessions) == EXIT_DONE ? OK
                                                                     : E_IO;
}
