/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Paths into a JSON record: "a.b[0].c", "events[*].id". A backslash before a
 * dot, bracket or backslash makes it part of the key ("log\.level").
 */
#include "ingest/mapping_rules.h"

static enum result
add_step(struct mapping_path *path, struct mapping_step step)
{
    if (path->count == MAPPING_PATH_STEPS) {
        return E_LIMIT;
    }
    path->steps[path->count++] = step;
    return OK;
}

static enum result
parse_index(struct text *rest, struct mapping_path *path)
{
    struct text inside;
    struct mapping_step step = {.is_index = true};
    uint64_t index;

    if (!text_split(text_after(*rest, 1), ']', &inside, rest)) {
        return E_FORMAT;
    }
    if (text_is(inside, "*")) {
        step.index = MAPPING_ANY_INDEX;
        return add_step(path, step);
    }
    const enum result result = text_to_u64(inside, 65535, &index);

    if (result != OK) {
        return E_FORMAT;
    }
    step.index = (uint32_t)index;
    return add_step(path, step);
}

static enum result
parse_key(struct text *rest, struct buffer *names, struct mapping_path *path)
{
    char *const start = names->bytes + names->length;
    size_t length = 0, at = 0;

    for (; at < rest->length; at++) {
        char byte = rest->bytes[at];

        if (byte == '.' || byte == '[') {
            break;
        }
        if (byte == '\\' && at + 1 < rest->length) {
            byte = rest->bytes[++at];
        }
        start[length++] = byte;
    }
    names->length += length;
    *rest = text_after(*rest, at);
    return length == 0
               ? E_FORMAT
               : add_step(path, (struct mapping_step){.key = {start, length}});
}

enum result
mapping_path_parse(struct text text, struct buffer *names,
                   struct mapping_path *ret_path)
{
    struct mapping_path path = {.count = 0};
    struct text rest = text;
    enum result result = text.length == 0 ? E_FORMAT : OK;

    if (names->room - names->length < text.length) {
        return E_LIMIT;
    }
    while (result == OK && rest.length > 0) {
        if (rest.bytes[0] == '[') {
            result = parse_index(&rest, &path);
        } else {
            if (path.count > 0) {
                if (rest.bytes[0] != '.') {
                    return E_FORMAT;
                }
                rest = text_after(rest, 1);
            }
            result = parse_key(&rest, names, &path);
        }
    }
    if (result == OK) {
        *ret_path = path;
    }
    return result;
}
