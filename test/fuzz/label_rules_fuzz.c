/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Other JSON by declared rules. Up to the first NUL the bytes are the rules,
 * behind it is the body: whole and byte by byte tell the same.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "label/label.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static enum result
add(void *context, const struct label_person *person)
{
    uint64_t *sum = context;
    uint64_t hash = person->categories + 7u;

    for (size_t i = 0; i < person->name.length; i++)
        hash = (hash ^ (uint8_t)person->name.bytes[i]) * 0x100000001b3u;
    *sum += hash;
    return OK;
}

static enum result
run(struct label *label, const struct label_rules *rules, struct text body,
    size_t piece, uint64_t *ret_sum)
{
    const struct label_sink sink = {.context = ret_sum, .person = add};
    enum result result = OK;

    *ret_sum = 0;
    label_begin(label, LABEL_JSON, rules);
    for (size_t at = 0; at < body.length && result == OK; at += piece)
        result =
            label_feed(label, body.bytes + at,
                       body.length - at < piece ? body.length - at : piece);
    if (result == OK)
        result = label_end(label);
    if (result == OK)
        result = label_window(label, LABEL_ALL, &sink);
    return result;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static struct label *label;
    static struct label_rules rules;
    const uint8_t *nul = memchr(bytes, 0, length);
    struct text text, body;
    uint64_t whole, parts;

    if (label == NULL)
        label = aligned_alloc(64, label_bytes());
    if (label == NULL || nul == NULL)
        return 0;
    label_prepare(label);
    text = (struct text){(const char *)bytes, (size_t)(nul - bytes)};
    body = (struct text){(const char *)nul + 1,
                         length - (size_t)(nul - bytes) - 1};
    if (label_rules_parse(text, NULL, &rules) == OK) {
        const enum result result =
            run(label, &rules, body, body.length + 1, &whole);
        assert(run(label, &rules, body, 1, &parts) == result);
        assert(result != OK || whole == parts);
    }
    return 0;
}
