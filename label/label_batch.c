/* SPDX-License-Identifier: EUPL-1.2 */
#include "label/label_batch.h"

#define STEP(name_, parent_) \
    .name = (name_), .length = sizeof(name_) - 1, .parent = (parent_)
#define VALUE(mark) .person = 1, .system = (mark), .system_length = 1

/* Values come back behind their mark: "t|Bundle", "m|GET", "u|Patient/1". */
static const struct label_rules rules = {
    .count = 6,
    .steps =
        {
            {.record = 1},
            {STEP("resourceType", 0), VALUE("t")},
            {STEP("entry", 0)},
            {STEP("request", 2), .record = 1},
            {STEP("method", 3), VALUE("m")},
            {STEP("url", 3), VALUE("u")},
        },
};

struct found {
    bool bundle, reads, others, operation;
};

/* A POST to it may read: $everything, _search. One that is written with
 * escapes may be anything. */
static bool
is_operation(struct text url)
{
    struct text path, query;

    (void)text_split(url, '?', &path, &query);
    return text_find_byte(path, '$') < path.length ||
           text_find_byte(path, '%') < path.length ||
           text_find(path, "_search") < path.length;
}

static enum result
note(void *context, const struct label_person *person)
{
    struct found *found = context;
    const struct text value = text_after(person->name, 2);

    if (text_starts(person->name, "t|"))
        found->bundle |= text_is(value, "Bundle");
    else if (text_starts(person->name, "u|"))
        found->operation |= is_operation(value);
    else if (text_is(value, "GET") || text_is(value, "HEAD"))
        found->reads = true;
    else if (person->name.length > 0)
        found->others = true;
    return OK;
}

void
label_batch_begin(struct label *label)
{
    label_begin(label, LABEL_JSON, &rules);
}

enum label_batch
label_batch_end(struct label *label)
{
    struct found found = {false};
    const struct label_sink sink = {&found, note, NULL};

    if (label_end(label) != OK || label_window(label, LABEL_ALL, &sink) != OK)
        return LABEL_BATCH_MIXED;
    if (!found.reads && !found.others)
        return found.bundle ? LABEL_BATCH_MIXED : LABEL_BATCH_NONE;
    if (!found.others)
        return LABEL_BATCH_READS;
    return found.reads || found.operation ? LABEL_BATCH_MIXED
                                          : LABEL_BATCH_WRITES;
}
