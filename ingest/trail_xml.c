/* SPDX-License-Identifier: EUPL-1.2 */
/* XML documents one behind the other, and a Bundle of any size cut into its
 * entries: each is handed on as a document of its own, with the prolog and
 * the root tag of the Bundle (its namespaces) in front. */
#include "ingest/trail_state.h"

/* Room for the closing tag behind an entry, so that what form_xml gets stays
 * under XML_BYTES_MAX. */
#define PREFIX_BYTES_MAX (FORM_SNIFF_BYTES - 1024)
#define ROOT_NAME_BYTES_MAX 512

static struct text
part(struct text bytes, size_t at, size_t length)
{
    return (struct text){bytes.bytes + at, length};
}

static enum result
document_whole(struct trail *trail, struct text bytes, size_t *ret_used)
{
    static const unsigned found[] = {
        [XML_ROOT_NONE] = 0,
        [XML_ROOT_OTHER] = 0,
        [XML_ROOT_MESSAGE] = FOUND_DICOM_XML,
        [XML_ROOT_EVENT] = FOUND_FHIR_XML,
        [XML_ROOT_BUNDLE] = FOUND_FHIR_XML,
    };
    trail->found |= found[trail->xml.root];
    trail->xml_open = false;
    *ret_used = trail->xml.at;
    return form_xml(&trail->context, part(bytes, 0, trail->xml.at),
                    trail->offset);
}

static enum result
bundle_start(struct trail *trail, struct text bytes, size_t *ret_used)
{
    const struct xml_frame *xml = &trail->xml;
    buffer_clear(&trail->prefix);
    buffer_clear(&trail->bundle_name);
    enum result result = buffer_text(&trail->prefix, part(bytes, 0, xml->at));
    if (result == OK)
        result = buffer_text(&trail->bundle_name, part(bytes, xml->root_name_at,
                                                       xml->root_name_length));
    if (result != OK)
        return result;
    trail->found |= FOUND_FHIR_XML;
    trail->bundle_open = true;
    trail->bundle_told = false;
    trail->bundle_cut = false;
    trail->bundle_at = trail->offset;
    trail->xml_open = false;
    *ret_used = xml->at;
    return OK;
}

/* Comments and instructions behind a document, and nothing else: no record. */
static bool
is_epilog(const struct xml_frame *xml, struct text bytes)
{
    return xml->root == XML_ROOT_NONE && !xml->doctype &&
           (text_starts(bytes, "<!--") ||
            (text_starts(bytes, "<?") && !text_starts(bytes, "<?xml")));
}

static enum result
document_more(struct trail *trail, struct trail_window window, size_t *ret_used)
{
    if (trail_over(window))
        return trail_broken(trail, window, "record-bytes-max", 0, ret_used);
    if (!window.final) {
        trail->hungry = true;
        return OK;
    }
    if (is_epilog(&trail->xml, window.bytes) && trail->xml.state == 0) {
        trail->xml_open = false;
        *ret_used = window.bytes.length;
        return OK;
    }
    return trail_broken(trail, window, "record-truncated", 0, ret_used);
}

enum result
trail_xml_step(struct trail *trail, struct trail_window window,
               size_t *ret_used)
{
    struct text clip = trail_clip(window);
    bool final = window.final && !trail_over(window);
    if (!trail->xml_open) {
        xml_frame_start(&trail->xml, 0, false);
        trail->xml_open = true;
        trail->xml_in_syslog = false;
    }
    for (;;) {
        switch (xml_frame_scan(&trail->xml, clip, final)) {
        case XML_FRAME_MORE:
            return document_more(trail, window, ret_used);
        case XML_FRAME_END:
            return document_whole(trail, clip, ret_used);
        case XML_FRAME_BUNDLE:
            if (trail->xml.at <= PREFIX_BYTES_MAX && !trail->xml.doctype &&
                trail->xml.root_name_length <= ROOT_NAME_BYTES_MAX)
                return bundle_start(trail, clip, ret_used);
            break; /* as one document, whatever form_xml says of it */
        case XML_FRAME_BROKEN:
            if (is_epilog(&trail->xml, clip)) {
                trail->xml_open = false;
                *ret_used = trail->xml.at;
                return OK;
            }
            return trail_broken(trail, window, "xml-unclosed", trail->xml.at,
                                ret_used);
        }
    }
}

static bool
is_entry(const struct xml_frame *xml, struct text bytes)
{
    struct text name = part(bytes, xml->root_name_at, xml->root_name_length);
    size_t colon = text_find_byte(name, ':');
    if (xml->root == XML_ROOT_NONE)
        return false;
    return text_is(colon < name.length ? text_after(name, colon + 1) : name,
                   "entry");
}

static enum result
entry_whole(struct trail *trail, struct text bytes, size_t *ret_used)
{
    struct buffer *entry = &trail->entry;
    struct text prefix = buffer_as_text(&trail->prefix);
    trail->xml_open = false;
    *ret_used = trail->xml.at;
    if (!is_entry(&trail->xml, bytes))
        return OK;

    buffer_clear(entry);
    enum result result = buffer_text(entry, prefix);
    if (result == OK)
        result = buffer_text(entry, part(bytes, 0, trail->xml.at));
    if (result == OK)
        result = buffer_string(entry, "</");
    if (result == OK)
        result = buffer_text(entry, buffer_as_text(&trail->bundle_name));
    if (result == OK)
        result = buffer_byte(entry, '>');
    if (result != OK)
        return result;
    trail->bundle_told = true;
    /* so that places in the entry come out as places in the trail; wraps
     * around and back where the Bundle stands at its very start */
    return form_xml(&trail->context, buffer_as_text(entry),
                    trail->offset - prefix.length);
}

static enum result
bundle_item(struct trail *trail, struct trail_window window, size_t *ret_used)
{
    struct text clip = trail_clip(window);
    bool final = window.final && !trail_over(window);
    if (!trail->xml_open) {
        xml_frame_start(&trail->xml, 0, true);
        trail->xml_open = true;
    }
    switch (xml_frame_scan(&trail->xml, clip, final)) {
    case XML_FRAME_END:
    case XML_FRAME_BUNDLE:
        return entry_whole(trail, clip, ret_used);
    case XML_FRAME_BROKEN:
        trail->bundle_told = true;
        return trail_broken(trail, window, "xml-unclosed", trail->xml.at,
                            ret_used);
    case XML_FRAME_MORE:
    default:
        break;
    }
    if (!final && !trail_over(window)) {
        trail->hungry = true;
        return OK;
    }
    size_t limit = trail->offset < trail->retry_until ? TRAIL_FROM_END : 0;
    if (limit == 0)
        trail->retry_until = trail->offset + clip.length;
    trail->bundle_told = true;
    trail->bundle_cut = trail->bundle_cut || !trail_over(window);
    return trail_broken(trail, window,
                        trail_over(window) ? "record-bytes-max"
                                           : "record-truncated",
                        limit, ret_used);
}

enum result
trail_bundle_end(struct trail *trail)
{
    bool said = trail->bundle_cut;
    trail->bundle_open = false;
    trail->bundle_cut = true;
    return said ? OK : trail_refuse(trail, "record-truncated", trail->offset);
}

static enum result
bundle_close(struct trail *trail, struct trail_window window, size_t *ret_used)
{
    struct text clip = trail_clip(window);
    size_t close = text_find_byte(clip, '>');
    if (close == clip.length) {
        if (!window.final && !trail_over(window)) {
            trail->hungry = true;
            return OK;
        }
        *ret_used = clip.length;
        return trail_bundle_end(trail);
    }
    trail->bundle_open = false;
    *ret_used = close + 1;
    return trail->bundle_told
               ? OK
               : trail_ignore(trail, "empty-bundle", trail->bundle_at);
}

enum result
trail_bundle_step(struct trail *trail, struct trail_window window,
                  size_t *ret_used)
{
    if (trail->xml_open)
        return bundle_item(trail, window, ret_used);
    size_t blank = opening_blank(window.bytes);
    if (blank > 0) {
        *ret_used = blank;
        return OK;
    }
    if (text_starts(window.bytes, "</"))
        return bundle_close(trail, window, ret_used);
    switch (opening_of(window.bytes, window.final)) {
    case OPENING_MORE:
        trail->hungry = true;
        return OK;
    case OPENING_MARKUP:
        return bundle_item(trail, window, ret_used);
    case OPENING_NONE:
        trail->bundle_told = true;
        return trail_broken(trail, window, "xml-text", 0, ret_used);
    case OPENING_JSON:
    case OPENING_XML:
    case OPENING_SYSLOG:
    case OPENING_FRAME:
    default:
        /* another record begins: this Bundle was never closed */
        return trail_bundle_end(trail);
    }
}
