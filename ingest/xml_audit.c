/* SPDX-License-Identifier: EUPL-1.2 */
#include "ingest/xml_audit.h"

#include <stdlib.h>
#include <string.h>

#define FHIR_SPACE "http://hl7.org/fhir"

enum root { ROOT_NONE, ROOT_FHIR, ROOT_DICOM };

/* What stands around the records: the document, or a Bundle and its
 * entries. */
enum shell {
    SHELL_OTHER = 0xff,
    SHELL_BUNDLE = 1,
    SHELL_ENTRY,
    SHELL_RESOURCE
};

struct document {
    struct form_context *context;
    struct xml_record record;
    uint64_t at;    /* of the document in the trail */
    uint32_t level; /* open elements */
    uint8_t shells[XML_DEPTH_MAX];
    uint32_t root_level; /* of the record under way */
    enum root root;
    uint64_t record_at;
    uint32_t passed_level; /* of an element that is passed over, 0 for none */
    const char *ignored;   /* the whole document: why */
    bool alone;            /* the record is the document: told at its end */
    bool entry_told;
    bool bundle_told;
    uint64_t entry_at;
};

bool
xml_code_is_emergency(struct text code)
{
    return text_is(code, "ETREAT") || text_is(code, "BTG") ||
           text_is(code, "EMER");
}

char
xml_outcome(struct text value)
{
    if (value.length == 0)
        return 0;
    if (value.length == 1 && value.bytes[0] != 'c')
        return value.bytes[0];
    return text_is(value, "12") ? 'c' : '?';
}

void
xml_record_refuse(struct xml_record *record, const char *rule,
                  const char *field, uint64_t offset)
{
    if (record->refused.rule == NULL)
        (void)reason_set(&record->refused, E_FORMAT, rule, field,
                         record->at + offset);
}

enum result
xml_record_set(struct xml_record *record, struct text *slot, struct text value,
               const char *field, uint64_t offset)
{
    if (slot->bytes != NULL) {
        xml_record_refuse(record, "xml-element-twice", field, offset);
        return OK;
    }
    const char *place = record->values.bytes + record->values.length;
    enum result result = buffer_text(&record->values, value);
    if (result == OK)
        *slot = (struct text){place, value.length};
    return result;
}

static bool
is_fhir(const struct xml_element *element)
{
    return element->name.space.length == 0 ||
           text_is(element->name.space, FHIR_SPACE);
}

static enum result
tell_ignored(struct document *document, const char *kind, uint64_t offset)
{
    const struct trail_sink *sink = document->context->sink;
    document->entry_told = true;
    document->bundle_told = true;
    return sink->ignored(sink->context, kind, offset);
}

static enum result
tell_record(struct document *document)
{
    const struct trail_sink *sink = document->context->sink;
    document->entry_told = true;
    document->bundle_told = true;
    if (document->record.refused.rule != NULL)
        return sink->refused(sink->context, &document->record.refused);
    return audit_report(document->context, document->record.audit,
                        document->record_at);
}

static void
record_start(struct document *document, enum root root,
             const struct xml_element *element)
{
    struct xml_record *record = &document->record;
    document->root = root;
    document->root_level = document->level;
    document->alone = document->level == 1;
    document->record_at =
        document->at + (document->alone ? 0 : element->offset);
    audit_reset(record->audit);
    record->audit->dicom = root == ROOT_DICOM;
    buffer_clear(&record->values);
    record->level = 0;
    record->code = NULL;
    record->text_slot = NULL;
    record->seen = 0;
    record->refused = (struct reason){.rule = NULL};
}

/* The element is no record: passed over with all that it holds. */
static enum result
pass_over(struct document *document, const char *kind, uint64_t offset)
{
    document->passed_level = document->level;
    if (document->level > 1)
        return tell_ignored(document, kind, document->at + offset);
    document->ignored = kind;
    return OK;
}

static enum shell
shell_above(const struct document *document)
{
    return document->level < 2 ? SHELL_RESOURCE
                               : document->shells[document->level - 2];
}

/* Outside a record: the root, or the way down to a Bundle's resources. */
static enum result
shell_start(struct document *document, const struct xml_element *element)
{
    struct text local = element->name.local;
    enum shell above = shell_above(document);
    enum shell here = SHELL_OTHER;

    if (above == SHELL_RESOURCE) {
        if (text_is(local, "AuditMessage")) {
            record_start(document, ROOT_DICOM, element);
        } else if (!is_fhir(element)) {
            return pass_over(document, "other-document", element->offset);
        } else if (text_is(local, "AuditEvent")) {
            record_start(document, ROOT_FHIR, element);
        } else if (text_is(local, "Bundle")) {
            here = SHELL_BUNDLE;
        } else {
            return pass_over(document,
                             element->name.space.length > 0 ? "other-resource"
                                                            : "other-document",
                             element->offset);
        }
    } else if (above == SHELL_BUNDLE && text_is(local, "entry")) {
        here = SHELL_ENTRY;
        document->entry_told = false;
        document->entry_at = element->offset;
    } else if (above == SHELL_ENTRY && text_is(local, "resource")) {
        here = SHELL_RESOURCE;
    }
    document->shells[document->level - 1] = (uint8_t)here;
    return OK;
}

static enum result
on_start(void *context, const struct xml_element *element, struct reason *why)
{
    struct document *document = context;
    struct xml_record *record = &document->record;
    enum result result;
    (void)why;
    document->level++;
    if (document->passed_level > 0)
        return OK;
    if (document->root == ROOT_NONE)
        return shell_start(document, element);
    record->level++;
    result = document->root == ROOT_FHIR ? xml_fhir_start(record, element)
                                         : xml_dicom_start(record, element);
    return result;
}

static enum result
on_end(void *context, uint64_t offset, struct reason *why)
{
    struct document *document = context;
    enum result result = OK;
    (void)offset;
    (void)why;
    uint32_t level = document->level--;
    if (document->passed_level > 0) {
        if (document->passed_level == level)
            document->passed_level = 0;
        return OK;
    }
    if (document->root == ROOT_NONE) {
        if (document->shells[level - 1] == SHELL_ENTRY && !document->entry_told)
            result = tell_ignored(document, "empty-entry",
                                  document->at + document->entry_at);
        return result;
    }
    document->record.text_slot = NULL;
    if (document->root_level != level) {
        document->record.level--;
        return OK;
    }
    /* a document that is one record is told when all of it was read, so
     * that it is either told or refused */
    if (document->alone)
        return OK;
    document->root = ROOT_NONE;
    return tell_record(document);
}

static enum result
on_text(void *context, struct text text, struct reason *why)
{
    struct document *document = context;
    (void)why;
    if (document->root != ROOT_DICOM || document->passed_level > 0)
        return OK;
    return xml_dicom_text(&document->record, text);
}

static enum result
document_read(struct document *document, struct text text)
{
    const struct trail_sink *sink = document->context->sink;
    const struct xml_handler handler = {
        .context = document, .start = on_start, .end = on_end, .text = on_text};
    struct reason why = {.rule = NULL};

    enum result result = xml_parse(text, &handler, &why);
    if (result != OK && why.rule != NULL) {
        why.offset += document->at;
        return sink->refused(sink->context, &why);
    }
    if (result != OK)
        return result;
    if (document->ignored != NULL)
        return sink->ignored(sink->context, document->ignored, document->at);
    if (document->alone)
        return tell_record(document);
    if (!document->bundle_told)
        return sink->ignored(sink->context, "empty-bundle", document->at);
    return OK;
}

enum result
form_xml(struct form_context *context, struct text record, uint64_t at)
{
    struct document document = {
        .context = context, .at = at, .record = {.at = at}};
    /* UTF-8 from the 8-bit encodings takes at most three bytes for one */
    size_t room = 3 * record.length + 16;

    document.record.values.ceiling = room;
    document.record.audit = malloc(sizeof *document.record.audit);
    enum result result = document.record.audit == NULL
                             ? E_NOMEM
                             : buffer_reserve(&document.record.values, room);
    if (result == OK)
        result = document_read(&document, record);
    buffer_free(&document.record.values);
    free(document.record.audit);
    return result;
}
