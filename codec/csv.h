/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * CSV by RFC 4180 as spreadsheets and vendors write it: ',' ';' tab or '|',
 * CRLF or LF, quotes with newlines inside, UTF-8 (BOM or none) or
 * Windows-1252. One record at a time, no file access, no meaning of columns.
 */
#ifndef VIGIE_CODEC_CSV_H
#define VIGIE_CODEC_CSV_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "base/result.h"
#include "base/text.h"

struct csv_row {
    uint32_t count;
    struct text cells[CSV_COLUMNS_MAX];
};

/* Offset behind the newline that ends the first record of `bytes`; 0 where
 * it does not end within them. A quote opens only at the start of a cell. */
size_t csv_record_end(struct text bytes, char separator);
/* The separator that cuts the first lines into the most even columns; 0
 * where none cuts them at all. */
char csv_separator(struct text first_lines);
/* One record, with or without its newline, in cells. A quoted cell is
 * borrowed where it holds no doubled quote, else built in `scratch` (appended,
 * at most record.length bytes, reserved at once). Blanks around a quoted cell
 * are passed over. E_FORMAT "csv-quote" (text behind a closing quote, or none
 * closing), E_LIMIT "csv-columns-max"; offsets count from the record. */
enum result csv_split(struct text record, char separator,
                      struct buffer *scratch, struct reason *why,
                      struct csv_row *ret_row) MUST_USE;
/* Valid UTF-8 is borrowed as it stands (a BOM at its start taken off); any
 * other text is taken as Windows-1252 and written to `out` (cleared first).
 * The five bytes that Windows-1252 leaves free become U+FFFD. */
enum result csv_utf8(struct text given, struct buffer *out,
                     struct text *ret_text) MUST_USE;

#endif
