/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * RFC 4180, with what vendors do to it: other separators, blanks around
 * quoted cells, a quote in the middle of a cell that does not start with one
 * (taken as it stands). Invariant: csv_record_end() and csv_split() agree on
 * which newlines are inside quotes.
 */
#include "codec/csv.h"

#include <string.h>

static bool
is_blank(char byte, char separator)
{
    return (byte == ' ' || byte == '\t') && byte != separator;
}

/* Behind the blanks at `at`, where a quote would open the cell. */
static size_t
pass_blanks(struct text text, size_t at, char separator)
{
    while (at < text.length && is_blank(text.bytes[at], separator)) {
        at++;
    }
    return at;
}

/* Behind the quote that closes what opened before `at`; 0 where none does. */
static size_t
closing_quote(struct text text, size_t at)
{
    while (at < text.length) {
        const char *quote = memchr(text.bytes + at, '"', text.length - at);

        if (quote == NULL) {
            return 0;
        }
        at = (size_t)(quote - text.bytes) + 1;
        if (at == text.length || text.bytes[at] != '"') {
            return at;
        }
        at++;
    }
    return 0;
}

size_t
csv_record_end(struct text bytes, char separator)
{
    size_t at = 0;

    while (at < bytes.length) {
        const size_t start = pass_blanks(bytes, at, separator);

        if (start < bytes.length && bytes.bytes[start] == '"') {
            at = closing_quote(bytes, start + 1);
            /* a quote at the very end may be the first of a doubled one */
            if (at == 0 || at == bytes.length) {
                return 0;
            }
        }
        while (at < bytes.length && bytes.bytes[at] != separator) {
            if (bytes.bytes[at] == '\n') {
                return at + 1;
            }
            at++;
        }
        at++;
    }
    return 0;
}

/* Quoted cell from behind its opening quote; doubled quotes are built anew
 * without their second. */
static enum result
take_quoted(struct text record, size_t *at, struct buffer *scratch,
            struct text *ret_cell)
{
    const size_t start = *at, end = closing_quote(record, start);

    if (end == 0) {
        return E_FORMAT;
    }
    struct text cell = {record.bytes + start, end - 1 - start};

    *at = end;
    if (memchr(cell.bytes, '"', cell.length) == NULL) {
        *ret_cell = cell;
        return OK;
    }
    const size_t kept = scratch->length;

    for (size_t i = 0; i < cell.length; i++) {
        scratch->bytes[scratch->length++] = cell.bytes[i];
        i += cell.bytes[i] == '"';
    }
    *ret_cell = (struct text){scratch->bytes + kept, scratch->length - kept};
    return OK;
}

static struct text
without_newline(struct text record)
{
    if (record.length > 0 && record.bytes[record.length - 1] == '\n') {
        record.length--;
    }
    if (record.length > 0 && record.bytes[record.length - 1] == '\r') {
        record.length--;
    }
    return record;
}

enum result
csv_split(struct text record, char separator, struct buffer *scratch,
          struct reason *why, struct csv_row *ret_row)
{
    size_t at = 0;
    enum result result = buffer_reserve(scratch, record.length);

    if (result != OK) {
        return result;
    }
    record = without_newline(record);
    ret_row->count = 0;
    for (;;) {
        struct text cell;
        const size_t start = pass_blanks(record, at, separator);

        if (ret_row->count == CSV_COLUMNS_MAX) {
            return reason_set(why, E_LIMIT, "csv-columns-max", "", at);
        }
        if (start < record.length && record.bytes[start] == '"') {
            at = start + 1;
            if (take_quoted(record, &at, scratch, &cell) != OK) {
                return reason_set(why, E_FORMAT, "csv-quote", "", start);
            }
            at = pass_blanks(record, at, separator);
            if (at < record.length && record.bytes[at] != separator) {
                return reason_set(why, E_FORMAT, "csv-quote", "", at);
            }
        } else {
            const size_t length =
                text_find_byte(text_after(record, at), separator);

            cell = text_trim((struct text){record.bytes + at, length});
            at += length;
        }
        ret_row->cells[ret_row->count++] = cell;
        if (at >= record.length) {
            return OK;
        }
        at++;
    }
}

/* Columns of the first record and how many of the next few have as many. */
static unsigned
evenness(struct text lines, char separator)
{
    unsigned first = 0, even = 0;

    for (int line = 0; line < 8 && lines.length > 0; line++) {
        const size_t end = csv_record_end(lines, separator);
        struct text record = {lines.bytes, end == 0 ? lines.length : end};
        unsigned columns = 1;

        lines = text_after(lines, record.length);
        for (size_t at = 0; at < record.length; at++) {
            if (record.bytes[at] == '"') {
                const size_t closed = closing_quote(record, at + 1);

                at = closed == 0 ? at : closed - 1;
            } else {
                columns += record.bytes[at] == separator;
            }
        }
        if (end == 0 && line > 0) {
            break; /* cut by the sniffing */
        }
        first = line == 0 ? columns : first;
        even += columns == first;
    }
    return first < 2 ? 0 : even * 1024 + (first > 1023 ? 1023 : first);
}

char
csv_separator(struct text first_lines)
{
    static const char candidates[] = {';', '\t', ',', '|'};
    unsigned best = 0;
    char found = '\0';

    for (size_t i = 0; i < sizeof(candidates); i++) {
        const unsigned score = evenness(first_lines, candidates[i]);

        if (score > best) {
            best = score;
            found = candidates[i];
        }
    }
    return found;
}

/* 0x80..0x9f of Windows-1252; the rest is Latin-1, whose code points are its
 * bytes. */
static const uint16_t windows_1252[32] = {
    0x20ac, 0xfffd, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
    0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0xfffd, 0x017d, 0xfffd,
    0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
    0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0xfffd, 0x017e, 0x0178};

enum result
csv_utf8(struct text given, struct buffer *out, struct text *ret_text)
{
    enum result result;

    if (text_utf8_check(given) == given.length) {
        *ret_text =
            text_starts(given, "\xef\xbb\xbf") ? text_after(given, 3) : given;
        return OK;
    }
    buffer_clear(out);
    result = buffer_reserve(out, 3 * given.length);
    if (result != OK) {
        return result;
    }
    char *to = out->bytes;

    for (size_t i = 0; i < given.length; i++) {
        const uint8_t byte = (uint8_t)given.bytes[i];
        const unsigned code =
            byte >= 0x80 && byte < 0xa0 ? windows_1252[byte - 0x80] : byte;

        if (code < 0x80) {
            *to++ = (char)code;
        } else if (code < 0x800) {
            *to++ = (char)(0xc0 | (code >> 6));
            *to++ = (char)(0x80 | (code & 0x3f));
        } else {
            *to++ = (char)(0xe0 | (code >> 12));
            *to++ = (char)(0x80 | ((code >> 6) & 0x3f));
            *to++ = (char)(0x80 | (code & 0x3f));
        }
    }
    out->length = (size_t)(to - out->bytes);
    *ret_text = buffer_as_text(out);
    return OK;
}
