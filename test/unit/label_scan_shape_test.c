/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Entries that are built as one before them, and entries that nearly are:
 * the labels are those of the plain scanner, which knows no shapes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "test/help/label_told.h"

static struct label *label;

#define LIKE                                                         \
    "{\"fullUrl\":\"http://s/r/Encounter/%u\",\"resource\":{"        \
    "\"resourceType\":\"%s\",\"id\":\"%u\",\"status\":\"done\","     \
    "\"type\":[{\"coding\":[%s{\"code\":\"a\"},{\"code\":\"b\"}]}]," \
    "\"subject\":{\"reference\":\"Patient/%u\"},\"x\":[1,2]}}"

/* So many brackets that a shape's place does not hang on what is behind. */
#define MANY                                                   \
    "[[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[]]," \
    "[[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[]],"

static const char *padding = "";
static const char *others = "Encounter";

static void
add_like(struct buffer *out, const char *type, unsigned i)
{
    assert_int_equal(buffer_format(out, LIKE, i, type, i, padding, i), OK);
}

/* Several alike, the one in question, and two more. */
static void
bundle_of(struct buffer *out, const char *entry, bool indent)
{
    buffer_clear(out);
    assert_int_equal(
        buffer_string(out, "{\"resourceType\":\"Bundle\",\"entry\":["), OK);
    for (unsigned i = 0; i < 7; i++) {
        if (i == 4)
            assert_int_equal(buffer_string(out, entry), OK);
        else
            add_like(out, others, i % 3);
        assert_int_equal(buffer_string(out, i == 6   ? ""
                                            : indent ? ", "
                                                     : ","),
                         OK);
    }
    assert_int_equal(buffer_string(out, "]}"), OK);
}

static void
hold(struct text body)
{
    struct label_told want, got;

    label_told(label, LABEL_FHIR, NULL, LABEL_SCAN_PLAIN, body, 0, 0, &want);
    for (int scan = LABEL_SCAN_AVX2; scan <= LABEL_SCAN_AVX512; scan++) {
        label_begin(label, LABEL_FHIR, NULL);
        if (!label_scan_choose(label, (enum label_scan)scan))
            continue;
        for (size_t piece = 0; piece < 2000; piece += 333) {
            label_told(label, LABEL_FHIR, NULL, (enum label_scan)scan, body,
                       piece, 0, &got);
            assert_int_equal(got.result, want.result);
            if (want.result == OK) {
                assert_true(text_equal(buffer_as_text(&got.lines),
                                       buffer_as_text(&want.lines)));
            } else {
                assert_string_equal(got.why.rule, want.why.rule);
                assert_int_equal(got.why.offset, want.why.offset);
            }
            label_told_free(&got);
        }
    }
    label_told_free(&want);
}

static void
try_entry(const char *entry, enum result result)
{
    struct buffer body = {0};
    struct label_told told;

    for (int indent = 0; indent <= 1; indent++) {
        label_prepare(label);
        bundle_of(&body, entry, indent != 0);
        hold(buffer_as_text(&body));
        label_told(label, LABEL_FHIR, NULL, LABEL_SCAN_BEST,
                   buffer_as_text(&body), 0, 0, &told);
        assert_int_equal(told.result, result);
        label_told_free(&told);
    }
    buffer_free(&body);
}

/* The entry with `from` replaced by `to`. */
static void
try_other(const char *from, const char *to, enum result result)
{
    static const char *const paddings[] = {"", MANY};

    for (int i = 0; i < 2; i++) {
        struct buffer like = {0}, entry = {0};
        size_t at;

        padding = paddings[i];
        add_like(&like, "Encounter", 9);
        at = text_find(buffer_as_text(&like), from);
        assert_true(at < like.length);
        assert_int_equal(buffer_format(&entry, "%.*s%s%.*s", (int)at,
                                       like.bytes, to,
                                       (int)(like.length - at - strlen(from)),
                                       like.bytes + at + strlen(from)),
                         OK);
        assert_int_equal(buffer_byte(&entry, '\0'), OK);
        try_entry(entry.bytes, result);
        buffer_free(&like);
        buffer_free(&entry);
    }
}

static void
a_fault_in_an_entry_like_others_is_refused_where_it_is(void **state)
{
    (void)state;
    try_other("\"status\":", "\"status\" ", E_FORMAT);
    try_other("\"done\"", "\"do\te\"", E_FORMAT);
    try_other("\"done\"", "\"d\xc3(e\"", E_FORMAT);
    try_other("[1,2]", "[1 2]", E_FORMAT);
    try_other("[1,2]", "[01,2]", E_FORMAT);
    try_other("[1,2]", "[1,2}", E_FORMAT);
    try_other("{\"code\":\"b\"}", "[\"code\":\"b\"]", E_FORMAT);
    try_other("{\"code\":\"b\"}", "{\"code\",\"b\"}", E_FORMAT);
    try_other("\"id\":\"9\"", "\"id\":\"9\",\"id\":\"9\"", E_FORMAT);
    try_other("\"status\"", "\"id\":\"9\",\"status\"", E_FORMAT);
}

static void
a_limit_in_an_entry_like_others_is_kept(void **state)
{
    char id[LABEL_ID_BYTES_MAX + 16];

    (void)state;
    (void)snprintf(id, sizeof(id), "\"id\":\"%0*d\"", LABEL_ID_BYTES_MAX + 1,
                   1);
    try_other("\"id\":\"9\"", id, E_LIMIT);
}

static void
an_entry_like_others_is_told_by_its_own_values(void **state)
{
    (void)state;
    try_other("Patient/9", "Patient/77", OK);
    try_other("Patient/9", "urn:uuid:1", OK);
    try_other("Patient/9", "Pati\\u0065nt/1", OK);
    try_other("Patient/9", "Group/1", OK);
    try_other("http://s/", "http://t/", OK);
}

static void
an_entry_of_another_type_is_not_taken_for_one_alike(void **state)
{
    (void)state;
    try_other("\"resourceType\":\"Encounter\"",
              "\"resourceType\":\"Procedure\"", OK);
    try_other("\"resourceType\":\"Encounter\"",
              "\"resourceType\":\"Encountes\"", OK);
    try_other("\"resourceType\":\"Encounter\"",
              "\"resourceType\": \"Encounter\"", OK);
    /* of which a subject says nothing */
    others = "Substance";
    try_other("done", "new", OK);
    others = "Encounter";
}

static void
a_name_that_differs_by_a_letter_is_another(void **state)
{
    (void)state;
    try_other("\"subject\"", "\"subjekt\"", OK);
    try_other("\"subject\"", "\"patient\"", OK);
    try_other("\"subject\"", "\"subjec\"", OK);
    try_other("\"reference\"", "\"referenc\\u0065\"", OK);
    try_other("\"reference\"", "\"a\\\"reference\"", OK);
    try_other("\"subject\"", "\"a\\\"subject\"", OK);
    try_other("\"subject\"", "\"\\\"subject\"", OK);
    try_other("\"subject\":", "\"subject\" :", OK);
    try_other("\"status\"", "\"photos\"", OK);
}

static void
what_stands_otherwise_is_walked_into(void **state)
{
    (void)state;
    try_other("{\"reference\":\"Patient/9\"}", "[\"Patient/9\"]", OK);
    try_other("{\"reference\":\"Patient/9\"}",
              "{\"reference\":[\"Patient/9\"]}", OK);
    try_other("{\"reference\":\"Patient/9\"}", "{\"reference\":{\"a\":1}}", OK);
    try_other("\"id\":\"9\"", "\"id\":{\"a\":\"9\"}", OK);
    try_other("\"x\":[1,2]", "\"x\":[\"1\",2]", OK);
    try_other("\"x\":[1,2]",
              "\"contained\":[{\"resourceType\":\"Patient\",\"id\":\"p\"}]",
              OK);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_fault_in_an_entry_like_others_is_refused_where_it_is),
        cmocka_unit_test(a_limit_in_an_entry_like_others_is_kept),
        cmocka_unit_test(an_entry_like_others_is_told_by_its_own_values),
        cmocka_unit_test(an_entry_of_another_type_is_not_taken_for_one_alike),
        cmocka_unit_test(a_name_that_differs_by_a_letter_is_another),
        cmocka_unit_test(what_stands_otherwise_is_walked_into),
    };
    int result;

    label = label_told_new();
    if (label == NULL)
        return 1;
    result = cmocka_run_group_tests(tests, NULL, NULL);
    free(label);
    return result;
}
