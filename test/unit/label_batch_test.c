/* SPDX-License-Identifier: EUPL-1.2 */
/* Reads, writes, or both: what a batch asks for. */
#include "label/label_batch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"

static struct label *label;

static enum label_batch
batch_of(const char *body)
{
    const size_t length = strlen(body);
    enum label_batch whole, bytewise;

    label_batch_begin(label);
    (void)!label_feed(label, body, length);
    whole = label_batch_end(label);
    label_batch_begin(label);
    for (size_t i = 0; i < length; i++)
        if (label_feed(label, body + i, 1) != OK)
            break;
    bytewise = label_batch_end(label);
    assert_int_equal(whole, bytewise);
    return whole;
}

#define BUNDLE(entries) "{\"resourceType\":\"Bundle\",\"entry\":[" entries "]}"
#define REQUEST(method, url) \
    "{\"request\":{\"method\":\"" method "\",\"url\":\"" url "\"}}"

static void
what_cannot_be_told_is_both(void **state)
{
    static const char *const bodies[] = {
        "",
        "<Bundle/>",
        "{\"resourceType\":\"Bundle\"}",
        "{\"resourceType\":\"Bundle\",\"entry\":[{\"resource\":{}}]}",
        "{\"resourceType\":\"Bundle\",\"entry\":[",
        BUNDLE(REQUEST("GET", "Patient/1")) "}",
        BUNDLE(REQUEST("GET", "\xff")),
        BUNDLE(REQUEST("GET", "Patient/1") "," REQUEST("PUT", "Patient/1")),
        BUNDLE(REQUEST("GET", "Patient/1") "," REQUEST("get", "Patient/2")),
        BUNDLE(REQUEST("GET", "a") ",{\"request\":{\"method\":7}}"),
        BUNDLE("{\"request\":{\"method\":\"GET\",\"method\":\"PUT\"}}"),
        /* they are POSTs that read */
        BUNDLE(REQUEST("POST", "Patient/_search")),
        BUNDLE(REQUEST("POST", "Patient/1/$everything?_count=9")),
        BUNDLE(REQUEST("POST", "Patient/_sear%63h")),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
        assert_int_equal(batch_of(bodies[i]), LABEL_BATCH_MIXED);
}

static void
reads_are_told_from_writes(void **state)
{
    (void)state;
    assert_int_equal(batch_of(BUNDLE(REQUEST("GET", "Patient/1"))),
                     LABEL_BATCH_READS);
    assert_int_equal(
        batch_of(
            BUNDLE(REQUEST("G\\u0045T", "Patient/1/$everything") "," REQUEST(
                "HEAD", "Patient?a=%41"))),
        LABEL_BATCH_READS);
    assert_int_equal(batch_of(BUNDLE(REQUEST("POST", "Patient") "," REQUEST(
                         "DELETE", "Patient?x=$a"))),
                     LABEL_BATCH_WRITES);
    assert_int_equal(
        batch_of("{\"entry\":[" REQUEST(
            "GET", "Patient/1") "],\"\\u0072esourceType\":\"Bundle\"}"),
        LABEL_BATCH_READS);
}

static void
other_json_is_no_batch(void **state)
{
    (void)state;
    assert_int_equal(batch_of("{\"resourceType\":\"Patient\"}"),
                     LABEL_BATCH_NONE);
    assert_int_equal(batch_of("{\"method\":\"GET\",\"url\":\"x\"}"),
                     LABEL_BATCH_NONE);
    assert_int_equal(batch_of("[1,2]"), LABEL_BATCH_NONE);
}

static void
more_urls_than_a_table_holds_are_both(void **state)
{
    struct buffer body = {0};

    (void)state;
    assert_int_equal(buffer_string(&body, "{\"entry\":["), OK);
    for (int i = 0; i < LABEL_NAMES_MAX + 1; i++)
        assert_int_equal(buffer_format(&body, "%s" REQUEST("GET", "Patient/%d"),
                                       i == 0 ? "" : ",", i),
                         OK);
    assert_int_equal(buffer_string(&body, "]}"), OK);
    assert_int_equal(buffer_byte(&body, '\0'), OK);
    assert_int_equal(batch_of((const char *)body.bytes), LABEL_BATCH_MIXED);
    buffer_free(&body);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_told_is_both),
        cmocka_unit_test(reads_are_told_from_writes),
        cmocka_unit_test(other_json_is_no_batch),
        cmocka_unit_test(more_urls_than_a_table_holds_are_both),
    };
    int result;

    label = aligned_alloc(64, label_bytes());
    if (label == NULL)
        return 1;
    result = cmocka_run_group_tests(tests, NULL, NULL);
    free(label);
    return result;
}
