/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One pass, no recursion: the open blocks stand on a small stack. Directives
 * are nodes of one list freed at the end; unescaped words live in one run of
 * bytes as long as the file, which never moves.
 */
#include "codec/conf.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/limits.h"

#define WORDS_MAX 64

struct node {
    struct conf_directive directive;
    struct node *made_before; /* for freeing */
    struct conf_word words[];
};

struct conf {
    struct node *last_made;
    const struct conf_directive *first;
    char *bytes; /* unescaped words */
    size_t used;
};

struct conf_parser {
    struct conf *conf;
    struct text text;
    size_t at;
    uint32_t line;
    struct reason *why;
    struct conf_directive *open[CONF_DEPTH_MAX];
    struct conf_directive *last[CONF_DEPTH_MAX + 1]; /* of each level */
    uint32_t depth;
    uint32_t made;
    struct conf_word words[WORDS_MAX]; /* name and values being read */
    uint32_t word_count;
    uint32_t start_line;
};

static enum result
refuse(struct conf_parser *parser, enum result code, const char *rule)
{
    char name[64] = "";
    struct text field = {"", 0};

    if (parser->word_count > 0) {
        field = parser->words[0].text;
    } else if (parser->depth > 0) {
        field = parser->open[parser->depth - 1]->name;
    }
    if (field.length >= sizeof(name)) {
        field.length = sizeof(name) - 1;
    }
    memcpy(name, field.bytes, field.length);
    return reason_set(parser->why, code, rule, name, parser->line);
}

static bool
at_end(const struct conf_parser *parser)
{
    return parser->at == parser->text.length;
}

static void
pass_space(struct conf_parser *parser)
{
    while (!at_end(parser)) {
        const char byte = parser->text.bytes[parser->at];

        if (byte == '#') {
            const struct text rest = text_after(parser->text, parser->at);

            parser->at += text_find_byte(rest, '\n');
            continue;
        }
        if (byte != ' ' && byte != '\t' && byte != '\r' && byte != '\n') {
            return;
        }
        parser->line += byte == '\n';
        parser->at++;
    }
}

static bool
ends_word(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n' ||
           byte == ';' || byte == '{' || byte == '}' || byte == '"' ||
           byte == '\'';
}

/* From behind the opening quote. Escapes only within '"', so that
 * 'C:\folder' is written as it stands. */
static enum result
read_quoted(struct conf_parser *parser, char quote, struct text *ret_text)
{
    char *const start = parser->conf->bytes + parser->conf->used;
    char *to = start;

    for (; !at_end(parser); parser->at++) {
        char byte = parser->text.bytes[parser->at];

        if (byte == quote) {
            parser->at++;
            parser->conf->used += (size_t)(to - start);
            *ret_text = (struct text){start, (size_t)(to - start)};
            return OK;
        }
        if (byte == '\n') {
            break; /* a quote left open is told on its own line */
        }
        if (byte == '\\' && quote == '"') {
            if (++parser->at == parser->text.length) {
                break;
            }
            byte = parser->text.bytes[parser->at];
            if (byte == 'n' || byte == 't') {
                byte = byte == 'n' ? '\n' : '\t';
            } else if (byte != '"' && byte != '\\') {
                return refuse(parser, E_FORMAT, "conf-escape");
            }
        }
        *to++ = byte;
    }
    return refuse(parser, E_FORMAT, "conf-quote");
}

static enum result
read_word(struct conf_parser *parser)
{
    struct conf_word word = {.quoted = false};
    const char first = parser->text.bytes[parser->at];
    enum result result = OK;

    if (parser->word_count == WORDS_MAX) {
        return refuse(parser, E_LIMIT, "conf-words-max");
    }
    if (first == '"' || first == '\'') {
        parser->at++;
        word.quoted = true;
        result = read_quoted(parser, first, &word.text);
        if (result == OK && !at_end(parser) &&
            (!ends_word(parser->text.bytes[parser->at]) ||
             parser->text.bytes[parser->at] == '"' ||
             parser->text.bytes[parser->at] == '\'')) {
            result = refuse(parser, E_FORMAT, "conf-quote");
        }
    } else {
        char *const start = parser->conf->bytes + parser->conf->used;
        size_t length = 0;

        while (!at_end(parser) && !ends_word(parser->text.bytes[parser->at])) {
            start[length++] = parser->text.bytes[parser->at++];
        }
        parser->conf->used += length;
        word.text = (struct text){start, length};
        if (!at_end(parser) && (parser->text.bytes[parser->at] == '"' ||
                                parser->text.bytes[parser->at] == '\'')) {
            result = refuse(parser, E_FORMAT, "conf-quote");
        }
    }
    if (result == OK) {
        parser->words[parser->word_count++] = word;
    }
    return result;
}

/* The words read so far become a directive of the open level. */
static enum result
finish_directive(struct conf_parser *parser, bool block)
{
    if (parser->word_count == 0) {
        return refuse(parser, E_FORMAT, "conf-name-missing");
    }
    if (parser->words[0].quoted || parser->words[0].text.length == 0) {
        return refuse(parser, E_FORMAT, "conf-name-quoted");
    }
    if (++parser->made > CONF_DIRECTIVES_MAX) {
        return refuse(parser, E_LIMIT, "conf-directives-max");
    }
    const uint32_t values = parser->word_count - 1;
    struct node *node =
        calloc(1, sizeof(*node) + values * sizeof(node->words[0]));

    if (node == NULL) {
        return E_NOMEM;
    }
    for (uint32_t i = 0; i < values; i++) {
        node->words[i] = parser->words[i + 1];
    }
    node->made_before = parser->conf->last_made;
    parser->conf->last_made = node;
    struct conf_directive *directive = &node->directive;

    directive->line = parser->start_line;
    directive->name = parser->words[0].text;
    directive->words = node->words;
    directive->word_count = values;
    directive->block = block;
    if (parser->last[parser->depth] != NULL) {
        parser->last[parser->depth]->next = directive;
    } else if (parser->depth > 0) {
        parser->open[parser->depth - 1]->first = directive;
    } else {
        parser->conf->first = directive;
    }
    parser->last[parser->depth] = directive;
    parser->word_count = 0;
    return OK;
}

static enum result
open_block(struct conf_parser *parser)
{
    if (parser->depth == CONF_DEPTH_MAX) {
        return refuse(parser, E_LIMIT, "conf-depth-max");
    }
    const enum result result = finish_directive(parser, true);

    if (result == OK) {
        parser->open[parser->depth] = parser->last[parser->depth];
        parser->depth++;
        parser->last[parser->depth] = NULL;
    }
    return result;
}

static enum result
close_block(struct conf_parser *parser)
{
    if (parser->word_count > 0) {
        return refuse(parser, E_FORMAT, "conf-semicolon-missing");
    }
    if (parser->depth == 0) {
        return refuse(parser, E_FORMAT, "conf-brace-extra");
    }
    parser->depth--;
    return OK;
}

static enum result
parse_all(struct conf_parser *parser)
{
    enum result result = OK;

    for (;;) {
        pass_space(parser);
        if (result != OK || at_end(parser)) {
            break;
        }
        switch (parser->text.bytes[parser->at]) {
        case ';':
            parser->at++;
            result = finish_directive(parser, false);
            break;
        case '{':
            parser->at++;
            result = open_block(parser);
            break;
        case '}':
            parser->at++;
            result = close_block(parser);
            break;
        default:
            if (parser->word_count == 0) {
                parser->start_line = parser->line;
            }
            result = read_word(parser);
        }
    }
    if (result == OK && parser->word_count > 0) {
        result = refuse(parser, E_FORMAT, "conf-semicolon-missing");
    }
    if (result == OK && parser->depth > 0) {
        result = refuse(parser, E_FORMAT, "conf-brace-missing");
    }
    return result;
}

/* Line of the offset, from 1. */
static uint64_t
line_of(struct text text, size_t at)
{
    uint64_t line = 1;

    for (size_t i = 0; i < at; i++) {
        line += text.bytes[i] == '\n';
    }
    return line;
}

enum result
conf_parse(struct text text, struct reason *why, struct conf **ret_conf)
{
    struct conf_parser parser = {.line = 1, .start_line = 1, .why = why};
    enum result result;

    if (text.length > CONF_BYTES_MAX) {
        return reason_set(why, E_LIMIT, "conf-bytes-max", "", 1);
    }
    const size_t bad = text_utf8_check(text);

    if (bad < text.length) {
        return reason_set(why, E_FORMAT, "conf-utf8", "", line_of(text, bad));
    }
    const size_t nul = text_find_byte(text, '\0');

    if (nul < text.length) {
        return reason_set(why, E_FORMAT, "conf-nul", "", line_of(text, nul));
    }
    parser.text =
        text_starts(text, "\xef\xbb\xbf") ? text_after(text, 3) : text;
    parser.conf = calloc(1, sizeof(*parser.conf));
    if (parser.conf == NULL) {
        return E_NOMEM;
    }
    parser.conf->bytes = malloc(text.length + 1);
    result = parser.conf->bytes == NULL ? E_NOMEM : parse_all(&parser);
    if (result != OK) {
        conf_free(parser.conf);
        return result;
    }
    *ret_conf = parser.conf;
    return OK;
}

void
conf_free(struct conf *conf)
{
    if (conf == NULL) {
        return;
    }
    while (conf->last_made != NULL) {
        struct node *node = conf->last_made;

        conf->last_made = node->made_before;
        free(node);
    }
    free(conf->bytes);
    free(conf);
}

const struct conf_directive *
conf_first(const struct conf *conf)
{
    return conf->first;
}

struct text
conf_word(const struct conf_directive *directive, uint32_t n)
{
    return n < directive->word_count ? directive->words[n].text
                                     : (struct text){"", 0};
}

enum result
conf_refuse(struct reason *why, const struct conf_directive *directive,
            const char *rule)
{
    char name[64];
    const size_t length = directive->name.length < sizeof(name)
                              ? directive->name.length
                              : sizeof(name) - 1;

    memcpy(name, directive->name.bytes, length);
    name[length] = '\0';
    return reason_set(why, E_FORMAT, rule, name, directive->line);
}
