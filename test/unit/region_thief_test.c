/* SPDX-License-Identifier: EUPL-1.2 */
/* How each kind of thief is unlike a holder: the sentences of docs/region.md.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "model/query_step.h"
#include "test/help/tale.h"

#define SEEDS 3
#define FIRST_SEED 4101
#define FIRST_THEFT_DAY 22

/* Each thief of a kind in turn. */
#define EACH_TALE(tale, kind)                                               \
    for (uint64_t seed = FIRST_SEED;                                        \
         seed < FIRST_SEED + SEEDS && (tale_open(&tale, kind, seed), true); \
         seed++, tale_close(&tale))

static const struct region_event *
first(const struct tale *t)
{
    const struct region_event *e = tale_stolen(t, NULL);

    assert_non_null(e);
    return e;
}

/* Mean seconds between one person and the next, pauses of an hour aside. */
static double
mean_step_s(const struct tale *t)
{
    const struct region_event *e = first(t), *next;
    double sum = 0;
    unsigned count = 0;

    for (; (next = tale_stolen(t, e)) != NULL; e = next) {
        double step = (double)(next->time_us - e->time_us) / 1e6;
        if (next->person == e->person || step > 3600)
            continue;
        sum += step;
        count++;
    }
    assert_true(count > 0);
    return sum / count;
}

static uint32_t
victim(const struct tale *t)
{
    return tale_session(t, first(t))->professional;
}

static void
assert_elsewhere(const struct tale *t)
{
    const struct region_event *e;
    uint32_t looked = UINT32_MAX;

    for (e = first(t); e != NULL; e = tale_stolen(t, e)) {
        const struct region_session *s = tale_session(t, e);
        if (e->session == looked)
            continue;
        looked = e->session;
        assert_false(tale_knows_address(t, s->professional, s->address));
        assert_true(s->device != 0);
        assert_false(tale_knows_device(t, s->professional, s->device));
    }
}

static void
no_theft_lies_before_its_first_day(void **state)
{
    struct tale t;
    (void)state;
    for (unsigned k = 1; k < REGION_THIEF_KINDS; k++) {
        const struct region_theft *thefts;
        tale_open(&t, (enum region_thief)k, FIRST_SEED);
        assert_int_not_equal(region_thefts(t.region, &thefts), 0);
        int days = k == THIEF_POISONER ? 7 : 0;
        assert_true(tale_day(first(&t)) >= FIRST_THEFT_DAY - days);
        tale_close(&t);
    }
}

/* Whatever the trail shows of a machine, some holder shows as well. */
static void
a_thief_uses_the_software_and_a_version_of_holders(void **state)
{
    struct tale t;
    (void)state;
    for (unsigned k = 1; k < REGION_THIEF_KINDS; k++) {
        uint32_t looked = UINT32_MAX;
        tale_open(&t, (enum region_thief)k, FIRST_SEED + 9);
        for (const struct region_event *e = first(&t); e != NULL;
             e = tale_stolen(&t, e)) {
            const struct region_session *s = tale_session(&t, e), *other;
            bool found = e->session == looked;
            looked = e->session;
            for (size_t i = 0; i < t.count && !found; i++) {
                other = tale_session(&t, &t.events[i]);
                found = !t.events[i].stolen && other->software == s->software &&
                        other->version == s->version;
            }
            assert_true(found);
        }
        tale_close(&t);
    }
}

static void
a_night_script_takes_a_person_every_few_seconds(void **state)
{
    struct tale t;
    (void)state;
    EACH_TALE(t, THIEF_NIGHT)
    {
        int second = tale_second(first(&t));
        assert_true(second >= 22 * 3600 || second < 5 * 3600);
        assert_true(tale_persons(&t, -1) > 100);
        assert_true(mean_step_s(&t) < 12);
        assert_elsewhere(&t);
    }
}

static void
a_fast_thief_works_by_day(void **state)
{
    struct tale t;
    (void)state;
    EACH_TALE(t, THIEF_FAST)
    {
        assert_in_range(tale_second(first(&t)), 8 * 3600, 19 * 3600);
        assert_true(mean_step_s(&t) > 4 && mean_step_s(&t) < 30);
        assert_true(tale_persons(&t, -1) > 80);
        assert_elsewhere(&t);
    }
}

/* Hits of the search that begins at `e`. */
static unsigned
hits(const struct tale *t, const struct region_event *e)
{
    uint64_t request = e->request;
    unsigned count = 0;

    for (; e != NULL && e->request == request; e = tale_stolen(t, e))
        count++;
    return count;
}

static void
assert_pages(const struct tale *t, unsigned least, unsigned most)
{
    unsigned pages = 0, next = 0;
    uint64_t offset = 0;

    for (const struct region_event *e = first(t); e != NULL;
         e = tale_stolen(t, e)) {
        if (e->action != ACTION_SEARCH || e->hit != 0)
            continue;
        assert_in_range(hits(t, e), least, most);
        pages++;
        if (e->place.kind == QUERY_OFFSET) {
            next += offset != 0 && e->place.at == offset + e->page;
            offset = e->place.at;
        }
    }
    assert_true(pages >= 8);
    assert_true(next > 0);
}

static void
a_pager_turns_page_after_page_at_a_constant_step(void **state)
{
    struct tale t;
    (void)state;
    EACH_TALE(t, THIEF_PAGED)
    {
        assert_pages(&t, 20, 50);
        assert_elsewhere(&t);
    }
    EACH_TALE(t, THIEF_SLOW_PAGES)
    {
        const struct region_event *e = first(&t), *next;
        assert_pages(&t, 10, 20);
        for (; (next = tale_stolen(&t, e)) != NULL; e = next)
            if (next->action == ACTION_SEARCH && next->hit == 0)
                assert_true(next->time_us - e->time_us > 500 * 1000000ll);
    }
}

static void
a_ring_has_three_accounts_on_one_machine(void **state)
{
    struct tale t;
    (void)state;
    EACH_TALE(t, THIEF_RING)
    {
        uint32_t accounts[3], network = 0;
        uint64_t device = 0;
        unsigned count = 0;
        for (const struct region_event *e = first(&t); e != NULL;
             e = tale_stolen(&t, e)) {
            const struct region_session *s = tale_session(&t, e);
            unsigned i = 0;
            while (i < count && accounts[i] != s->professional)
                i++;
            assert_true(i < 3);
            if (i == count)
                accounts[count++] = s->professional;
            assert_true(device == 0 || s->device == device);
            assert_true(network == 0 || s->address >> 8 == network);
            device = s->device;
            network = s->address >> 8;
        }
        assert_int_equal(count, 3);
    }
}

/* Whether honest events of the token lie before and behind that one. */
static bool
held_meanwhile(const struct tale *t, const struct region_event *stolen)
{
    uint64_t token = tale_session(t, stolen)->token;
    bool before = false, behind = false;

    for (const struct region_event *e = t->events; e < t->events + t->count;
         e++) {
        if (e->stolen || tale_session(t, e)->token != token)
            continue;
        before = before || e->time_us < stolen->time_us;
        behind = behind || e->time_us > stolen->time_us;
    }
    return before && behind;
}

static void
a_hijacker_has_the_holders_live_token_elsewhere(void **state)
{
    struct tale t;
    (void)state;
    EACH_TALE(t, THIEF_HIJACK)
    {
        assert_true(held_meanwhile(&t, first(&t)));
        assert_true(tale_persons(&t, -1) >= 20);
        assert_elsewhere(&t);
    }
}

static void
quiet_thieves_take_few_an_hour(void **state)
{
    static const enum region_thief kinds[] = {THIEF_QUIET, THIEF_DORMANT,
                                              THIEF_NEWCOMER, THIEF_OWN_MACHINE,
                                              THIEF_EXITS};
    struct tale t;
    (void)state;
    for (size_t k = 0; k < 5; k++) {
        EACH_TALE(t, kinds[k])
        {
            double step = mean_step_s(&t);
            assert_true(step > 3600 / 18 && step < 3600 / 5);
            assert_true(tale_persons(&t, -1) >= 20);
        }
    }
}

static void
exits_change_every_few_persons(void **state)
{
    struct tale t;
    (void)state;
    EACH_TALE(t, THIEF_EXITS)
    {
        unsigned changes = 0, persons = tale_persons(&t, -1);
        uint32_t address = 0;
        for (const struct region_event *e = first(&t); e != NULL;
             e = tale_stolen(&t, e)) {
            changes += tale_session(&t, e)->address != address;
            address = tale_session(&t, e)->address;
        }
        assert_true(changes * 10 >= persons);
    }
}

/* Days since the account's last honest event before the theft; since its
 * first: `earliest`. */
static int
days_since(const struct tale *t, bool earliest)
{
    const struct region_event *theft = first(t);
    int day = -1;

    for (const struct region_event *e = t->events; e->time_us < theft->time_us;
         e++)
        if (!e->stolen && tale_session(t, e)->professional == victim(t) &&
            (day < 0 || !earliest))
            day = tale_day(e);
    return day < 0 ? -1 : tale_day(theft) - day;
}

static void
a_dormant_account_had_been_left_for_two_weeks(void **state)
{
    struct tale t;
    (void)state;
    EACH_TALE(t, THIEF_DORMANT)
    {
        int days = days_since(&t, false);
        assert_true(days < 0 || days >= 14);
    }
}

static void
a_newcomers_account_is_two_days_old(void **state)
{
    struct tale t;
    (void)state;
    EACH_TALE(t, THIEF_NEWCOMER)
    {
        assert_true(days_since(&t, true) <= 3);
    }
}

static void
evenings_are_at_the_holders_machine_when_the_holder_has_gone(void **state)
{
    struct tale t;
    (void)state;
    EACH_TALE(t, THIEF_OWN_MACHINE)
    {
        const struct region_session *s = tale_session(&t, first(&t));
        int64_t begun[32] = {0};
        assert_true(s->device == 0 ||
                    tale_knows_device(&t, s->professional, s->device));
        for (const struct region_event *e = t.events; e < t.events + t.count;
             e++) {
            if (tale_session(&t, e)->professional != s->professional)
                continue;
            if (e->stolen && begun[tale_day(e)] == 0 &&
                tale_second(e) > 12 * 3600) {
                begun[tale_day(e)] = e->time_us;
                assert_true(tale_second(e) >= 19 * 3600 ||
                            tale_second(e) < 2 * 3600);
            }
            if (!e->stolen)
                assert_int_equal(begun[tale_day(e)], 0);
        }
    }
}

static void
a_poisoner_is_trusted_before_taking(void **state)
{
    struct tale t;
    (void)state;
    EACH_TALE(t, THIEF_POISONER)
    {
        int day = tale_day(first(&t));
        for (int d = day; d < day + 7; d++)
            assert_in_range(tale_persons(&t, d), 1, 12);
        assert_true(tale_persons(&t, day + 7) > 15);
        assert_elsewhere(&t);
    }
}

/* Persons of the account a day on which it is used by the holder, at most. */
static unsigned
busiest(const struct tale *t, uint32_t professional)
{
    static uint8_t seen[TALE_PERSONS];
    unsigned most = 0, count = 0;
    int day = -1;

    for (size_t i = 0; i < t->count; i++) {
        const struct region_event *e = &t->events[i];
        if (e->stolen || e->action == ACTION_LOGIN ||
            tale_session(t, e)->professional != professional)
            continue;
        if (tale_day(e) != day) {
            memset(seen, 0, sizeof(seen));
            count = 0;
            day = tale_day(e);
        }
        count += !seen[e->person];
        seen[e->person] = 1;
        most = count > most ? count : most;
    }
    return most;
}

static void
a_mimic_keeps_the_holders_pace_and_an_insider_the_sessions(void **state)
{
    struct tale t;
    (void)state;
    EACH_TALE(t, THIEF_MIMIC)
    {
        unsigned most = busiest(&t, victim(&t));
        for (int day = 0; day < 28; day++)
            assert_true(tale_persons(&t, day) <= 2 * most);
    }
    EACH_TALE(t, THIEF_INSIDER)
    {
        for (int day = 0; day < 28; day++)
            assert_true(tale_persons(&t, day) <= 7);
        uint32_t looked = UINT32_MAX;
        for (const struct region_event *e = first(&t); e != NULL;
             e = tale_stolen(&t, e)) {
            bool own = e->session == looked;
            looked = e->session;
            for (size_t i = 0; i < t.count && !own; i++)
                own = !t.events[i].stolen && t.events[i].session == e->session;
            assert_true(own);
        }
    }
}

/* Of searches that follow one of the same kind: how many go further, near. */
static void
orders(const struct tale *t, bool stolen, unsigned *ret_ups,
       unsigned *ret_downs, unsigned *ret_all)
{
    static struct query_place last[200000];
    uint16_t size;

    memset(last, 0, sizeof(last));
    for (size_t i = 0; i < t->count; i++) {
        const struct region_event *e = &t->events[i];
        if (e->stolen != stolen || e->action != ACTION_SEARCH || e->hit != 0 ||
            e->place.kind == QUERY_NONE || e->place.kind == QUERY_OFFSET)
            continue;
        assert_true(e->session < 200000);
        enum query_step step =
            query_step_of(&last[e->session], &e->place, &size);
        last[e->session] = e->place;
        *ret_ups += step == STEP_UP;
        *ret_downs += step == STEP_DOWN;
        *ret_all += step >= STEP_UP;
    }
}

static void
some_thieves_search_in_an_order_and_no_holder_does(void **state)
{
    struct tale t;
    unsigned ups = 0, downs = 0, all = 0, in_order = 0;
    (void)state;
    for (uint64_t seed = 4201; seed < 4211; seed++) {
        unsigned theirs_up = 0, theirs_down = 0, theirs = 0;
        tale_open(&t, THIEF_FAST, seed);
        orders(&t, false, &ups, &downs, &all);
        orders(&t, true, &theirs_up, &theirs_down, &theirs);
        in_order += theirs >= 10 && theirs_up * 10 >= theirs * 9;
        tale_close(&t);
    }
    assert_in_range(in_order, 2, 8);
    assert_true(all > 2000);
    assert_true(ups * 5 < all);
    /* as many up as down, but for chance */
    assert_true(ups < downs + downs / 5 && downs < ups + ups / 5);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_theft_lies_before_its_first_day),
        cmocka_unit_test(a_thief_uses_the_software_and_a_version_of_holders),
        cmocka_unit_test(a_night_script_takes_a_person_every_few_seconds),
        cmocka_unit_test(a_fast_thief_works_by_day),
        cmocka_unit_test(a_pager_turns_page_after_page_at_a_constant_step),
        cmocka_unit_test(a_ring_has_three_accounts_on_one_machine),
        cmocka_unit_test(a_hijacker_has_the_holders_live_token_elsewhere),
        cmocka_unit_test(quiet_thieves_take_few_an_hour),
        cmocka_unit_test(exits_change_every_few_persons),
        cmocka_unit_test(a_dormant_account_had_been_left_for_two_weeks),
        cmocka_unit_test(a_newcomers_account_is_two_days_old),
        cmocka_unit_test(
            evenings_are_at_the_holders_machine_when_the_holder_has_gone),
        cmocka_unit_test(a_poisoner_is_trusted_before_taking),
        cmocka_unit_test(
            a_mimic_keeps_the_holders_pace_and_an_insider_the_sessions),
        cmocka_unit_test(some_thieves_search_in_an_order_and_no_holder_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
