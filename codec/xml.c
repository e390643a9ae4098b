/* SPDX-License-Identifier: EUPL-1.2 */
#include "codec/xml.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

/* Between namespace and local name in expat's names. No URI holds it, and
 * expat refuses one that does. */
#define SEPARATOR '\n'

struct parse {
    XML_Parser parser;
    const struct xml_handler *handler;
    struct reason *why;
    enum result result; /* of the first call that failed */
    uint32_t depth;
    bool seen_element;
};

static uint64_t
here(const struct parse *parse)
{
    XML_Index at = XML_GetCurrentByteIndex(parse->parser);
    return at > 0 ? (uint64_t)at : 0;
}

static void
stop(struct parse *parse, enum result result)
{
    parse->result = result;
    XML_StopParser(parse->parser, XML_FALSE);
}

static void
refuse(struct parse *parse, enum result code, const char *rule)
{
    stop(parse, reason_set(parse->why, code, rule, "", here(parse)));
}

static struct xml_name
name_split(const char *name)
{
    struct xml_name split = {.local = text_of(name)};
    const char *separator = strrchr(name, SEPARATOR);
    if (separator != NULL) {
        split.space = (struct text){name, (size_t)(separator - name)};
        split.local = text_of(separator + 1);
    }
    return split;
}

static void XMLCALL
on_start(void *data, const XML_Char *name, const XML_Char **pairs)
{
    struct parse *parse = data;
    struct xml_attribute attributes[XML_ATTRIBUTES_MAX];
    uint32_t count = 0;

    /* expat may still call after XML_StopParser (end of an empty tag) */
    if (parse->result != OK)
        return;
    parse->seen_element = true;
    if (parse->depth >= XML_DEPTH_MAX) {
        refuse(parse, E_LIMIT, "xml-depth-max");
        return;
    }
    parse->depth++;
    for (; pairs[2 * count] != NULL; count++) {
        if (count >= XML_ATTRIBUTES_MAX) {
            refuse(parse, E_LIMIT, "xml-attributes-max");
            return;
        }
        attributes[count].name = name_split(pairs[2 * count]);
        attributes[count].value = text_of(pairs[2 * count + 1]);
    }
    struct xml_element element = {.name = name_split(name),
                                  .attributes = attributes,
                                  .attribute_count = count,
                                  .offset = here(parse)};
    enum result result =
        parse->handler->start(parse->handler->context, &element, parse->why);
    if (result != OK)
        stop(parse, result);
}

static void XMLCALL
on_end(void *data, const XML_Char *name)
{
    struct parse *parse = data;
    (void)name;
    if (parse->result != OK)
        return;
    parse->depth--;
    enum result result =
        parse->handler->end(parse->handler->context, here(parse), parse->why);
    if (result != OK)
        stop(parse, result);
}

static void XMLCALL
on_text(void *data, const XML_Char *bytes, int length)
{
    struct parse *parse = data;
    if (parse->result != OK || length <= 0)
        return;
    enum result result =
        parse->handler->text(parse->handler->context,
                             (struct text){bytes, (size_t)length}, parse->why);
    if (result != OK)
        stop(parse, result);
}

/* Comes before the first declaration of the subset is read: nothing is ever
 * declared, expanded or fetched. */
static void XMLCALL
on_doctype(void *data, const XML_Char *name, const XML_Char *system_id,
           const XML_Char *public_id, int has_subset)
{
    struct parse *parse = data;
    (void)name;
    (void)system_id;
    (void)public_id;
    (void)has_subset;
    if (parse->result == OK)
        refuse(parse, E_FORMAT, "xml-doctype");
}

/* WHATWG windows-1252, 0x80 to 0x9f; -1 where nothing is assigned. */
static const int windows_1252[32] = {
    0x20ac, -1,     0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
    0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, -1,     0x017d, -1,
    -1,     0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
    0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, -1,     0x017e, 0x0178};

/* Where ISO-8859-15 is not ISO-8859-1. */
static const struct {
    int byte, point;
} latin_9[] = {{0xa4, 0x20ac}, {0xa6, 0x0160}, {0xa8, 0x0161}, {0xb4, 0x017d},
               {0xb8, 0x017e}, {0xbc, 0x0152}, {0xbd, 0x0153}, {0xbe, 0x0178}};

static int XMLCALL
on_encoding(void *data, const XML_Char *name, XML_Encoding *info)
{
    struct text text = text_of(name);
    (void)data;
    for (int i = 0; i < 256; i++)
        info->map[i] = i;
    info->data = NULL;
    info->convert = NULL;
    info->release = NULL;
    if (text_is_nocase(text, "windows-1252") ||
        text_is_nocase(text, "cp1252")) {
        for (int i = 0; i < 32; i++)
            info->map[0x80 + i] = windows_1252[i];
        return XML_STATUS_OK;
    }
    if (text_is_nocase(text, "iso-8859-15")) {
        for (size_t i = 0; i < sizeof latin_9 / sizeof latin_9[0]; i++)
            info->map[latin_9[i].byte] = latin_9[i].point;
        return XML_STATUS_OK;
    }
    return XML_STATUS_ERROR;
}

static const char *
rule_of(enum XML_Error error, bool seen_element)
{
    switch (error) {
    case XML_ERROR_NO_ELEMENTS:
        return seen_element ? "xml-truncated" : "xml-empty";
    case XML_ERROR_UNCLOSED_TOKEN:
    case XML_ERROR_UNCLOSED_CDATA_SECTION:
        return "xml-truncated";
    case XML_ERROR_PARTIAL_CHAR:
        return "xml-utf8";
    case XML_ERROR_TAG_MISMATCH:
        return "xml-tag-mismatch";
    case XML_ERROR_DUPLICATE_ATTRIBUTE:
        return "xml-attribute-twice";
    case XML_ERROR_JUNK_AFTER_DOC_ELEMENT:
    case XML_ERROR_MISPLACED_XML_PI:
        return "xml-after-root";
    case XML_ERROR_UNDEFINED_ENTITY:
    case XML_ERROR_BAD_CHAR_REF:
        return "xml-entity";
    case XML_ERROR_UNBOUND_PREFIX:
    case XML_ERROR_UNDECLARING_PREFIX:
    case XML_ERROR_RESERVED_PREFIX_XML:
    case XML_ERROR_RESERVED_PREFIX_XMLNS:
    case XML_ERROR_RESERVED_NAMESPACE_URI:
        return "xml-namespace";
    case XML_ERROR_UNKNOWN_ENCODING:
    case XML_ERROR_INCORRECT_ENCODING:
        return "xml-encoding";
    default:
        return "xml-syntax";
    }
}

static enum result
expat_failed(const struct parse *parse, struct text document)
{
    enum XML_Error error = XML_GetErrorCode(parse->parser);
    uint64_t at = here(parse);
    if (error == XML_ERROR_NO_MEMORY)
        return E_NOMEM;
    const char *rule = rule_of(error, parse->seen_element);
    /* expat says the same of a bad byte and of a misplaced one */
    if (error == XML_ERROR_INVALID_TOKEN && at < document.length &&
        text_utf8_check(document) == at)
        rule = "xml-utf8";
    return reason_set(parse->why, E_FORMAT, rule, "", at);
}

enum result
xml_parse(struct text document, const struct xml_handler *handler,
          struct reason *why)
{
    struct reason unused;
    if (document.length > XML_BYTES_MAX)
        return reason_set(why, E_LIMIT, "xml-bytes-max", "", 0);
    struct parse parse = {.handler = handler,
                          .why = why != NULL ? why : &unused,
                          .parser = XML_ParserCreateNS(NULL, SEPARATOR)};
    if (parse.parser == NULL)
        return E_NOMEM;
    XML_SetUserData(parse.parser, &parse);
    XML_SetElementHandler(parse.parser, on_start, on_end);
    if (handler->text != NULL)
        XML_SetCharacterDataHandler(parse.parser, on_text);
    XML_SetStartDoctypeDeclHandler(parse.parser, on_doctype);
    XML_SetUnknownEncodingHandler(parse.parser, on_encoding, NULL);
    /* whole and final: expat reads the caller's bytes in place */
    enum XML_Status status =
        XML_Parse(parse.parser, document.length > 0 ? document.bytes : "",
                  (int)document.length, XML_TRUE);
    enum result result = parse.result;
    if (result == OK && status != XML_STATUS_OK)
        result = expat_failed(&parse, document);
    XML_ParserFree(parse.parser);
    return result;
}

struct text
xml_value(const struct xml_element *element, const char *local)
{
    for (uint32_t i = 0; i < element->attribute_count; i++) {
        const struct xml_attribute *attribute = &element->attributes[i];
        if (attribute->name.space.length == 0 &&
            text_is(attribute->name.local, local))
            return attribute->value;
    }
    return (struct text){NULL, 0};
}
