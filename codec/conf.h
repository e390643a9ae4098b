/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The syntax of vigie.conf and of --map files:
 *
 *   # comment to the end of the line
 *   name value "quoted value";
 *   name value { … }            a block holds directives
 *
 * Words part at blanks, ';', '{', '}' and '#' at a word's start. Quotes are
 * '"' or "'"; within '"', \" \\ \n \t are escapes. Knows no directive's
 * meaning; who uses it walks the tree and says what is unknown.
 */
#ifndef VIGIE_CODEC_CONF_H
#define VIGIE_CODEC_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"

struct conf;

struct conf_word {
    struct text text; /* unescaped */
    bool quoted;
};

struct conf_directive {
    uint32_t line;       /* of its name, from 1 */
    uint32_t word_count; /* values; the name is not counted */
    struct text name;
    const struct conf_word *words;
    bool block;
    const struct conf_directive *first; /* inside the block, or NULL */
    const struct conf_directive *next;  /* behind it, or NULL */
};

/* The whole text; the tree borrows nothing of it. UTF-8 (a BOM is passed
 * over). Errors set why: rule "conf-…", field the directive's name (or the
 * one it stands in), offset the LINE, from 1. E_FORMAT, E_LIMIT over
 * CONF_BYTES_MAX, CONF_DEPTH_MAX or CONF_DIRECTIVES_MAX. */
enum result conf_parse(struct text text, struct reason *why,
                       struct conf **ret_conf) MUST_USE;
void conf_free(struct conf *conf);
/* The first directive of the file, NULL where it is empty; all hold until
 * conf_free. */
const struct conf_directive *conf_first(const struct conf *conf);

/* The directive's nth value (0…) or the empty text. */
struct text conf_word(const struct conf_directive *directive, uint32_t n);
/* Fills why with rule, the directive's name and its line; returns E_FORMAT,
 * for `return conf_refuse(why, directive, "conf-unknown");` */
enum result conf_refuse(struct reason *why,
                        const struct conf_directive *directive,
                        const char *rule);

#endif
