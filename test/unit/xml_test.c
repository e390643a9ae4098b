/* SPDX-License-Identifier: EUPL-1.2 */
/* XML documents, hostile ones first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "codec/xml.h"

/* Writes what it is told as one line, the way it was told. */
struct seen {
    struct buffer out;
    unsigned calls, stop_at;
};

static enum result
count(struct seen *seen, struct reason *why)
{
    seen->calls++;
    if (seen->stop_at != 0 && seen->calls == seen->stop_at)
        return reason_set(why, E_DENIED, "test-stop", "", 0);
    return OK;
}

static enum result
on_start(void *context, const struct xml_element *element, struct reason *why)
{
    struct seen *seen = context;
    assert_int_equal(buffer_format(&seen->out, "<%.*s|%.*s",
                                   (int)element->name.space.length,
                                   element->name.space.bytes,
                                   (int)element->name.local.length,
                                   element->name.local.bytes),
                     OK);
    for (uint32_t i = 0; i < element->attribute_count; i++) {
        const struct xml_attribute *attribute = &element->attributes[i];
        assert_int_equal(buffer_format(&seen->out, " %.*s=%.*s",
                                       (int)attribute->name.local.length,
                                       attribute->name.local.bytes,
                                       (int)attribute->value.length,
                                       attribute->value.bytes),
                         OK);
    }
    assert_int_equal(buffer_byte(&seen->out, '>'), OK);
    return count(seen, why);
}

static enum result
on_end(void *context, uint64_t offset, struct reason *why)
{
    struct seen *seen = context;
    (void)offset;
    assert_int_equal(buffer_string(&seen->out, "</>"), OK);
    return count(seen, why);
}

static enum result
on_text(void *context, struct text text, struct reason *why)
{
    struct seen *seen = context;
    assert_int_equal(buffer_text(&seen->out, text), OK);
    return count(seen, why);
}

static enum result
parse(struct seen *seen, struct text document, struct reason *why)
{
    const struct xml_handler handler = {
        .context = seen, .start = on_start, .end = on_end, .text = on_text};
    return xml_parse(document, &handler, why);
}

static void
refused(struct text document, const char *rule)
{
    struct seen seen = {.calls = 0};
    struct reason why = {.rule = "none"};
    enum result result = parse(&seen, document, &why);
    assert_true(result == E_FORMAT || result == E_LIMIT);
    assert_string_equal(why.rule, rule);
    assert_true(why.offset <= document.length);
    buffer_free(&seen.out);
}

static void
refused_string(const char *document, const char *rule)
{
    refused(text_of(document), rule);
}

static void
reads(const char *document, const char *expected)
{
    struct seen seen = {.calls = 0};
    struct reason why = {.rule = NULL};
    assert_int_equal(parse(&seen, text_of(document), &why), OK);
    assert_null(why.rule);
    assert_int_equal(buffer_byte(&seen.out, '\0'), OK);
    assert_string_equal(seen.out.bytes, expected);
    buffer_free(&seen.out);
}

static void
a_doctype_is_refused_before_anything_in_it_is_read(void **state)
{
    (void)state;
    refused_string("<!DOCTYPE a><a/>", "xml-doctype");
    refused_string("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
                   "xml-doctype");
    refused_string("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>"
                   "<a>&x;</a>",
                   "xml-doctype");
    refused_string("<!DOCTYPE a [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\">"
                   "<!ENTITY c \"&b;&b;&b;\">]><a>&c;</a>",
                   "xml-doctype");
    refused_string("<!DOCTYPE a [<!ENTITY % p SYSTEM \"http://h/\"> %p;]><a/>",
                   "xml-doctype");
}

static void
documents_that_are_not_well_formed_are_refused_by_rule(void **state)
{
    (void)state;
    refused_string("", "xml-empty");
    refused_string("<!-- -->", "xml-empty");
    refused_string("<a>", "xml-truncated");
    refused_string("<a b=\"", "xml-truncated");
    refused_string("<a><![CDATA[x", "xml-truncated");
    refused_string("<a></b>", "xml-tag-mismatch");
    refused_string("<a b=\"1\" b=\"2\"/>", "xml-attribute-twice");
    refused_string("<a/>x", "xml-after-root");
    refused_string("<a/><b/>", "xml-after-root");
    refused_string("<a>&nbsp;</a>", "xml-entity");
    refused_string("<a>&#0;</a>", "xml-entity");
    refused_string("<p:a/>", "xml-namespace");
    refused_string("<a b=c/>", "xml-syntax");
    refused_string("hello", "xml-syntax");
}

static void
bad_bytes_are_refused(void **state)
{
    (void)state;
    refused(TEXT("<a>\0</a>"), "xml-syntax");
    refused_string("<a>\xc3(</a>", "xml-utf8");
    refused_string("<a>\xed\xa0\x80</a>", "xml-utf8");
    refused_string("<a>\xff</a>", "xml-utf8");
    refused_string("<?xml version=\"1.0\" encoding=\"EBCDIC\"?><a/>",
                   "xml-encoding");
    refused_string("<?xml version=\"1.0\" encoding=\"UTF-16\"?><a/>",
                   "xml-encoding");
}

static void
nesting_stops_at_the_limit(void **state)
{
    struct buffer document = {.bytes = NULL};
    (void)state;
    for (unsigned depth = XML_DEPTH_MAX; depth <= XML_DEPTH_MAX + 1; depth++) {
        buffer_clear(&document);
        for (unsigned i = 0; i < depth; i++)
            assert_int_equal(buffer_string(&document, "<a>"), OK);
        for (unsigned i = 0; i < depth; i++)
            assert_int_equal(buffer_string(&document, "</a>"), OK);
        if (depth == XML_DEPTH_MAX) {
            struct seen seen = {.calls = 0};
            assert_int_equal(parse(&seen, buffer_as_text(&document), NULL), OK);
            buffer_free(&seen.out);
        } else {
            refused(buffer_as_text(&document), "xml-depth-max");
        }
    }
    buffer_free(&document);
}

static void
attributes_stop_at_the_limit(void **state)
{
    struct buffer document = {.bytes = NULL};
    (void)state;
    for (unsigned many = XML_ATTRIBUTES_MAX; many <= XML_ATTRIBUTES_MAX + 1;
         many++) {
        buffer_clear(&document);
        assert_int_equal(buffer_string(&document, "<a"), OK);
        for (unsigned i = 0; i < many; i++)
            assert_int_equal(buffer_format(&document, " b%u=''", i), OK);
        assert_int_equal(buffer_string(&document, "/>"), OK);
        if (many == XML_ATTRIBUTES_MAX) {
            struct seen seen = {.calls = 0};
            assert_int_equal(parse(&seen, buffer_as_text(&document), NULL), OK);
            buffer_free(&seen.out);
        } else {
            refused(buffer_as_text(&document), "xml-attributes-max");
        }
    }
    buffer_free(&document);
}

static void
a_document_over_the_size_limit_is_not_parsed(void **state)
{
    (void)state;
    char *bytes = malloc(XML_BYTES_MAX + 1);
    assert_non_null(bytes);
    memset(bytes, ' ', XML_BYTES_MAX + 1);
    memcpy(bytes, "<a/>", 4);
    refused((struct text){bytes, XML_BYTES_MAX + 1}, "xml-bytes-max");
    free(bytes);
}

static void
a_handler_that_stops_is_called_no_more(void **state)
{
    (void)state;
    for (unsigned stop = 1; stop <= 5; stop++) {
        struct seen seen = {.stop_at = stop};
        struct reason why = {.rule = NULL};
        assert_int_equal(parse(&seen, TEXT("<a><b c='d'/>x</a>"), &why),
                         E_DENIED);
        assert_string_equal(why.rule, "test-stop");
        assert_int_equal(seen.calls, stop);
        buffer_free(&seen.out);
    }
}

static void
elements_attributes_and_text_come_in_order(void **state)
{
    (void)state;
    reads("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
          "<!-- c --><a b=\"1\" c='&lt;&amp;&#233;'>x<d/>y<!-- - -->z</a>\n"
          "<!-- end -->",
          "<|a b=1 c=<&\xc3\xa9>x<|d></>yz</>");
    reads("<a><![CDATA[<b>&amp;]]></a>", "<|a><b>&amp;</>");
    reads("\xef\xbb\xbf<a/>", "<|a></>");
}

static void
namespaces_are_told_apart_from_local_names(void **state)
{
    (void)state;
    reads("<a xmlns=\"urn:x\"><b/></a>", "<urn:x|a><urn:x|b></></>");
    reads("<p:a xmlns:p=\"urn:x\" p:q=\"1\"><b/></p:a>",
          "<urn:x|a q=1><|b></></>");
    /* a namespace cannot smuggle a separator into the name */
    refused_string("<p:a xmlns:p=\"urn:x&#10;Bundle\"/>", "xml-syntax");
}

static void
eight_bit_encodings_are_read(void **state)
{
    (void)state;
    reads("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xe9</a>",
          "<|a>\xc3\xa9</>");
    reads("<?xml version=\"1.0\" encoding=\"windows-1252\"?><a>\x80\xe9</a>",
          "<|a>\xe2\x82\xac\xc3\xa9</>");
    reads("<?xml version=\"1.0\" encoding=\"ISO-8859-15\"?><a>\xa4</a>",
          "<|a>\xe2\x82\xac</>");
}

static enum result
look_at_values(void *context, const struct xml_element *element,
               struct reason *why)
{
    (void)context;
    (void)why;
    assert_true(text_is(xml_value(element, "b"), "1"));
    assert_non_null(xml_value(element, "empty").bytes);
    assert_int_equal(xml_value(element, "empty").length, 0);
    assert_null(xml_value(element, "q").bytes);
    assert_null(xml_value(element, "none").bytes);
    return OK;
}

static void
a_value_is_found_by_its_name_without_namespace(void **state)
{
    struct seen seen = {.calls = 0};
    const struct xml_handler handler = {
        .context = &seen, .start = look_at_values, .end = on_end};
    (void)state;
    assert_int_equal(
        xml_parse(TEXT("<a b='1' empty='' x:q='2' xmlns:x='urn:x'/>"), &handler,
                  NULL),
        OK);
    buffer_free(&seen.out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_doctype_is_refused_before_anything_in_it_is_read),
        cmocka_unit_test(
            documents_that_are_not_well_formed_are_refused_by_rule),
        cmocka_unit_test(bad_bytes_are_refused),
        cmocka_unit_test(nesting_stops_at_the_limit),
        cmocka_unit_test(attributes_stop_at_the_limit),
        cmocka_unit_test(a_document_over_the_size_limit_is_not_parsed),
        cmocka_unit_test(a_handler_that_stops_is_called_no_more),
        cmocka_unit_test(elements_attributes_and_text_come_in_order),
        cmocka_unit_test(namespaces_are_told_apart_from_local_names),
        cmocka_unit_test(eight_bit_encodings_are_read),
        cmocka_unit_test(a_value_is_found_by_its_name_without_namespace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
