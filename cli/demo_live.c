/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie demo, live: a past, then the door at work. What is shown is what the
 * door and core answered; nothing here decides.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/say.h"
#include "base/time.h"
#include "cli/cli.h"
#include "cli/demo_stand.h"
#include "cli/demo_steps.h"
#include "cli/demo_watch.h"

#define LIVE_SEED 11
#define LIVE_PROFESSIONALS 60

struct live {
    struct demo *demo;
    struct live_past *past;
    struct fhir_book book;
    struct demo_stand stand;
    int64_t now_us;
};

static enum result
write_past(struct live *live)
{
    struct buffer out = {0};
    int fd = -1;
    enum result r =
        file_open(live->demo->trail, O_WRONLY | O_CREAT | O_TRUNC, 0600, &fd);

    while (r == OK && !demo_stand_ending()) {
        buffer_clear(&out);
        r = live_past_day(live->past, &out);
        if (r == OK && out.length > 0)
            r = file_write(fd, out.bytes, out.length);
    }
    file_close(&fd);
    buffer_free(&out);
    return r == OK || r == E_END ? demo_stand_ending() ? E_END : OK : r;
}

static enum result
open_book(struct live *live)
{
    uint32_t count = live_past_persons(live->past);
    uint64_t *numbers = calloc(count == 0 ? 1 : count, sizeof(*numbers));
    enum result r = numbers == NULL ? E_NOMEM : OK;

    for (uint32_t i = 0; i < count && r == OK; i++)
        numbers[i] = live_past_number(live->past, i);
    if (r == OK)
        r = fhir_book_open(numbers, count, &live->book);
    if (r != OK)
        free(numbers);
    return r;
}

static int
replay_past(void *context)
{
    struct demo *demo = context;
    const char *const arguments[] = {"replay",     "--data",    demo->data,
                                     "--keys",     demo->keys,  "--service",
                                     DEMO_SERVICE, demo->trail, NULL};

    return demo_run(cli_replay, demo->report, false, arguments);
}

static enum result
make_past(struct live *live)
{
    struct demo *demo = live->demo;
    enum result r;

    demo_heading(demo, _("Three weeks before"));
    (void)printf(
        _("A detector needs habits to compare with. So the demo first invents "
          "the past:\n%u professionals at work for three weeks, without any "
          "thief, their trail moved in\ntime so that it ends five minutes ago, "
          "read by vigie replay.\n\n"),
        LIVE_PROFESSIONALS);
    (void)fflush(stdout);
    r = live_past_new(LIVE_SEED, LIVE_PROFESSIONALS, live->now_us, &live->past);
    if (r == OK)
        r = write_past(live);
    if (r == OK)
        r = open_book(live);
    if (r == OK && demo_stand_apart(replay_past, demo) != EXIT_DONE)
        r = demo_stand_ending() ? E_END : E_IO;
    if (r == OK)
        r = demo_show_end(demo->report);
    if (!demo->keep && file_unlink(demo->trail) != OK && r == OK)
        r = E_IO;
    return r;
}

/* Where the user cannot get at the folder, all stays root's. */
static void
leave_root(struct live *live)
{
    struct demo_user *user = &live->stand.user;

    if (demo_user_give(user, live->stand.folder) == OK &&
        demo_user_give(user, live->demo->folder) == OK) {
        (void)printf(_("Started as root: the service, core and nginx's workers "
                       "run as %s.\n\n"),
                     user->name);
        return;
    }
    (void)printf(_("Started as root, and %s cannot reach %s: all runs as "
                   "root.\n\n"),
                 user->name, live->demo->folder);
    *user = (struct demo_user){0};
}

static enum result
start(struct live *live)
{
    enum result r;

    demo_heading(live->demo, _("The door is set up"));
    if (live->stand.user.name[0] != '\0')
        leave_root(live);
    r = demo_stand_start(&live->stand, &live->book);
    if (r == OK)
        (void)printf(
            _("  a FHIR service with %u invented persons  127.0.0.1:%u\n"
              "  nginx with vigie's module before it      127.0.0.1:%u\n"
              "  vigie run, which judges                  %s/door.sock\n"),
            live->book.count, live->stand.service_port, live->stand.port,
            live->stand.folder);
    return r;
}

/* Those whom the door stopped, the first of all first. */
static void
keep_stopped(struct demo *demo, const struct actor *actors, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct demo_session *s = &demo->stopped[demo->stopped_count];
        if (actors[i].stepped + actors[i].cut == 0)
            continue;
        (void)snprintf(s->session, sizeof(s->session), "%s", actors[i].session);
        (void)snprintf(s->professional, sizeof(s->professional), "%s",
                       actors[i].holder.name);
        s->time_us = actors[i].stepped_us;
        demo->stopped_count++;
    }
}

static int
hunt_apart(void *context)
{
    return demo_hunt(context);
}

static int
scope_apart(void *context)
{
    return demo_scope(context);
}

static void
files(const struct demo *demo)
{
    (void)printf(_("\nThe ledger stays in %s, its keys in %s:\n"
                   "vigie alerts, explain, scope, hunt, who, verify --data and "
                   "--keys there.\nEverything else has ended and is "
                   "removed.\n"),
                 demo->data, demo->keys);
}

/* What the thieves hold, counted at their end, beside the scope's list. */
static enum result
compare(const struct demo *demo, const struct actor *actors, size_t count)
{
    struct buffer list = {0};
    size_t held = 0, named = 0, missed = 0;
    enum result r = file_load(demo->list, 64u << 20, &list);
    struct text all = buffer_as_text(&list);

    for (size_t i = 0; i < all.length; i++)
        named += all.bytes[i] == '\n';
    for (size_t i = 0; i < count && r == OK; i++) {
        const struct actor *actor = &actors[i];
        if (actor->stepped + actor->cut == 0)
            continue;
        held += actor->seen_count;
        for (size_t k = 0; k < actor->seen_count; k++) {
            char name[REGION_NAME_BYTES];
            (void)snprintf(name, sizeof(name), "Patient/%012" PRIu64,
                           actor->seen[k]);
            missed += text_find(all, name) >= all.length;
        }
    }
    buffer_free(&list);
    if (r == OK)
        (void)printf(_("\nCounted at their end, these sessions hold %zu "
                       "persons; the scope names %zu, and\nmisses %zu.\n"),
                     held, named, missed);
    return r;
}

static enum result
aftermath(struct live *live, const struct actor *actors, size_t count)
{
    struct demo *demo = live->demo;
    int code = demo_stand_apart(hunt_apart, demo);

    demo->step++;
    if (code == EXIT_DONE)
        code = demo_stand_apart(scope_apart, demo);
    if (demo_stand_ending())
        return E_END;
    return code == EXIT_DONE ? compare(demo, actors, count) : E_IO;
}

static enum result
act(struct live *live)
{
    static struct actor actors[ACTORS_MAX];
    size_t count = 0;
    enum result r = make_past(live);

    if (r == OK)
        r = start(live);
    if (r == OK)
        r = actors_start(live->past, time_now_us(), actors, &count);
    if (r == OK)
        r = demo_watch(live->demo, &live->stand, actors, count);
    demo_stand_stop(&live->stand);
    if (r == OK && live->stand.user.name[0] != '\0')
        r = demo_user_take_back(live->demo->folder);
    if (r != OK)
        return r;
    keep_stopped(live->demo, actors, count);
    r = aftermath(live, actors, count);
    if (r == OK)
        files(live->demo);
    return r;
}

/* What the demo made, where a signal ended it. */
static void
remove_all(const struct demo *demo)
{
    const char *const paths[] = {demo->data, demo->keys};
    const char *const files_made[] = {demo->trail, demo->report, demo->list,
                                      demo->hunt, demo->scope};

    if (demo->made) {
        if (file_remove_tree(demo->folder) != OK)
            say_error(demo->folder, "%s", _("cannot be removed"));
        return;
    }
    for (size_t i = 0; i < 2; i++)
        if (file_remove_tree(paths[i]) != OK)
            continue;
    for (size_t i = 0; i < 5; i++)
        if (file_unlink(files_made[i]) != OK)
            continue;
}

static enum result
make_run_folder(struct demo_stand *stand)
{
    static const char name[] = "/vigie-live-XXXXXX";
    const char *base = getenv("TMPDIR");

    /* a socket's path has room for 107 bytes */
    if (base == NULL || base[0] != '/' || strlen(base) > 60)
        base = "/tmp";
    (void)snprintf(stand->folder, sizeof(stand->folder), "%s%s", base, name);
    if (mkdtemp(stand->folder) == NULL) {
        stand->folder[0] = '\0';
        return E_IO;
    }
    return OK;
}

int
demo_live(struct demo *demo)
{
    static struct live live;
    const char *why;
    enum result r;

    live = (struct live){.demo = demo, .now_us = time_now_us()};
    live.stand.data = demo->data;
    live.stand.keys = demo->keys;
    r = make_run_folder(&live.stand);
    demo_user_find(&live.stand.user);
    demo_stand_signals();
    why = r == OK ? demo_stand_find(&live.stand) : result_name(r);
    if (why != NULL && !demo_stand_ending()) {
        demo_stand_stop(&live.stand);
        demo_stand_signals_back();
        (void)printf(_("No live demo here: %s. What follows is the offline "
                       "one.\n"),
                     why);
        return demo_offline(demo);
    }
    r = why == NULL ? act(&live) : E_END;
    demo_stand_stop(&live.stand);
    fhir_book_close(&live.book);
    live_past_free(live.past);
    if (demo_stand_ending()) {
        remove_all(demo);
        (void)printf("%s", _("\nInterrupted: all processes have ended, all "
                             "files are removed.\n"));
        return EXIT_REFUSED;
    }
    if (r != OK)
        say_error("demo", "%s", result_name(r));
    (void)printf(_("\nThat took %.0f s.\n"),
                 (double)(time_now_us() - live.now_us) / 1e6);
    return r == OK ? EXIT_DONE : EXIT_REFUSED;
}
