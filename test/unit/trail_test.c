/* SPDX-License-Identifier: EUPL-1.2 */
/* The dispatcher with forms of our own, which write down what they get.
 * Every input is fed whole, byte by byte and in random pieces, and must give
 * the same calls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "codec/csv.h"
#include "ingest/form.h"

static struct buffer seen;
static struct buffer input;
static bool forced;

/* "name@offset{text}"; of long texts the length. */
static enum result
note(const char *name, struct text text, uint64_t at)
{
    enum result result = buffer_format(&seen, "%s@%lld", name, (long long)at);
    if (result == OK && text.length > 400)
        result = buffer_format(&seen, "{%zu bytes}\n", text.length);
    else if (result == OK)
        result = buffer_format(&seen, "{%.*s}\n", (int)text.length, text.bytes);
    return result;
}

/* The forms. */
enum result
form_json(struct form_context *context, struct text record, uint64_t at)
{
    (void)context;
    if (text_starts(record, "{\"row\""))
        return E_NOTFOUND;
    return note("json", record, at);
}

enum result
form_xml(struct form_context *context, struct text record, uint64_t at)
{
    (void)context;
    return note("xml", record, at);
}

enum result
form_syslog(struct form_context *context, struct text record, uint64_t at)
{
    (void)context;
    return note("syslog", record, at);
}

bool
form_is_keycloak(struct text line)
{
    return text_find(line, "type=LOGIN") < line.length;
}

enum result
form_keycloak(struct form_context *context, struct text record, uint64_t at)
{
    (void)context;
    return note("keycloak", record, at);
}

struct table {
    bool quotes;
};

enum result
table_new(const struct trail_options *options, struct table **ret_table)
{
    (void)options;
    *ret_table = calloc(1, sizeof **ret_table);
    return *ret_table != NULL ? OK : E_NOMEM;
}

void
table_free(struct table *table)
{
    free(table);
}

/* "csv" opens a table of CSV, "log" one of lines. */
enum result
table_open(struct table *table, struct text first_lines)
{
    table->quotes = text_starts(first_lines, "csv");
    return table->quotes || text_starts(first_lines, "log") ? OK : E_NOTFOUND;
}

enum result
table_record(struct table *table, struct form_context *context,
             struct text record, uint64_t at)
{
    (void)table;
    (void)context;
    return note("row", record, at);
}

enum result
table_json(struct table *table, struct form_context *context,
           struct text record, uint64_t at)
{
    (void)table;
    (void)context;
    return text_find(record, "fits") < record.length ? note("row", record, at)
                                                     : E_NOTFOUND;
}

enum result
table_failure(const struct table *table, struct reason *ret_why)
{
    (void)table;
    (void)reason_set(ret_why, E_FORMAT, "mapping-missing", "person", 1);
    return OK;
}

size_t
table_record_end(const struct table *table, struct text bytes)
{
    if (table->quotes)
        return csv_record_end(bytes, ';');
    size_t end = text_find_byte(bytes, '\n');
    return end < bytes.length ? end + 1 : 0;
}

const char *
table_name(const struct table *table)
{
    return table->quotes ? "csv" : "log";
}

enum result
table_propose(struct text first_lines, struct buffer *out)
{
    return buffer_text(out, first_lines);
}

/* The sink. */
static enum result
on_event(void *context, const struct event *event, uint64_t offset)
{
    (void)context;
    (void)event;
    return note("event", (struct text){"", 0}, offset);
}

static enum result
on_ignored(void *context, const char *kind, uint64_t offset)
{
    (void)context;
    return buffer_format(&seen, "ignored %s@%llu\n", kind,
                         (unsigned long long)offset);
}

static enum result
on_refused(void *context, const struct reason *why)
{
    (void)context;
    return buffer_format(&seen, "refused %s@%llu\n", why->rule,
                         (unsigned long long)why->offset);
}

static char form[200];

/* Pieces of at most `most` bytes, of random lengths by `seed`; 0: whole. */
static void
feed(struct text text, size_t most, uint32_t seed)
{
    const struct trail_sink sink = {
        .event = on_event, .ignored = on_ignored, .refused = on_refused};
    const struct trail_options options = {.mapping_forced = forced};
    struct trail *trail;
    size_t at = 0;
    buffer_clear(&seen);
    assert_int_equal(trail_new(&options, &sink, &trail), OK);
    while (at < text.length) {
        size_t piece = text.length - at;
        if (most > 0) {
            seed = seed * 1664525u + 1013904223u;
            size_t length = most == 1 ? 1 : 1 + (seed >> 8) % most;
            piece = length < piece ? length : piece;
        }
        /* memory of its own, so that a sanitizer sees what is kept */
        uint8_t *copy = malloc(piece);
        assert_non_null(copy);
        memcpy(copy, text.bytes + at, piece);
        assert_int_equal(trail_feed(trail, copy, piece), OK);
        free(copy);
        at += piece;
    }
    assert_int_equal(trail_end(trail), OK);
    (void)snprintf(form, sizeof form, "%s", trail_form(trail));
    trail_free(trail);
    assert_int_equal(buffer_byte(&seen, '\0'), OK);
}

static void
assert_calls(struct text text, const char *expected)
{
    feed(text, 0, 0);
    assert_string_equal(seen.bytes, expected);
    if (text.length < 20000) {
        feed(text, 1, 0);
        assert_string_equal(seen.bytes, expected);
    }
    size_t most = 1;
    for (uint32_t seed = 0; seed < 40; seed++) {
        most = text.length > 100000 ? 1u << (10 + seed / 4) : 3 + 2 * seed;
        if (text.length > 100000 && seed % 4 != 0)
            continue;
        feed(text, most, seed);
        assert_string_equal(seen.bytes, expected);
    }
}

static void
assert_string_calls(const char *text, const char *expected)
{
    assert_calls(text_of(text), expected);
}

static void
add(const char *string)
{
    assert_int_equal(buffer_string(&input, string), OK);
}

static void
fill(char byte, size_t count)
{
    assert_int_equal(buffer_reserve(&input, count), OK);
    memset(input.bytes + input.length, byte, count);
    input.length += count;
}

static void
start(void)
{
    buffer_clear(&input);
}

static void
utf_16_is_refused_once(void **state)
{
    (void)state;
    assert_calls(TEXT("\xff\xfe<\0a\0\n\0<\0b\0"), "refused utf-16@0\n");
    assert_calls(TEXT("\xfe\xff\0<\0a"), "refused utf-16@0\n");
    assert_calls(TEXT("{\0\"\0a\0"), "refused utf-16@0\n");
    assert_calls(TEXT("\0{\0\""), "refused utf-16@0\n");
}

static void
an_empty_trail_calls_nobody(void **state)
{
    (void)state;
    assert_string_calls("", "");
    assert_string_calls(" \r\n\t\n\xef\xbb\xbf\n", "");
    assert_string_equal(form, "unknown");
}

static void
a_line_over_the_maximum_is_refused_and_passed_over(void **state)
{
    (void)state;
    start();
    add("log\n");
    fill('x', RECORD_BYTES_MAX + 100);
    add("\nshort\n");
    assert_calls(buffer_as_text(&input),
                 "row@0{log}\nrefused record-bytes-max@4\n"
                 "row@4194409{short}\n");
    start();
    add("log\n");
    fill('x', RECORD_BYTES_MAX - 1);
    add("\nshort\n");
    assert_calls(buffer_as_text(&input),
                 "row@0{log}\nrow@4{4194303 bytes}\nrow@4194308{short}\n");
    start();
    add("log\n");
    fill('x', 3 * RECORD_BYTES_MAX);
    assert_calls(buffer_as_text(&input),
                 "row@0{log}\nrefused record-bytes-max@4\n");
}

static void
a_document_over_the_maximum_is_passed_over_to_the_next_record(void **state)
{
    (void)state;
    start();
    add("<AuditMessage>");
    fill('x', RECORD_BYTES_MAX);
    add("<a/>\n</AuditMessage>\n<AuditMessage/>");
    assert_calls(buffer_as_text(&input),
                 "refused record-bytes-max@0\nxml@4194339{<AuditMessage/>}\n");
}

static void
nul_bytes_in_lines_are_refused(void **state)
{
    (void)state;
    assert_calls(TEXT("log\na\0b\nc\n"),
                 "row@0{log}\nrefused line-nul@5\nrow@8{c}\n");
    assert_calls(TEXT("csv\na\0b\nc\n"),
                 "row@0{csv}\nrefused line-nul@5\nrow@8{c}\n");
}

static void
bad_utf_8_in_a_keycloak_line_is_refused(void **state)
{
    (void)state;
    assert_string_calls("type=LOGIN, a=\xff\ntype=LOGIN\n",
                        "refused line-utf8@14\nkeycloak@16{type=LOGIN}\n");
}

static void
plain_lines_that_fit_nothing_are_refused_one_by_one(void **state)
{
    struct buffer proposal = {.bytes = NULL};
    (void)state;
    assert_string_calls("a b\nc d\n",
                        "refused form-unknown@0\nrefused form-unknown@4\n");
    assert_string_equal(form, "unknown");
    const struct trail_sink sink = {
        .event = on_event, .ignored = on_ignored, .refused = on_refused};
    const struct trail_options options = {.fallback_time_us = 0};
    struct trail *trail;
    assert_int_equal(trail_new(&options, &sink, &trail), OK);
    assert_int_equal(trail_proposal(trail, &proposal), E_NOTFOUND);
    assert_int_equal(trail_feed(trail, (const uint8_t *)"a b\nc\n", 6), OK);
    assert_int_equal(trail_end(trail), OK);
    assert_int_equal(trail_proposal(trail, &proposal), OK);
    assert_true(text_is(buffer_as_text(&proposal), "a b\nc\n"));
    buffer_free(&proposal);
    trail_free(trail);
}

static void
a_forced_mapping_that_does_not_fit_says_where(void **state)
{
    (void)state;
    forced = true;
    assert_string_calls("a b\n{\"row\":1}\n", "refused mapping-missing@0\n"
                                              "refused mapping-missing@4\n");
    forced = false;
}

static void
keycloak_lines_make_the_others_ignored(void **state)
{
    (void)state;
    assert_string_calls("start\ntype=LOGIN 1\r\nother\n  type=LOGIN 2",
                        "ignored other-line@0\nkeycloak@6{type=LOGIN 1}\n"
                        "ignored other-line@20\nkeycloak@26{type=LOGIN 2}\n");
    assert_string_equal(form, "keycloak");
}

static void
a_table_is_never_left_by_a_value_that_looks_like_another_form(void **state)
{
    (void)state;
    assert_string_calls("csv;b\n<AuditMessage>;type=LOGIN\n{\"a\":1}\n<13>x\n",
                        "row@0{csv;b}\nrow@6{<AuditMessage>;type=LOGIN}\n"
                        "row@32{{\"a\":1}}\nrow@40{<13>x}\n");
    assert_string_equal(form, "table:csv");
    assert_string_calls("log\nx type=LOGIN <AuditMessage>\n",
                        "row@0{log}\nrow@4{x type=LOGIN <AuditMessage>}\n");
}

static void
quoted_newlines_stay_in_their_record(void **state)
{
    (void)state;
    assert_string_calls("csv;b\n\"a\n\nb\";c\n\nd;\"e\nf\"",
                        "row@0{csv;b}\nrow@6{\"a\n\nb\";c}\n"
                        "row@16{d;\"e\nf\"}\n");
}

static void
an_open_quote_costs_its_own_line_only(void **state)
{
    (void)state;
    assert_string_calls("csv;b\n\"a;1\nb;2\nc;3\n",
                        "row@0{csv;b}\nrefused record-truncated@6\n"
                        "row@11{b;2}\nrow@15{c;3}\n");
    start();
    add("csv\n\"open\n");
    for (unsigned i = 0; i < RECORD_BYTES_MAX / 1000 + 10; i++) {
        fill('x', 999);
        add("\n");
    }
    feed(buffer_as_text(&input), 65536, 1);
    unsigned rows = 0;
    for (const char *at = seen.bytes; (at = strstr(at, "row@")) != NULL; at++)
        rows++;
    assert_int_equal(rows, 1 + RECORD_BYTES_MAX / 1000 + 10);
    assert_non_null(strstr(seen.bytes, "refused record-bytes-max@4\n"));
}

static void
documents_one_behind_the_other_are_cut_at_their_roots(void **state)
{
    (void)state;
    assert_string_calls(
        "\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a < b -->\n<AuditMessage "
        "a='>'>"
        "<b/><c>]]&gt;</c></AuditMessage>\n"
        "<AuditEvent xmlns='u'/><f:AuditEvent><x></x></f:AuditEvent><!-- e -->"
        "\n<?pi ?>\n",
        "xml@3{<?xml version='1.0'?>\n<!-- a < b -->\n<AuditMessage a='>'>"
        "<b/><c>]]&gt;</c></AuditMessage>}\n"
        "xml@93{<AuditEvent xmlns='u'/>}\n"
        "xml@116{<f:AuditEvent><x></x></f:AuditEvent>}\n");
    assert_string_equal(form, "fhir-xml+dicom-xml");
    assert_string_calls("<a><![CDATA[</a><!--]]>--></a><b/>",
                        "xml@0{<a><![CDATA[</a><!--]]>--></a>}\n"
                        "xml@30{<b/>}\n");
}

static void
a_document_that_is_never_closed_ends_where_the_next_one_opens(void **state)
{
    (void)state;
    assert_string_calls("<AuditMessage><a>\n<AuditMessage/>",
                        "refused xml-unclosed@0\nxml@18{<AuditMessage/>}\n");
    assert_string_calls("<AuditMessage><a><?xml version='1.0'?><b/>",
                        "refused xml-unclosed@0\n"
                        "xml@17{<?xml version='1.0'?><b/>}\n");
    assert_string_calls("<AuditMessage><!-- \n<AuditMessage/>\n",
                        "refused xml-unclosed@0\nxml@20{<AuditMessage/>}\n");
    assert_string_calls("<AuditMessage a=\"\n<AuditMessage/>\n",
                        "refused xml-unclosed@0\nxml@18{<AuditMessage/>}\n");
    assert_string_calls("<AuditMessage><a\n{\"a\":1}\n",
                        "refused record-truncated@0\njson@17{{\"a\":1}}\n");
    assert_string_calls("<AuditMessage><a", "refused record-truncated@0\n");
    assert_string_calls("<list><AuditMessage>1</AuditMessage>\n"
                        "<AuditMessage/></list>\n",
                        "refused xml-unclosed@0\n"
                        "xml@6{<AuditMessage>1</AuditMessage>}\n"
                        "xml@37{<AuditMessage/>}\n"
                        "refused form-unknown@52\n");
}

static void
a_bundle_is_cut_into_its_entries(void **state)
{
    (void)state;
    /* offsets of entries count back the prolog that stands before them */
    assert_string_calls(
        "<?xml version='1.0'?><f:Bundle xmlns:f='u'><f:id v=''/><!-- <entry>"
        " --><f:entry>1</f:entry>\n<f:link><f:entry/></f:link>"
        "<f:entry><a/></f:entry></f:Bundle>\n<AuditMessage/>",
        "xml@28{<?xml version='1.0'?><f:Bundle xmlns:f='u'><f:entry>1"
        "</f:entry></f:Bundle>}\n"
        "xml@76{<?xml version='1.0'?><f:Bundle xmlns:f='u'><f:entry><a/>"
        "</f:entry></f:Bundle>}\n"
        "xml@154{<AuditMessage/>}\n");
    assert_string_equal(form, "fhir-xml+dicom-xml");
    assert_string_calls("<Bundle><id/></Bundle>", "ignored empty-bundle@0\n");
    assert_string_calls("<Bundle/>", "xml@0{<Bundle/>}\n");
}

static void
a_bundle_larger_than_a_record_is_no_trouble(void **state)
{
    (void)state;
    start();
    add("<Bundle>");
    for (unsigned i = 0; i < 6; i++) {
        add("<entry>");
        fill('x', RECORD_BYTES_MAX / 4);
        add("</entry>");
    }
    add("<entry>");
    fill('x', RECORD_BYTES_MAX);
    add("</entry><entry>2</entry></Bundle>");
    assert_calls(buffer_as_text(&input),
                 "xml@0{1048608 bytes}\nxml@1048591{1048608 bytes}\n"
                 "xml@2097182{1048608 bytes}\nxml@3145773{1048608 bytes}\n"
                 "xml@4194364{1048608 bytes}\nxml@5242955{1048608 bytes}\n"
                 "refused record-bytes-max@6291554\n"
                 "xml@10485865{<Bundle><entry>2</entry></Bundle>}\n");
}

static void
a_bundle_that_breaks_off_says_so_once(void **state)
{
    (void)state;
    assert_string_calls("<Bundle><entry>1</entry>",
                        "xml@0{<Bundle><entry>1</entry></Bundle>}\n"
                        "refused record-truncated@24\n");
    assert_string_calls("<Bundle><entry>1</ent",
                        "refused record-truncated@8\n");
    assert_string_calls("<Bundle><entry>1</entry>\n<?xml version='1.0'?><b/>",
                        "xml@0{<Bundle><entry>1</entry></Bundle>}\n"
                        "refused record-truncated@25\n"
                        "xml@25{<?xml version='1.0'?><b/>}\n");
    assert_string_calls("<Bundle>junk<entry>1</entry></Bundle>",
                        "refused xml-text@8\n"
                        "xml@4{<Bundle><entry>1</entry></Bundle>}\n");
    assert_string_calls("<Bundle><entry>1\n{\"a\":1}\n",
                        "refused record-truncated@8\njson@17{{\"a\":1}}\n");
}

static void
a_doctype_makes_no_bundle(void **state)
{
    (void)state;
    assert_string_calls("<!DOCTYPE Bundle [<!ENTITY a 'b'>]><Bundle>"
                        "<entry>1</entry></Bundle>",
                        "xml@0{<!DOCTYPE Bundle [<!ENTITY a 'b'>]><Bundle>"
                        "<entry>1</entry></Bundle>}\n");
}

static void
json_texts_go_through_their_frame(void **state)
{
    (void)state;
    assert_string_calls("{\"a\":1}\n{\"row\":\"fits\"}\n{\"row\":0}\n{\"b\":2}",
                        "json@0{{\"a\":1}}\nrow@8{{\"row\":\"fits\"}}\n"
                        "refused form-unknown@23\njson@33{{\"b\":2}}\n");
    assert_string_calls("start\n{\"a\":1}\n<AuditMessage/>\n{\"a\":2}\n<13>x\n",
                        "refused form-unknown@0\njson@6{{\"a\":1}}\n"
                        "xml@14{<AuditMessage/>}\njson@30{{\"a\":2}}\n"
                        "syslog@38{<13>x}\n");
}

static void
frames_are_cut_by_their_count(void **state)
{
    (void)state;
    assert_string_calls("7 <13>a\nb10 <13>hello!\n\n7 <13>\xc3\xa9x",
                        "syslog@2{<13>a\nb}\nsyslog@12{<13>hello!}\n"
                        "syslog@26{<13>\xc3\xa9x}\n");
    assert_string_equal(form, "syslog");
}

static void
a_wrong_count_costs_its_own_message_only(void **state)
{
    (void)state;
    /* too large, too small, far too large, and none at the end */
    assert_string_calls("9 <13>abc7 <13>def",
                        "refused syslog-frame-length@0\nsyslog@11{<13>def}\n");
    assert_string_calls("5 <13>abc7 <13>def",
                        "refused syslog-frame-length@0\nsyslog@11{<13>def}\n");
    assert_string_calls("4000 <13>abc7 <13>def",
                        "refused record-truncated@0\nsyslog@14{<13>def}\n");
    assert_string_calls("99999999999 <13>abc\n7 <13>def",
                        "refused form-unknown@0\nsyslog@22{<13>def}\n");
    assert_string_calls("9999999999 <13>abc7 <13>def",
                        "refused record-bytes-max@0\nsyslog@20{<13>def}\n");
    assert_string_calls("0 <13>abc7 <13>def",
                        "refused syslog-frame-length@0\nsyslog@11{<13>def}\n");
    assert_string_calls("7 <13>abc7 <13>de", "syslog@2{<13>abc}\n"
                                             "refused record-truncated@9\n");
    assert_string_calls("7 <13>abc\njunk 7 <13>def",
                        "syslog@2{<13>abc}\nrefused syslog-frame-length@10\n"
                        "syslog@17{<13>def}\n");
}

static void
a_message_without_frame_ends_with_its_line(void **state)
{
    (void)state;
    assert_string_calls("<13>a\n<14>b\r\n\n<15>c",
                        "syslog@0{<13>a}\nsyslog@6{<14>b\r}\n"
                        "syslog@14{<15>c}\n");
    assert_string_calls("<13>x <AuditMessage in words\n<13>y\n",
                        "syslog@0{<13>x <AuditMessage in words}\n"
                        "syslog@29{<13>y}\n");
}

static void
a_document_in_a_message_runs_to_its_closing_root(void **state)
{
    (void)state;
    assert_string_calls(
        "<85>1 - h a p m - \xef\xbb\xbf<?xml version='1.0'?>\n<AuditMessage>\n"
        " <a/>\n</AuditMessage>\n<13>b\n",
        "syslog@0{<85>1 - h a p m - \xef\xbb\xbf<?xml version='1.0'?>\n"
        "<AuditMessage>\n <a/>\n</AuditMessage>}\nsyslog@80{<13>b}\n");
    assert_string_calls("<85>1 - h a p m - \n<AuditMessage>\n</AuditMessage>\n"
                        "<85>1 - h a p m -\n{\"a\":1}\n",
                        "syslog@0{<85>1 - h a p m - \n<AuditMessage>\n"
                        "</AuditMessage>}\n"
                        "syslog@50{<85>1 - h a p m -}\njson@68{{\"a\":1}}\n");
    assert_string_calls("<13>h: <AuditMessage/><13>h: <AuditMessage/> tail\n",
                        "syslog@0{<13>h: <AuditMessage/>}\n"
                        "syslog@22{<13>h: <AuditMessage/> tail}\n");
    assert_string_calls("<13>h: <Bundle><entry/>\n</Bundle>\n",
                        "syslog@0{<13>h: <Bundle><entry/>\n</Bundle>}\n");
}

static void
a_document_left_open_in_a_message_hides_no_other(void **state)
{
    (void)state;
    assert_string_calls("<13>h: <AuditMessage>\n<13>b\n",
                        "refused xml-unclosed@0\nsyslog@22{<13>b}\n");
    assert_string_calls("<13>h: <AuditMessage><!--\n<13>b\n",
                        "refused xml-unclosed@0\nsyslog@26{<13>b}\n");
    assert_string_calls("<13>h: <AuditMessage>\n",
                        "refused record-truncated@0\n");
    start();
    add("<13>h: <AuditMessage>");
    fill('x', RECORD_BYTES_MAX);
    add("\n<13>b\n");
    assert_calls(buffer_as_text(&input), "refused record-bytes-max@0\n"
                                         "syslog@4194326{<13>b}\n");
}

static enum result
on_event_fails(void *context, const struct reason *why)
{
    (void)context;
    (void)why;
    return E_IO;
}

static void
what_the_sink_returns_ends_the_trail(void **state)
{
    const struct trail_sink sink = {
        .event = on_event, .ignored = on_ignored, .refused = on_event_fails};
    const struct trail_options options = {.fallback_time_us = 0};
    struct trail *trail;
    (void)state;
    assert_int_equal(trail_new(&options, &sink, &trail), OK);
    assert_int_equal(trail_feed(trail, (const uint8_t *)"\xff\xfe", 2), E_IO);
    assert_int_equal(trail_feed(trail, (const uint8_t *)"x", 1), E_IO);
    assert_int_equal(trail_end(trail), E_IO);
    trail_free(trail);
    trail_free(NULL);
}

/* What opens, closes and breaks every form. */
static const char *const pieces[] = {
    "<AuditMessage>",
    "</AuditMessage>",
    "<AuditMessage/>",
    "<?xml version='1.0'?>",
    "<AuditEvent xmlns='http://hl7.org/fhir'>",
    "</AuditEvent>",
    "<Bundle>",
    "</Bundle>",
    "<entry>",
    "</entry>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<!DOCTYPE a [",
    "]>",
    "<x a='",
    "'>",
    "\"",
    "\n",
    "\n",
    "\n",
    "\r\n",
    " ",
    "\t",
    "{\"a\":1}",
    "{\n",
    "}",
    "[",
    "]",
    "<13>",
    "<85>1 - h a p m - ",
    "<85>1 - h a p m [x y=\"",
    "7 <13>abc",
    "12 <13>",
    "99999999 <13>",
    "type=LOGIN",
    "csv;b",
    "log",
    "words",
    "\xef\xbb\xbf",
    "\xff",
    "4",
    "<",
    "</",
    "\xef",
};

static void
any_split_of_any_bytes_gives_the_same_calls(void **state)
{
    uint32_t seed = 1;
    (void)state;
    for (unsigned round = 0; round < 3000; round++) {
        start();
        unsigned count = 1 + (seed >> 8) % 24;
        for (unsigned i = 0; i < count; i++) {
            seed = seed * 1664525u + 1013904223u;
            add(pieces[(seed >> 8) % (sizeof pieces / sizeof pieces[0])]);
        }
        struct text text = buffer_as_text(&input);
        feed(text, 0, 0);
        char *whole = strdup(seen.bytes);
        assert_non_null(whole);
        for (size_t most = 1; most < 40; most += 1 + most) {
            feed(text, most, seed);
            if (strcmp(seen.bytes, whole) != 0)
                print_message("input: %.*s\n", (int)text.length, text.bytes);
            assert_string_equal(seen.bytes, whole);
        }
        free(whole);
    }
}

static unsigned
calls_of(const char *name)
{
    unsigned count = 0;
    for (const char *at = seen.bytes; (at = strstr(at, name)) != NULL; at++)
        count++;
    return count;
}

static void
hostile_bytes_are_not_searched_again_from_each_line(void **state)
{
    /* each of these opens something that nothing closes */
    static const char *const lines[] = {"<entry><!--",
                                        "<AuditMessage><!--",
                                        " <AuditMessage><!--",
                                        "<AuditEvent a='",
                                        "<x><![CDATA[",
                                        "<13>h <AuditMessage>",
                                        "4000000 <13>x",
                                        "x\";\"",
                                        "{\"a\":\""};
    static const char *const starts[] = {"", "<Bundle>", "csv\n", "log\n",
                                         "type=LOGIN\n"};
    (void)state;
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        for (size_t j = 0; j < sizeof lines / sizeof lines[0]; j++) {
            start();
            add(starts[i]);
            while (input.length < RECORD_BYTES_MAX + RECORD_BYTES_MAX / 4) {
                add(lines[j]);
                fill('x', 100);
                add("\n");
            }
            feed(buffer_as_text(&input), 65536, 1);
            assert_true(calls_of("@") > 0);
        }
    }
}

static int
tear_down(void **state)
{
    (void)state;
    buffer_free(&seen);
    buffer_free(&input);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf_16_is_refused_once),
        cmocka_unit_test(an_empty_trail_calls_nobody),
        cmocka_unit_test(a_line_over_the_maximum_is_refused_and_passed_over),
        cmocka_unit_test(
            a_document_over_the_maximum_is_passed_over_to_the_next_record),
        cmocka_unit_test(nul_bytes_in_lines_are_refused),
        cmocka_unit_test(bad_utf_8_in_a_keycloak_line_is_refused),
        cmocka_unit_test(plain_lines_that_fit_nothing_are_refused_one_by_one),
        cmocka_unit_test(a_forced_mapping_that_does_not_fit_says_where),
        cmocka_unit_test(keycloak_lines_make_the_others_ignored),
        cmocka_unit_test(
            a_table_is_never_left_by_a_value_that_looks_like_another_form),
        cmocka_unit_test(quoted_newlines_stay_in_their_record),
        cmocka_unit_test(an_open_quote_costs_its_own_line_only),
        cmocka_unit_test(documents_one_behind_the_other_are_cut_at_their_roots),
        cmocka_unit_test(
            a_document_that_is_never_closed_ends_where_the_next_one_opens),
        cmocka_unit_test(a_bundle_is_cut_into_its_entries),
        cmocka_unit_test(a_bundle_larger_than_a_record_is_no_trouble),
        cmocka_unit_test(a_bundle_that_breaks_off_says_so_once),
        cmocka_unit_test(a_doctype_makes_no_bundle),
        cmocka_unit_test(json_texts_go_through_their_frame),
        cmocka_unit_test(frames_are_cut_by_their_count),
        cmocka_unit_test(a_wrong_count_costs_its_own_message_only),
        cmocka_unit_test(a_message_without_frame_ends_with_its_line),
        cmocka_unit_test(a_document_in_a_message_runs_to_its_closing_root),
        cmocka_unit_test(a_document_left_open_in_a_message_hides_no_other),
        cmocka_unit_test(what_the_sink_returns_ends_the_trail),
        cmocka_unit_test(hostile_bytes_are_not_searched_again_from_each_line),
        cmocka_unit_test(any_split_of_any_bytes_gives_the_same_calls),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
