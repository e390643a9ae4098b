/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Every file of ../shared/data/fhir and of JSONTestSuite: whole, byte by byte
 * and in random pieces, by every scanner that this processor has, gives the
 * same labels or the same refusal. The files are in ../shared/data
 * (VIGIE_SHARED overrides); skipped where they are absent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <glob.h>

#include "base/file.h"
#include "test/help/label_told.h"

#define BYTEWISE_MAX 400000u

static struct label *label;
static unsigned wrong, tried;

static void
hold(const char *name, const char *how, const struct label_told *want,
     const struct label_told *got)
{
    const bool same =
        got->result == want->result &&
        (got->result == OK ? text_equal(buffer_as_text(&got->lines),
                                        buffer_as_text(&want->lines))
                           : strcmp(got->why.rule, want->why.rule) == 0 &&
                                 got->why.offset == want->why.offset);

    tried++;
    if (same)
        return;
    wrong++;
    (void)printf("# %s, %s: %s at %llu, not %s at %llu\n", name, how,
                 got->why.rule ? got->why.rule : "ok",
                 (unsigned long long)got->why.offset,
                 want->why.rule ? want->why.rule : "ok",
                 (unsigned long long)want->why.offset);
}

static void
try_pieces(const char *name, enum label_body body, struct text bytes)
{
    struct label_told want, got;
    static const char *const scanners[] = {"plain", "avx2", "avx512"};

    label_told(label, body, NULL, LABEL_SCAN_PLAIN, bytes, 0, 0, &want);
    if (strncmp(name, want.result == OK ? "n_" : "y_", 2) == 0) {
        wrong++; /* JSONTestSuite: what has to be refused, accepted */
        (void)printf("# %s: %s\n", name, want.why.rule ? want.why.rule : "ok");
    }
    for (unsigned scan = LABEL_SCAN_PLAIN; scan <= LABEL_SCAN_AVX512; scan++) {
        static const size_t pieces[] = {0, 1, 64, 129, 1500, 5000};
        label_begin(label, body, NULL);
        if (!label_scan_choose(label, (enum label_scan)scan))
            continue;
        for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
            char how[64];
            if (pieces[i] == 1 && bytes.length > BYTEWISE_MAX)
                continue;
            label_told(label, body, NULL, (enum label_scan)scan, bytes,
                       pieces[i], i >= 2 ? 7 + (uint32_t)i : 0, &got);
            (void)snprintf(how, sizeof(how), "%s in pieces of %zu",
                           scanners[scan], pieces[i]);
            hold(name, how, &want, &got);
            label_told_free(&got);
        }
    }
    label_told_free(&want);
}

static unsigned
try_files(const char *pattern)
{
    const char *shared = getenv("VIGIE_SHARED");
    char path[1024];
    glob_t found;
    unsigned count = 0;

    (void)snprintf(path, sizeof(path), "%s/data/%s",
                   shared == NULL ? "../shared" : shared, pattern);
    if (glob(path, 0, NULL, &found) != 0) {
        (void)printf("skipped: no %s\n", path);
        return 0;
    }
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct buffer bytes = {0};
        const char *name = strrchr(found.gl_pathv[i], '/') + 1;
        if (file_load(found.gl_pathv[i], 1u << 24, &bytes) != OK)
            continue;
        try_pieces(name,
                   strstr(name, ".ndjson") != NULL ? LABEL_FHIR_LINES
                                                   : LABEL_FHIR,
                   buffer_as_text(&bytes));
        buffer_free(&bytes);
        count++;
    }
    globfree(&found);
    return count;
}

static void
judge(const char *pattern)
{
    wrong = tried = 0;
    if (try_files(pattern) == 0)
        skip();
    assert_true(tried > 0);
    assert_int_equal(wrong, 0);
}

static void
hostile_json_is_refused_alike_however_it_comes(void **state)
{
    (void)state;
    judge("vectors/jsontestsuite/test_parsing/*.json");
}

static void
examples_have_the_same_labels_however_they_come(void **state)
{
    (void)state;
    judge("fhir/hl7-r4-examples/*.json");
}

static void
french_bodies_have_the_same_labels_however_they_come(void **state)
{
    (void)state;
    judge("fhir/ans-fr/*.json");
}

static void
pages_of_searches_have_the_same_labels_however_they_come(void **state)
{
    (void)state;
    judge("fhir/searchsets/*.json");
}

static void
whole_lives_have_the_same_labels_however_they_come(void **state)
{
    (void)state;
    judge("fhir/synthea-r4/A*.json");
}

static void
bulk_lines_have_the_same_labels_however_they_come(void **state)
{
    (void)state;
    judge("fhir/bulk-ndjson/*.ndjson");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_json_is_refused_alike_however_it_comes),
        cmocka_unit_test(examples_have_the_same_labels_however_they_come),
        cmocka_unit_test(french_bodies_have_the_same_labels_however_they_come),
        cmocka_unit_test(
            pages_of_searches_have_the_same_labels_however_they_come),
        cmocka_unit_test(whole_lives_have_the_same_labels_however_they_come),
        cmocka_unit_test(bulk_lines_have_the_same_labels_however_they_come),
    };
    int result;

    label = label_told_new();
    if (label == NULL)
        return 1;
    result = cmocka_run_group_tests(tests, NULL, NULL);
    free(label);
    return result;
}
