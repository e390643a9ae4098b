/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The states between two bytes, which every scanner takes over from the
 * other. Only label_scan*.c include it.
 */
#ifndef VIGIE_LABEL_LABEL_SCAN_H
#define VIGIE_LABEL_LABEL_SCAN_H

#include "label/label_state.h"

enum label_scan_state {
    SCAN_START,        /* white space before the first text */
    SCAN_VALUE,        /* a value has to come */
    SCAN_ELEMENT,      /* a value or ] */
    SCAN_KEY_OR_CLOSE, /* a name or } */
    SCAN_KEY,          /* a name */
    SCAN_COLON,
    SCAN_NEXT, /* a comma, or the container's end */
    SCAN_DONE, /* behind a text */
    SCAN_STRING,
    SCAN_ESCAPE, /* behind a backslash */
    SCAN_HEX,    /* `left` digits of \u to come */
    SCAN_UTF8,   /* `left` bytes of a character to come */
    SCAN_MINUS,
    SCAN_ZERO,
    SCAN_INTEGER,
    SCAN_POINT,
    SCAN_FRACTION,
    SCAN_E,
    SCAN_E_SIGN,
    SCAN_EXPONENT,
    SCAN_LITERAL, /* `left` letters to come */
};

/* A whole member's name, or a value that is read, as it stands between its
 * quotes. `length` may be more than there is room for: what is behind
 * LABEL_RAW_BYTES_MAX is not looked at. */
#define LABEL_RAW_BYTES_MAX (LABEL_VALUE_BYTES_MAX * 6u)
void label_scan_key(struct label *label, const char *raw, size_t length,
                    bool escaped);
void label_scan_value(struct label *label, uint8_t node, const char *raw,
                      size_t length, bool escaped);
/* A container opens (the node is that of its value) or closes. */
bool label_scan_push(struct label *label, bool object, uint8_t node);
void label_scan_pop(struct label *label);
/* At the byte that offends. */
void label_scan_wrong(struct label *label, const char *rule);

/* One byte after the other; leaves any state. */
void label_scan_plain(struct label *label, const uint8_t *p,
                      const uint8_t *end);
/* 64 bytes at a time, where the processor can (label_scan_fast.c). Returns
 * the first byte that it leaves; p where there are too few. */
const uint8_t *label_scan_fast(struct label *label, const uint8_t *p,
                               const uint8_t *end);
bool label_scan_fast_has(enum label_scan scan);

#endif
