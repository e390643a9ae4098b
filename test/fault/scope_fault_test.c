/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Every allocation of scope, who and hunt fails once: the answer is then "no
 * memory", never a smaller number of persons, and nothing is leaked.
 */
#include "test/unit/ledger_fixture.h"

#include <errno.h>

#include "scope/hunt_run.h"
#include "scope/scope_run.h"
#include "scope/who_run.h"

#if defined(__SANITIZE_ADDRESS__)
int
main(void)
{
    (void)puts("ok the sanitizer keeps the allocator for itself # SKIP");
    return 0;
}
#else

/* glibc's own, under the names that it exports for this purpose. */
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *old, size_t bytes);
void __libc_free(void *block);
void *reallocarray(void *old, size_t count, size_t bytes);

static long until_failure = -1; /* -1: none fails */
static long live;               /* blocks that are held */

static bool
fails_now(void)
{
    if (until_failure < 0)
        return false;
    if (until_failure > 0) {
        until_failure--;
        return false;
    }
    errno = ENOMEM;
    return true;
}

/* Libraries use malloc, this program calloc and reallocarray: only what they
 * ask for fails. */
void *
malloc(size_t bytes)
{
    live++;
    return __libc_malloc(bytes);
}

void *
calloc(size_t count, size_t bytes)
{
    if (fails_now())
        return NULL;
    live++;
    return __libc_calloc(count, bytes);
}

void *
realloc(void *old, size_t bytes)
{
    live += old == NULL;
    return __libc_realloc(old, bytes);
}

void *
reallocarray(void *old, size_t count, size_t bytes)
{
    size_t all;

    if (fails_now() || __builtin_mul_overflow(count, bytes, &all))
        return NULL;
    return realloc(old, all);
}

void
free(void *block)
{
    live -= block != NULL;
    __libc_free(block);
}

static struct fixture fixture;

/* Persons enough for each table to grow more than once. */
static void
fill(void)
{
    char person[16], session[3] = "a0";

    for (int i = 0; i < 400; i++) {
        session[0] = (char)('a' + i % 5);
        session[1] = (char)('0' + i % 7);
        (void)snprintf(person, sizeof(person), "P%d", i % 150);
        if (i % 40 < 2)
            fixture_sight(&fixture, session, i, i % 3 ? "192.0.2.1" : "::1",
                          i % 2 ? "D1" : "D2");
        fixture_see(&fixture, session, i, person, CATEGORY_IDENTITY);
    }
}

static enum result
run_scope(void)
{
    struct walk_query query;
    struct scope scope = {0};
    enum result result;

    walk_query_start(&query);
    result = scope_run(fixture.ledger, fixture.lookup, &query, true, &scope);
    if (result == OK)
        assert_int_equal(scope.whole.person_count, 150);
    else
        assert_null(scope.whole.persons);
    scope_free(&scope);
    walk_query_free(&query);
    return result;
}

static enum result
run_who(void)
{
    struct id_list persons = {0};
    struct who who = {0};
    enum result result =
        id_list_add(&persons, fixture_name(&fixture, ALIAS_PERSON, "P3"));

    if (result == OK)
        result = who_run(fixture.ledger, &persons, INT64_MIN, INT64_MAX, &who);
    if (result == OK)
        assert_int_equal(who.disclosures, 3);
    else
        assert_null(who.entries);
    who_free(&who);
    id_list_free(&persons);
    return result;
}

static enum result
run_hunt(void)
{
    struct walk_query start;
    struct id_list devices = {0};
    struct hunt hunt = {0};
    enum result result;

    walk_query_start(&start);
    result = id_list_add(&start.sessions,
                         fixture_name(&fixture, ALIAS_SESSION, "a0"));
    if (result == OK)
        result =
            hunt_run(fixture.ledger, fixture.lookup, &start, &devices, &hunt);
    if (result == OK)
        assert_true(hunt.session_count > 1);
    else
        assert_null(hunt.sessions);
    hunt_free(&hunt);
    walk_query_free(&start);
    return result;
}

static void fail_each(enum result (*run)(void))
{
    long nth = 0;
    enum result result;

    assert_int_equal(run(), OK); /* what is kept for later is there now */
    do {
        long before = live;

        until_failure = nth++;
        result = run();
        until_failure = -1;
        assert_true(result == OK || result == E_NOMEM);
        assert_int_equal(live, before);
    } while (result != OK);
    assert_true(nth > 5);
}

static void
a_scope_without_memory_is_no_scope(void **state)
{
    (void)state;
    fail_each(run_scope);
}

static void
who_without_memory_names_nobody(void **state)
{
    (void)state;
    fail_each(run_who);
}

static void
a_hunt_without_memory_finds_nothing(void **state)
{
    (void)state;
    fail_each(run_hunt);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scope_without_memory_is_no_scope),
        cmocka_unit_test(who_without_memory_names_nobody),
        cmocka_unit_test(a_hunt_without_memory_finds_nothing),
    };
    int code;

    fixture_open(&fixture);
    fill();
    code = cmocka_run_group_tests(tests, NULL, NULL);
    fixture_close(&fixture);
    return code;
}
#endif
