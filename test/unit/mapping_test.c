/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Mapping files: each mistake is told, each example of the reference reads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "ingest/mapping_rules.h"

static void
refused(const char *text, const char *rule, const char *field, uint64_t line)
{
    struct mapping *mapping = NULL;
    struct reason why = {.rule = ""};
    const enum result result =
        mapping_parse(text_of(text), "x", &why, &mapping);

    if (result == OK || strcmp(why.rule, rule) != 0) {
        fail_msg("%s: %s, not %s", text, why.rule, rule);
    }
    assert_string_equal(why.field, field);
    assert_int_equal(why.offset, line);
    assert_null(mapping);
}

static void
each_mistake_is_told_with_its_line_and_directive(void **state)
{
    (void)state;
    refused("", "mapping-table", "", 1);
    refused("time column x;", "mapping-table", "time", 1);
    refused("table { }", "mapping-table", "table", 1);
    refused("table a { person column x; }\ntable b { }", "mapping-one-table",
            "table", 2);
    refused("table a {\n}", "mapping-person-missing", "table", 1);
    refused("table a {\n persn column x;\n}", "mapping-unknown-directive",
            "persn", 2);
    refused("table a {\n format xml;\n}", "mapping-format", "format", 2);
    refused("table a {\n person column x;\n format csv;\n}",
            "mapping-format-first", "format", 3);
    refused("table a {\n separator x;\n}", "mapping-separator", "separator", 2);
    refused("table a {\n person;\n}", "mapping-place", "person", 2);
    refused("table a {\n person colum x;\n}", "mapping-place", "person", 2);
    refused("table a {\n person column;\n}", "mapping-value-missing", "person",
            2);
    refused("table a {\n person position 0;\n}", "mapping-position", "person",
            2);
    refused("table a {\n person path a;\n}", "mapping-place-format", "person",
            2);
    refused("table a {\n format json;\n person path 'a..b';\n}", "mapping-path",
            "person", 3);
    refused("table a {\n format combined;\n person field x;\n}",
            "mapping-field-name", "person", 3);
    refused("table a {\n person column x zone;\n}", "mapping-value-missing",
            "person", 2);
    refused("table a {\n time column x zone nowhere;\n}", "mapping-zone",
            "time", 2);
    refused("table a {\n person column x format epoch;\n}", "mapping-option",
            "person", 2);
    refused("table a {\n time column x format swatch;\n}",
            "mapping-time-format", "time", 2);
    refused("table a {\n person column x split ab;\n}", "mapping-split",
            "person", 2);
    refused("table a {\n person column x { a b; }\n}", "mapping-block",
            "person", 2);
    refused("table a {\n action column x {\n  reed y;\n }\n}", "mapping-word",
            "reed", 3);
    refused("table a {\n action column x {\n  read;\n }\n}",
            "mapping-value-missing", "read", 3);
    refused("table a {\n resource Patien;\n}", "mapping-word", "resource", 2);
    refused("table a {\n ignore column x;\n}", "mapping-value-missing",
            "ignore", 2);
    refused("table a {\n hour column x;\n person column y;\n}",
            "mapping-date-missing", "table", 1);
    refused("table a {\n person url '/x/{person}';\n}", "mapping-url-missing",
            "table", 1);
    refused("table a {\n format combined;\n person url '/a/**/b';\n}",
            "mapping-pattern", "person", 3);
    refused("table a {\n format combined;\n person url '/{a}{b}';\n}",
            "mapping-pattern", "person", 3);
    refused("table a {\n format combined;\n person url '/x' colour red;\n}",
            "mapping-option", "person", 3);
}

static void
no_more_rules_than_there_is_room_for(void **state)
{
    struct buffer text = {0};

    (void)state;
    assert_int_equal(buffer_string(&text, "table a {\n"), OK);
    for (int i = 0; i <= MAPPING_RULES_MAX; i++) {
        assert_int_equal(buffer_string(&text, "person column x;\n"), OK);
    }
    assert_int_equal(buffer_string(&text, "}"), OK);
    assert_int_equal(buffer_byte(&text, '\0'), OK);
    refused(text.bytes, "mapping-rules-max", "person", MAPPING_RULES_MAX + 2);
    buffer_free(&text);
}

/* Each fenced block that holds a table. */
static void
every_example_of_the_reference_is_a_mapping(void **state)
{
    struct buffer text = {0};
    struct text rest, block;
    unsigned read = 0;

    (void)state;
    if (file_load("docs/mapping.md", 1u << 20, &text) != OK) {
        print_message("skipped: docs/mapping.md is not here\n");
        skip();
    }
    rest = buffer_as_text(&text);
    for (;;) {
        size_t at = text_find(rest, "\n```\n");

        if (at == rest.length) {
            break;
        }
        rest = text_after(rest, at + 5);
        at = text_find(rest, "\n```");
        block = (struct text){rest.bytes, at + 1};
        rest = text_after(rest, at + 4);
        struct mapping *mapping = NULL;
        struct reason why = {.rule = ""};

        if (mapping_parse(block, "doc", &why, &mapping) != OK) {
            fail_msg("line %d of an example: %s %s", (int)why.offset, why.rule,
                     why.field);
        }
        mapping_free(mapping);
        read++;
    }
    assert_true(read >= 4);
    buffer_free(&text);
}

static void
the_shipped_mappings_read_and_have_their_names(void **state)
{
    struct mapping *mappings[8];
    size_t count = 0;

    (void)state;
    assert_int_equal(mapping_shipped(mappings, 1, &count), E_LIMIT);
    assert_int_equal(mapping_shipped(mappings, 8, &count), OK);
    assert_int_equal(count, 3);
    assert_string_equal(mapping_name(mappings[0]), "hospital-csv");
    assert_string_equal(mapping_name(mappings[1]), "access-log");
    assert_string_equal(mapping_name(mappings[2]), "ans-proxy");
    for (size_t i = 0; i < count; i++) {
        mapping_free(mappings[i]);
    }
    mapping_free(NULL);
}

static void
names_fold_to_one_form(void **state)
{
    char folded[MAPPING_FOLD_BYTES];

    (void)state;
    assert_int_equal(
        mapping_fold(TEXT("N\xc2\xb0 d'Acc\xc3\xa8s_\xc3\x89T"), folded), 9);
    assert_memory_equal(folded, "ndacceset", 9);
    assert_int_equal(mapping_fold(TEXT("--"), folded), 2);
    assert_int_equal(mapping_fold(TEXT(""), folded), 0);
}

static void
patterns_fit_whole_segments_only(void **state)
{
    static const struct {
        const char *pattern, *url;
        bool fits;
    } cases[] = {{"/a/{person}", "/a/1/b", false},
                 {"/a/{person}", "/a/", false},
                 {"/a/{person}", "/a/1/?x=y#z", true},
                 {"/a/{person}", "https://h/a//1", true},
                 {"/a/{person}/**", "/a/1/b/c", true},
                 {"/a/{person}/**", "/a/1", true},
                 {"**/a/{person}", "/a/a/a/1", true},
                 {"**/a/{person}", "/a/b", true},
                 {"**/a/{person}", "/b/1", false},
                 {"/a/p-{person}.x", "/a/p-.x", false},
                 {"/a/p-{person}.x", "/a/p-1.x", true},
                 {"/*/b?p={person}", "/a/b?q=1&p=2", true},
                 {"/*/b?p={person}", "/a/b?pp=2", false},
                 {"/b?t=x&p={person}", "/b?p=2&t=y", false},
                 {"/b?t=x&p={person}", "/b?p=2&t=%78", true}};
    struct pattern_found found;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mapping_pattern pattern = {.directive = NULL};
        struct buffer scratch = {0};

        assert_int_equal(
            mapping_pattern_parse(text_of(cases[i].pattern), &pattern), OK);
        const bool fits = mapping_pattern_find(&pattern, text_of(cases[i].url),
                                               &scratch, &found) == OK;

        if (fits != cases[i].fits) {
            fail_msg("%s over %s", cases[i].pattern, cases[i].url);
        }
        assert_true(!fits || found.person_count == 1);
        buffer_free(&scratch);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mistake_is_told_with_its_line_and_directive),
        cmocka_unit_test(no_more_rules_than_there_is_room_for),
        cmocka_unit_test(every_example_of_the_reference_is_a_mapping),
        cmocka_unit_test(the_shipped_mappings_read_and_have_their_names),
        cmocka_unit_test(names_fold_to_one_form),
        cmocka_unit_test(patterns_fit_whole_segments_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
