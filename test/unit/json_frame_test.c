/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Every case is fed whole, byte by byte and in pieces of seven: the calls
 * are written down as text and must be the same each time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "ingest/json_frame.h"

static enum result
note_record(void *context, struct text record, uint64_t offset)
{
    struct buffer *log = context;

    if (record.length > 200)
        return buffer_format(log, "%u:<%zu bytes>\n", (unsigned)offset,
                             record.length);
    return buffer_format(log, "%u:%.*s\n", (unsigned)offset, (int)record.length,
                         record.bytes);
}

static enum result
note_refused(void *context, const struct reason *why)
{
    return buffer_format(context, "%u!%s\n", (unsigned)why->offset, why->rule);
}

/* As a trail does: feeds where a text starts or goes on, ends where something
 * stands that is no JSON. */
static void
feed_pieces(struct text bytes, size_t piece, struct buffer *log)
{
    const struct json_frame_sink sink = {log, note_record, note_refused};
    struct json_frame *frame = NULL;
    size_t at = 0, end = 0, used;

    assert_int_equal(json_frame_new(&sink, &frame), OK);
    while (at < bytes.length) {
        bool more = false;
        if (end == at || json_frame_idle(frame))
            end = end + piece < bytes.length ? end + piece : bytes.length;
        while (json_frame_idle(frame) && at < end &&
               strchr(" \t\r\n", bytes.bytes[at]) != NULL)
            at++;
        if (at == end)
            continue;
        if (json_frame_idle(frame) &&
            !json_frame_starts((struct text){bytes.bytes + at, end - at},
                               &more)) {
            if (more && end < bytes.length)
                continue;
            assert_int_equal(buffer_format(log, "%zu?\n", at), OK);
            break;
        }
        assert_int_equal(json_frame_feed(frame,
                                         (const uint8_t *)bytes.bytes + at,
                                         end - at, at, &used),
                         OK);
        assert_true(used == end - at || json_frame_idle(frame));
        at += used;
    }
    assert_int_equal(json_frame_end(frame), OK);
    assert_true(json_frame_idle(frame));
    json_frame_free(frame);
}

static void
gives_text(struct text bytes, const char *expected)
{
    const size_t pieces[] = {bytes.length, 1, 7, 64};

    for (size_t i = 0; i < 4; i++) {
        struct buffer log = {0};
        if (i > 0 && bytes.length / pieces[i] > 2000000)
            continue;
        assert_int_equal(buffer_reserve(&log, 1), OK);
        feed_pieces(bytes, pieces[i], &log);
        assert_int_equal(buffer_byte(&log, '\0'), OK);
        assert_string_equal(log.bytes, expected);
        buffer_free(&log);
    }
}

static void
gives(const char *bytes, const char *expected)
{
    gives_text(text_of(bytes), expected);
}

static void
a_line_cut_inside_a_string_costs_only_itself(void **state)
{
    (void)state;
    gives("{\"a\":\"x\n{\"b\":1}\n", "7!json-string-control\n8:{\"b\":1}\n");
}

static void
a_line_cut_behind_a_colon_does_not_swallow_the_next(void **state)
{
    (void)state;
    gives("{\"a\":\n{\"b\":1}\n{\"c\":2}\n",
          "14!json-syntax\n6:{\"b\":1}\n14:{\"c\":2}\n");
    gives("{\"a\":\n{\"b\":1}\n", "0!record-truncated\n6:{\"b\":1}\n");
}

static void
a_line_cut_behind_a_comma_costs_only_itself(void **state)
{
    (void)state;
    gives("{\"a\":1,\n{\"b\":1}\n", "8!json-syntax\n8:{\"b\":1}\n");
}

static void
a_line_cut_behind_an_inner_brace_is_given_for_refusal(void **state)
{
    (void)state;
    gives("{\"a\":{}\n{\"b\":1}\n", "0:{\"a\":{}\n8:{\"b\":1}\n");
}

static void
a_truncated_last_record_is_refused_at_its_start(void **state)
{
    (void)state;
    gives("{\"b\":1}\n{\"a\":{}", "0:{\"b\":1}\n8!record-truncated\n");
    gives("{\"b\":1}\n{\"a\":[1,", "0:{\"b\":1}\n8!record-truncated\n");
    gives("[{\"b\":1},{\"a\"", "1:{\"b\":1}\n9!record-truncated\n");
    gives("[{\"b\":1},", "1:{\"b\":1}\n0!record-truncated\n");
    gives("{\"resourceType\":\"Bundle\",\"entry\":[{\"a\":1}",
          "34:{\"a\":1}\n0!record-truncated\n");
}

static void
wrong_brackets_are_refused(void **state)
{
    (void)state;
    gives("[{\"b\":1]}]\n{\"c\":1}\n", "7!json-syntax\n11:{\"c\":1}\n");
    gives("[{\"b\":1},]\n{\"c\":1}\n",
          "1:{\"b\":1}\n9!json-syntax\n11:{\"c\":1}\n");
    gives("{\n\"a\":1]\n{\"c\":1}\n", "7!json-syntax\n9:{\"c\":1}\n");
}

static void
a_bad_element_costs_itself_and_not_its_neighbours(void **state)
{
    (void)state;
    gives("[{\"a\":1},\n {\"b\" 2 3},\n {\"c\":1}]",
          "1:{\"a\":1}\n11:{\"b\" 2 3}\n23:{\"c\":1}\n");
}

static void
nesting_past_the_limit_is_refused(void **state)
{
    char deep[600];
    size_t at = 0;

    (void)state;
    for (int i = 0; i < JSON_DEPTH_MAX + 1; i++) {
        memcpy(deep + at, "[ ", 2);
        at += 2;
    }
    memcpy(deep + at, "\n{\"c\":1}\n", 9);
    at += 9;
    gives_text((struct text){deep, at}, "256!json-depth-max\n259:{\"c\":1}\n");
}

/* `body` repeated to `bytes` bytes between head and tail. */
static struct text
large(const char *head, size_t bytes, const char *tail)
{
    size_t head_length = strlen(head), tail_length = strlen(tail);
    size_t length = head_length + bytes + tail_length;
    char *out = malloc(length);

    assert_non_null(out);
    memcpy(out, head, head_length);
    memset(out + head_length, 'x', bytes);
    memcpy(out + head_length + bytes, tail, tail_length);
    return (struct text){out, length};
}

static void
a_record_over_the_limit_is_refused_and_the_stream_goes_on(void **state)
{
    struct text line = large("{\"a\":\"", RECORD_BYTES_MAX, "\"}\n{\"b\":1}\n");
    struct text element =
        large("[{\"a\":\"", RECORD_BYTES_MAX, "\"},{\"b\":1}]");

    (void)state;
    gives_text(line, "0!record-bytes-max\n4194313:{\"b\":1}\n");
    gives_text(element, "1!record-bytes-max\n4194314:{\"b\":1}\n");
    free((void *)(uintptr_t)line.bytes);
    free((void *)(uintptr_t)element.bytes);
}

static void
a_record_of_just_the_limit_is_given(void **state)
{
    struct text line = large("{\"a\":\"", RECORD_BYTES_MAX - 8, "\"}\n");
    struct text whole = large("{\n\"a\":\"", RECORD_BYTES_MAX - 9, "\"}");

    (void)state;
    gives_text(line, "0:<4194304 bytes>\n");
    gives_text(whole, "0:<4194304 bytes>\n");
    free((void *)(uintptr_t)line.bytes);
    free((void *)(uintptr_t)whole.bytes);
}

static void
a_bundle_of_any_size_gives_its_entries(void **state)
{
    struct text big = large("{\"resourceType\":\"Bundle\",\"text\":\"",
                            RECORD_BYTES_MAX + 100,
                            "\",\"entry\":[{\"a\":1},\n{\"b\":2}],\"z\":{}}\n");

    (void)state;
    gives_text(big, "4194448:{\"a\":1}\n4194457:{\"b\":2}\n");
    free((void *)(uintptr_t)big.bytes);
}

static void
what_is_no_json_behind_a_text_goes_back_to_the_caller(void **state)
{
    (void)state;
    gives("{\"b\":1}\n<85>1 x\n", "0:{\"b\":1}\n8?\n");
    gives("{\"b\":1}\n[2026-03-02 09:14] x\n", "0:{\"b\":1}\n8?\n");
    gives("{\"b\":1}\n{x}\n", "0:{\"b\":1}\n8?\n");
    gives("[{\"b\":1}]\nx\n", "1:{\"b\":1}\n10?\n");
}

static void
what_stands_behind_a_text_on_its_line_is_refused(void **state)
{
    (void)state;
    gives("{\"b\":1} x\nzzz\n", "0:{\"b\":1}\n8!json-trailing\n10?\n");
    gives("{\"b\":1} x\n{\"c\":1}\n",
          "0:{\"b\":1}\n8!json-trailing\n10:{\"c\":1}\n");
}

static void
lines_are_records_with_any_line_end(void **state)
{
    (void)state;
    gives("{\"b\":1}\n{\"c\":2}\r\n\n  {\"d\":3}",
          "0:{\"b\":1}\n8:{\"c\":2}\r\n20:{\"d\":3}\n");
}

static void
pretty_printed_documents_are_cut_where_they_end(void **state)
{
    (void)state;
    gives("{\n \"a\" : {\n }\n}\n{ \"b\" :\n [ ] }{\"c\":1}\n",
          "0:{\n \"a\" : {\n }\n}\n16:{ \"b\" :\n [ ] }\n30:{\"c\":1}\n");
    gives("{\"a\":{}\n}\n{}\n", "0:{\"a\":{}\n}\n10:{}\n");
    gives("{\"a\":{}\n\n\n,\"b\":1}\n", "0:{\"a\":{}\n\n\n,\"b\":1}\n");
}

static void
elements_of_an_array_are_records(void **state)
{
    (void)state;
    gives("[{\"a\":1} , {\"b\":[{}]},[1],3, \"x\\\"]\" ,null]\n[]\n{}\n",
          "1:{\"a\":1}\n11:{\"b\":[{}]}\n22:[1]\n26:3\n29:\"x\\\"]\"\n"
          "37:null\n46:{}\n");
}

static void
entries_of_a_pretty_bundle_are_records(void **state)
{
    (void)state;
    gives("{\n\"resourceType\":\"Bundle\",\n\"entry\":[\n{\"a\":1},{\"b\":{}}"
          "\n],\"link\":[{}]}\n",
          "37:{\"a\":1}\n45:{\"b\":{}}\n");
    /* another resource that has entries is one record */
    gives("{\n\"resourceType\":\"List\",\n\"entry\":[{}]}\n",
          "0:{\n\"resourceType\":\"List\",\n\"entry\":[{}]}\n");
    gives("{\n\"x\":{\"entry\":[{}]}}\n", "0:{\n\"x\":{\"entry\":[{}]}}\n");
    gives("{\n\"entry\":[]}\n", "0:{\n\"entry\":[]}\n");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_cut_inside_a_string_costs_only_itself),
        cmocka_unit_test(a_line_cut_behind_a_colon_does_not_swallow_the_next),
        cmocka_unit_test(a_line_cut_behind_a_comma_costs_only_itself),
        cmocka_unit_test(a_line_cut_behind_an_inner_brace_is_given_for_refusal),
        cmocka_unit_test(a_truncated_last_record_is_refused_at_its_start),
        cmocka_unit_test(wrong_brackets_are_refused),
        cmocka_unit_test(a_bad_element_costs_itself_and_not_its_neighbours),
        cmocka_unit_test(nesting_past_the_limit_is_refused),
        cmocka_unit_test(
            a_record_over_the_limit_is_refused_and_the_stream_goes_on),
        cmocka_unit_test(a_record_of_just_the_limit_is_given),
        cmocka_unit_test(a_bundle_of_any_size_gives_its_entries),
        cmocka_unit_test(what_is_no_json_behind_a_text_goes_back_to_the_caller),
        cmocka_unit_test(what_stands_behind_a_text_on_its_line_is_refused),
        cmocka_unit_test(lines_are_records_with_any_line_end),
        cmocka_unit_test(pretty_printed_documents_are_cut_where_they_end),
        cmocka_unit_test(elements_of_an_array_are_records),
        cmocka_unit_test(entries_of_a_pretty_bundle_are_records),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
