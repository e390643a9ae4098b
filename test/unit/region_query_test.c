/* SPDX-License-Identifier: EUPL-1.2 */
/* What the trail shows of a search is what the row feed says of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "core/queries.h"
#include "demo/region_rows.h"
#include "demo/region_state.h"
#include "codec/query_place.h"
#include "test/help/tale.h"

static void
every_person_has_one_file_number_and_neighbours_are_strangers(void **state)
{
    static const unsigned sizes[] = {1, 7, 400};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct region_options o;
        struct region *region;
        unsigned near = 0;
        region_options_default(&o);
        o.professionals = sizes[i];
        o.days = 1;
        assert_int_equal(region_new(&o, &region), OK);
        for (uint32_t p = 0; p < region->population; p++) {
            uint64_t number = region_number_of(region, p);
            assert_int_equal(region_numbered(region, number), p);
            uint32_t next = region_numbered(region, number + 1);
            near += next < p ? p - next < 10 : next - p < 10;
        }
        assert_int_equal(near, 0);
        region_free(region);
    }
}

static unsigned
digit_of(char letter)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop"
                                  "qrstuvwxyz0123456789+/";
    const char *at = strchr(letters, letter);

    assert_non_null(at);
    return (unsigned)(at - letters);
}

/* The request in the line's "query", base64. */
static struct text
query_of(const char *line, char room[512])
{
    const char *at = strstr(line, "\"query\":\"");
    size_t length = 0;

    assert_non_null(at);
    at += 9;
    for (; at[0] != '"'; at += 4) {
        unsigned bits = digit_of(at[0]) << 18 | digit_of(at[1]) << 12;
        unsigned more = at[2] == '=' ? 1 : at[3] == '=' ? 2 : 3;
        bits |= more > 1 ? digit_of(at[2]) << 6 : 0;
        bits |= more > 2 ? digit_of(at[3]) : 0;
        for (unsigned k = 0; k < more; k++)
            room[length++] = (char)(bits >> (16 - 8 * k) & 255);
        assert_true(length < 500);
    }
    return (struct text){room, length};
}

/* As an import reads the event's line; 0: nothing to say. */
static uint32_t
step_of_line(const struct tale *t, const struct region_event *e,
             struct queries *queries, struct buffer *line)
{
    struct query_place place;
    uint32_t detail;
    char room[512];

    buffer_clear(line);
    assert_int_equal(region_balp(t->region, e, line), OK);
    assert_int_equal(buffer_byte(line, '\0'), OK);
    query_place_of(query_of(line->bytes, room), &place);
    assert_int_equal(place.kind, e->place.kind);
    assert_int_equal(queries_next(queries,
                                  region_rows_session(tale_session(t, e)),
                                  e->time_us, e->request, &place, &detail),
                     OK);
    return detail;
}

static void
compare(enum region_thief kind, uint64_t seed, unsigned ret_kinds[5])
{
    struct tale t;
    struct region_rows *maker;
    struct queries *queries;
    struct buffer line = {0};

    tale_open(&t, kind, seed);
    assert_int_equal(region_rows_new(t.region, &maker), OK);
    assert_int_equal(queries_new(&queries), OK);
    for (size_t i = 0; i < t.count; i++) {
        const struct region_event *e = &t.events[i];
        struct row rows[REGION_ROWS_MAX];
        size_t made;
        uint32_t said = 0, read = 0;
        assert_int_equal(region_rows_make(maker, e, rows, &made), OK);
        for (size_t k = 0; k < made; k++)
            if (rows[k].kind == ROW_QUERY)
                said = rows[k].detail;
        if (e->action == ACTION_SEARCH)
            read = step_of_line(&t, e, queries, &line);
        assert_int_equal(said, read);
        ret_kinds[QUERY_DETAIL_KIND(said)]++;
    }
    buffer_free(&line);
    queries_free(queries);
    region_rows_free(maker);
    tale_close(&t);
}

static void
an_import_reads_of_searches_what_the_row_feed_says(void **state)
{
    unsigned kinds[5] = {0};
    (void)state;
    for (unsigned k = 0; k < REGION_THIEF_KINDS; k += 3)
        compare((enum region_thief)k, 4300 + k, kinds);
    for (unsigned k = QUERY_NAME; k <= QUERY_OFFSET; k++)
        assert_true(kinds[k] > 50);
}

static void
one_file_number_finds_one_person(void **state)
{
    struct tale t;
    unsigned count = 0;
    (void)state;
    tale_open(&t, THIEF_FAST, 4301);
    for (size_t i = 0; i < t.count; i++) {
        const struct region_event *e = &t.events[i];
        if (e->action != ACTION_SEARCH || e->search != QUERY_IDENTIFIER)
            continue;
        assert_int_equal(region_numbered(t.region, e->query), e->person);
        assert_int_equal(e->hit, 0);
        count++;
    }
    assert_true(count > 1000);
    tale_close(&t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            every_person_has_one_file_number_and_neighbours_are_strangers),
        cmocka_unit_test(an_import_reads_of_searches_what_the_row_feed_says),
        cmocka_unit_test(one_file_number_finds_one_person),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
