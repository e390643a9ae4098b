/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * JSONTestSuite (nst, MIT): every y_ file is accepted, every n_ file refused
 * with a rule and an offset inside it, every i_ file decided without harm.
 * The files are in ../shared/data (VIGIE_SHARED overrides); skipped where
 * they are absent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>

#include "base/file.h"
#include "codec/json.h"

static char folder[512];

static int
find_suite(void **state)
{
    const char *shared = getenv("VIGIE_SHARED");
    DIR *dir;

    (void)state;
    (void)snprintf(folder, sizeof(folder),
                   "%s/data/vectors/jsontestsuite/test_parsing",
                   shared == NULL ? "../shared" : shared);
    dir = opendir(folder);
    if (dir == NULL) {
        (void)printf("skipped: no JSONTestSuite in %s\n", folder);
        folder[0] = '\0';
        return 0;
    }
    (void)closedir(dir);
    return 0;
}

/* 'y' accepted, 'n' refused with a cause, '!' refused without one. */
static char
verdict_on(const char *name)
{
    char path[1024];
    struct buffer bytes = {0};
    struct reason why = {0};
    enum result result;
    char verdict;

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    assert_int_equal(file_load(path, RECORD_BYTES_MAX, &bytes), OK);
    result = json_check(buffer_as_text(&bytes), &why);
    if (result == OK)
        verdict = 'y';
    else if (why.rule != NULL && why.offset <= bytes.length)
        verdict = 'n';
    else
        verdict = '!';
    buffer_free(&bytes);
    return verdict;
}

static unsigned
count_files(char kind, unsigned *wrong)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    unsigned count = 0;

    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        char verdict;
        if (entry->d_name[0] != kind || entry->d_name[1] != '_')
            continue;
        count++;
        verdict = verdict_on(entry->d_name);
        if (kind == 'i' ? verdict == '!' : verdict != kind) {
            (void)printf("%s: %c\n", entry->d_name, verdict);
            (*wrong)++;
        }
    }
    (void)closedir(dir);
    return count;
}

static void
judge(char kind, unsigned expected)
{
    unsigned wrong = 0, count;

    if (folder[0] == '\0')
        skip();
    count = count_files(kind, &wrong);
    assert_int_equal(wrong, 0);
    assert_int_equal(count, expected);
}

static void
every_text_that_must_be_refused_is_refused_with_its_cause(void **state)
{
    (void)state;
    judge('n', 188);
}

static void
every_text_that_must_be_accepted_is_accepted(void **state)
{
    (void)state;
    judge('y', 95);
}

static void
every_free_text_is_decided_without_harm(void **state)
{
    (void)state;
    judge('i', 35);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            every_text_that_must_be_refused_is_refused_with_its_cause),
        cmocka_unit_test(every_text_that_must_be_accepted_is_accepted),
        cmocka_unit_test(every_free_text_is_decided_without_harm),
    };

    return cmocka_run_group_tests(tests, find_suite, NULL);
}
