/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One whole XML document (XML 1.0 with namespaces) through expat, bounded:
 * depth, attributes, bytes; no DOCTYPE, so no entity but the five that are
 * built in. Knows nothing of what the elements mean.
 */
#ifndef VIGIE_CODEC_XML_H
#define VIGIE_CODEC_XML_H

#include <stdint.h>

#include "base/limits.h"
#include "base/result.h"
#include "base/text.h"

/* A document as form_xml gets it: a record, and the prolog and root tag that
 * trail.c sets before each entry of a Bundle. */
#define XML_BYTES_MAX (RECORD_BYTES_MAX + FORM_SNIFF_BYTES)

struct xml_name {
    struct text space; /* namespace name; empty for none */
    struct text local;
};

struct xml_attribute {
    struct xml_name name;
    struct text value; /* UTF-8, references resolved, white space normal */
};

struct xml_element {
    struct xml_name name;
    const struct xml_attribute *attributes;
    uint32_t attribute_count;
    uint64_t offset; /* of its '<' in the document */
};

/* Texts hold until the call returns. A call that does not return OK ends the
 * parse; it fills `why` where it refuses. `text` may come in several pieces;
 * it may be NULL. */
struct xml_handler {
    void *context;
    enum result (*start)(void *context, const struct xml_element *element,
                         struct reason *why);
    enum result (*end)(void *context, uint64_t offset, struct reason *why);
    enum result (*text)(void *context, struct text text, struct reason *why);
};

/* E_FORMAT or E_LIMIT with the reason (rules "xml-…"; offset in the
 * document), E_NOMEM, or what the handler returned. Encodings: UTF-8,
 * US-ASCII, ISO-8859-1, ISO-8859-15, windows-1252. */
enum result xml_parse(struct text document, const struct xml_handler *handler,
                      struct reason *why) MUST_USE;

/* Value of the attribute without a namespace; empty where it is not there. */
struct text xml_value(const struct xml_element *element, const char *local);

#endif
