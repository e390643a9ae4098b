/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The grammar of JSON (RFC 8259) as a machine over single bytes: what every
 * faster scanner is held against, and what takes the ends of their pieces.
 */
#include "label/label_scan.h"

void
label_scan_wrong(struct label *label, const char *rule)
{
    (void)label_fail(label, E_FORMAT, rule, "", label->at.offset);
}

void
label_scan_start(struct label *label)
{
    struct label_scanner *at = &label->at;

    memset(at, 0, offsetof(struct label_scanner, nodes));
    at->state = SCAN_START;
}

/* -- strings -- */

static unsigned
hex4(const char *p)
{
    unsigned value = 0;

    for (int i = 0; i < 4; i++) {
        const unsigned byte = (unsigned char)p[i];
        value = value << 4 | (byte <= '9' ? byte - '0' : (byte & 0x0f) + 9);
    }
    return value;
}

static char *
put_utf8(char *to, unsigned code)
{
    if (code < 0x80) {
        *to++ = (char)code;
        return to;
    }
    if (code < 0x800) {
        *to++ = (char)(0xc0 | code >> 6);
    } else if (code < 0x10000) {
        *to++ = (char)(0xe0 | code >> 12);
        *to++ = (char)(0x80 | (code >> 6 & 0x3f));
    } else {
        *to++ = (char)(0xf0 | code >> 18);
        *to++ = (char)(0x80 | (code >> 12 & 0x3f));
        *to++ = (char)(0x80 | (code >> 6 & 0x3f));
    }
    *to++ = (char)(0x80 | (code & 0x3f));
    return to;
}

/* The \u at *p (behind the u), with its second half where it has one; a half
 * alone is U+FFFD. */
static unsigned
code_point(const char **p, const char *end)
{
    unsigned code = hex4(*p);

    *p += 4;
    if (code < 0xd800 || code > 0xdfff)
        return code;
    if (code < 0xdc00 && end - *p >= 6 && (*p)[0] == '\\' && (*p)[1] == 'u') {
        const unsigned low = hex4(*p + 2);
        if (low >= 0xdc00 && low <= 0xdfff) {
            *p += 6;
            return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        }
    }
    return 0xfffd;
}

/* In label->at.text, which may be where the raw bytes stand. The grammar has
 * been checked; a text that was cut may end inside an escape. */
static size_t
unescape(struct label *label, const char *p, size_t length)
{
    static const char plain[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
    const char *end = p + length;
    char *to = label->at.text;

    while (p < end) {
        if (*p != '\\') {
            *to++ = *p++;
        } else if (end - p < 2 || (p[1] == 'u' && end - p < 6)) {
            break;
        } else if (p[1] == 'u') {
            p += 2;
            const unsigned code = code_point(&p, end);
            to = put_utf8(to, code);
        } else {
            const char *which = strchr(plain, p[1]);
            *to++ = which == NULL ? p[1] : means[which - plain];
            p += 2;
        }
    }
    return (size_t)(to - label->at.text);
}

void
label_scan_key(struct label *label, const char *raw, size_t length,
               bool escaped)
{
    struct label_scanner *at = &label->at;

    if (length > LABEL_RAW_BYTES_MAX) {
        (void)label_fail(label, E_LIMIT, "label-value-bytes-max", "",
                         at->offset);
        return;
    }
    if (escaped) {
        length = unescape(label, raw, length);
        raw = at->text;
    }
    at->member = label_walk_member(label, at->nodes[at->depth], raw, length);
}

void
label_scan_value(struct label *label, uint8_t node, const char *raw,
                 size_t length, bool escaped)
{
    if (length > LABEL_RAW_BYTES_MAX) {
        const unsigned kind =
            label->type == LABEL_JSON ? 0 : label_node_kinds[node];

        /* of these only the beginning, or that there is one, matters */
        if (kind != LABEL_IN_DATA && kind != LABEL_IN_DISPLAY &&
            kind != LABEL_IN_TELECOM) {
            (void)label_fail(label, E_LIMIT, "label-value-bytes-max", "",
                             label->at.offset);
            return;
        }
        length = LABEL_RAW_BYTES_MAX;
    }
    if (escaped) {
        length = unescape(label, raw, length);
        raw = label->at.text;
    }
    label_walk_value(label, node, raw, length);
}

static void
collect(struct label_scanner *at, uint8_t byte)
{
    if (at->collected < LABEL_RAW_BYTES_MAX)
        at->text[at->collected] = (char)byte;
    at->collected++;
}

static void
string_begin(struct label *label, bool key, uint8_t node)
{
    struct label_scanner *at = &label->at;

    at->key = key;
    at->escaped = false;
    at->collected = 0;
    at->take = node != LABEL_PASS && !at->mute &&
               (key || label_walk_reads(label, node));
    at->state = SCAN_STRING;
}

static void
value_end(struct label *label)
{
    struct label_scanner *at = &label->at;

    at->state = at->depth == 0 ? SCAN_DONE : SCAN_NEXT;
    at->lines = false;
    if (at->depth == 0 && !at->mute)
        label_walk_end(label);
}

static void
string_end(struct label *label)
{
    struct label_scanner *at = &label->at;

    if (at->key) {
        at->member = LABEL_PASS;
        if (at->take)
            label_scan_key(label, at->text, at->collected, at->escaped);
        at->state = SCAN_COLON;
        return;
    }
    if (at->take)
        label_scan_value(label, at->member, at->text, at->collected,
                         at->escaped);
    value_end(label);
}

static void
utf8_begin(struct label *label, uint8_t byte)
{
    struct label_scanner *at = &label->at;

    at->low = 0x80;
    at->high = 0xbf;
    at->state = SCAN_UTF8;
    if (byte >= 0xc2 && byte <= 0xdf) {
        at->left = 1;
    } else if (byte >= 0xe0 && byte <= 0xef) {
        at->left = 2;
        at->low = byte == 0xe0 ? 0xa0 : 0x80;  /* no overlong forms */
        at->high = byte == 0xed ? 0x9f : 0xbf; /* no surrogates */
    } else if (byte >= 0xf0 && byte <= 0xf4) {
        at->left = 3;
        at->low = byte == 0xf0 ? 0x90 : 0x80;
        at->high = byte == 0xf4 ? 0x8f : 0xbf; /* up to U+10FFFF */
    } else {
        label_scan_wrong(label, "json-utf8");
    }
}

static void
in_string(struct label *label, uint8_t byte)
{
    struct label_scanner *at = &label->at;

    if (byte == '"') {
        string_end(label);
        return;
    }
    if (at->take)
        collect(at, byte);
    if (byte == '\\') {
        at->escaped = true;
        at->state = SCAN_ESCAPE;
    } else if (byte >= 0x80) {
        utf8_begin(label, byte);
    } else if (byte < 0x20) {
        label_scan_wrong(label, "json-string-control");
    }
}

static bool
is_hex(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f') ||
           (byte >= 'A' && byte <= 'F');
}

/* Inside an escape or a character of several bytes. */
static void
in_sequence(struct label *label, uint8_t byte)
{
    struct label_scanner *at = &label->at;

    if (at->take)
        collect(at, byte);
    if (at->state == SCAN_ESCAPE && byte == 'u') {
        at->state = SCAN_HEX;
        at->left = 4;
    } else if (at->state == SCAN_ESCAPE) {
        if (byte == 0 || strchr("\"\\/bfnrt", byte) == NULL)
            label_scan_wrong(label, "json-escape");
        at->state = SCAN_STRING;
    } else if (at->state == SCAN_HEX) {
        if (!is_hex(byte))
            label_scan_wrong(label, "json-escape");
        if (--at->left == 0)
            at->state = SCAN_STRING;
    } else {
        if (byte < at->low || byte > at->high)
            label_scan_wrong(label, "json-utf8");
        at->low = 0x80;
        at->high = 0xbf;
        if (--at->left == 0)
            at->state = SCAN_STRING;
    }
}

/* -- containers and values -- */

bool
label_scan_push(struct label *label, bool object, uint8_t node)
{
    struct label_scanner *at = &label->at;

    if (at->depth >= LABEL_DEPTH_MAX) {
        (void)label_fail(label, E_LIMIT, "label-depth-max", "", at->offset);
        return false;
    }
    if (label->type != LABEL_JSON && label_walk_reads(label, node))
        node = LABEL_PASS; /* where a string was wanted */
    at->depth++;
    at->kinds = at->kinds << 1 | object;
    at->nodes[at->depth] = node;
    if (object && node != LABEL_PASS && !at->mute)
        label_walk_open(label, node);
    return true;
}

void
label_scan_pop(struct label *label)
{
    struct label_scanner *at = &label->at;
    const uint8_t node = at->nodes[at->depth];
    const bool object = at->kinds & 1;

    at->kinds >>= 1;
    at->depth--;
    if (object && node != LABEL_PASS && !at->mute)
        label_walk_close(label, node);
}

static void
close_container(struct label *label, bool object)
{
    struct label_scanner *at = &label->at;

    if (at->depth == 0 || (at->kinds & 1) != object) {
        label_scan_wrong(label, "json-syntax");
        return;
    }
    label_scan_pop(label);
    value_end(label);
}

static void
literal_begin(struct label *label, uint8_t which, uint8_t left)
{
    label->at.literal = which;
    label->at.left = left;
    label->at.state = SCAN_LITERAL;
}

static void
number_begin(struct label *label, uint8_t byte)
{
    struct label_scanner *at = &label->at;

    at->state = byte == '-'   ? SCAN_MINUS
                : byte == '0' ? SCAN_ZERO
                              : SCAN_INTEGER;
    at->collected = 0;
    at->take = label->type == LABEL_JSON && !at->mute &&
               at->member != LABEL_PASS && label_walk_reads(label, at->member);
    if (at->take)
        collect(at, byte);
}

/* The first byte of a value; at->member is its node. */
static void
value_begin(struct label *label, uint8_t byte)
{
    struct label_scanner *at = &label->at;

    if (at->depth == 0)
        at->member =
            at->mute ? LABEL_PASS : label_walk_start(label, byte == '{');
    switch (byte) {
    case '{':
    case '[':
        if (label_scan_push(label, byte == '{', at->member))
            at->state = byte == '{' ? SCAN_KEY_OR_CLOSE : SCAN_ELEMENT;
        return;
    case '"':
        string_begin(label, false, at->member);
        return;
    case 't':
        literal_begin(label, 0, 3);
        return;
    case 'f':
        literal_begin(label, 1, 4);
        return;
    case 'n':
        literal_begin(label, 2, 3);
        return;
    default:
        if (byte == '-' || (byte >= '0' && byte <= '9'))
            number_begin(label, byte);
        else
            label_scan_wrong(label, "json-syntax");
    }
}

static void
in_literal(struct label *label, uint8_t byte)
{
    static const char *const literals[] = {"true", "false", "null"};
    struct label_scanner *at = &label->at;
    const char *literal = literals[at->literal];

    if (byte != (uint8_t)literal[strlen(literal) - at->left])
        label_scan_wrong(label, "json-syntax");
    if (--at->left == 0)
        value_end(label);
}

/* The state behind this byte of a number; 0 where it does not belong. */
static unsigned
number_next(unsigned state, uint8_t byte)
{
    const bool digit = byte >= '0' && byte <= '9';
    const bool e = (byte | 0x20) == 'e';

    switch (state) {
    case SCAN_MINUS:
        return !digit ? 0 : byte == '0' ? SCAN_ZERO : SCAN_INTEGER;
    case SCAN_ZERO:
        return byte == '.' ? SCAN_POINT : e ? SCAN_E : 0;
    case SCAN_INTEGER:
        return digit ? SCAN_INTEGER : byte == '.' ? SCAN_POINT : e ? SCAN_E : 0;
    case SCAN_POINT:
        return digit ? SCAN_FRACTION : 0;
    case SCAN_FRACTION:
        return digit ? SCAN_FRACTION : e ? SCAN_E : 0;
    case SCAN_E:
        return digit                        ? SCAN_EXPONENT
               : byte == '+' || byte == '-' ? SCAN_E_SIGN
                                            : 0;
    default:
        return digit ? SCAN_EXPONENT : 0;
    }
}

static bool
number_may_end(unsigned state)
{
    return state == SCAN_ZERO || state == SCAN_INTEGER ||
           state == SCAN_FRACTION || state == SCAN_EXPONENT;
}

static void between(struct label *label, uint8_t byte);

static void
in_number(struct label *label, uint8_t byte)
{
    struct label_scanner *at = &label->at;
    const unsigned next = number_next(at->state, byte);

    if (next != 0) {
        at->state = (uint8_t)next;
        if (at->take)
            collect(at, byte);
        return;
    }
    if (!number_may_end(at->state)) {
        label_scan_wrong(label, "json-number");
        return;
    }
    if (at->take)
        label_scan_value(label, at->member, at->text, at->collected, false);
    value_end(label);
    between(label, byte);
}

/* Behind a value in a container. */
static void
next_or_close(struct label *label, uint8_t byte)
{
    struct label_scanner *at = &label->at;

    if (byte == ',') {
        at->state = (at->kinds & 1) != 0 ? SCAN_KEY : SCAN_VALUE;
        at->member = at->nodes[at->depth]; /* an element's; a key says more */
    } else if (byte == '}' || byte == ']') {
        close_container(label, byte == '}');
    } else {
        label_scan_wrong(label, "json-syntax");
    }
}

/* A byte outside strings, numbers and literals. */
static void
between(struct label *label, uint8_t byte)
{
    struct label_scanner *at = &label->at;

    if (byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t') {
        at->lines = at->lines || byte == '\n';
        return;
    }
    switch (at->state) {
    case SCAN_ELEMENT:
        if (byte == ']') {
            close_container(label, false);
            break;
        }
        at->member = at->nodes[at->depth];
        value_begin(label, byte);
        break;
    case SCAN_KEY_OR_CLOSE:
        if (byte == '}') {
            close_container(label, true);
            break;
        }
        __attribute__((fallthrough));
    case SCAN_KEY:
        if (byte == '"')
            string_begin(label, true, at->nodes[at->depth]);
        else
            label_scan_wrong(label, "json-syntax");
        break;
    case SCAN_COLON:
        if (byte == ':')
            at->state = SCAN_VALUE;
        else
            label_scan_wrong(label, "json-syntax");
        break;
    case SCAN_NEXT:
        next_or_close(label, byte);
        break;
    case SCAN_DONE:
        if (label->type != LABEL_FHIR_LINES || !at->lines) {
            label_scan_wrong(label, "json-syntax");
            break;
        }
        __attribute__((fallthrough));
    default:
        value_begin(label, byte);
    }
}

void
label_scan_plain(struct label *label, const uint8_t *p, const uint8_t *end)
{
    struct label_scanner *at = &label->at;

    for (; p < end && label->failed == OK; p++) {
        switch (at->state) {
        case SCAN_STRING:
            in_string(label, *p);
            break;
        case SCAN_ESCAPE:
        case SCAN_HEX:
        case SCAN_UTF8:
            in_sequence(label, *p);
            break;
        case SCAN_LITERAL:
            in_literal(label, *p);
            break;
        case SCAN_MINUS:
        case SCAN_ZERO:
        case SCAN_INTEGER:
        case SCAN_POINT:
        case SCAN_FRACTION:
        case SCAN_E:
        case SCAN_E_SIGN:
        case SCAN_EXPONENT:
            in_number(label, *p);
            break;
        default:
            between(label, *p);
        }
        at->offset++;
    }
}

enum result
label_scan_end(struct label *label)
{
    struct label_scanner *at = &label->at;

    if (label->failed != OK)
        return label->failed;
    if (at->depth == 0 && number_may_end(at->state)) {
        if (at->take)
            label_scan_value(label, at->member, at->text, at->collected, false);
        value_end(label);
    }
    if (at->state == SCAN_DONE ||
        (at->state == SCAN_START && label->type == LABEL_FHIR_LINES))
        return label->failed;
    return label_fail(label, E_END, "json-truncated", "", at->offset);
}
