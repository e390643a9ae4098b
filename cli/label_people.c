/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/label_people.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/say.h"
#include "model/category.h"

struct people_entry {
    struct text name;        /* owned */
    struct people_entry *as; /* the one that it turned out to be */
    struct people_entry *next;
    uint16_t categories;
    uint16_t third;
};

struct label_people {
    void *tree; /* of entries, by name */
    struct people_entry *first, **last;
};

static int
compare(const void *a, const void *b)
{
    const struct people_entry *left = a, *right = b;

    return text_compare(left->name, right->name);
}

enum result
label_people_new(struct label_people **ret_people)
{
    struct label_people *people = calloc(1, sizeof(*people));

    if (people == NULL)
        return E_NOMEM;
    people->last = &people->first;
    *ret_people = people;
    return OK;
}

static void
keep(void *entry)
{
    (void)entry; /* the list frees it */
}

void
label_people_free(struct label_people *people)
{
    struct people_entry *next;

    if (people == NULL)
        return;
    tdestroy(people->tree, keep);
    for (struct people_entry *entry = people->first; entry != NULL;
         entry = next) {
        next = entry->next;
        free(entry);
    }
    free(people);
}

/* The entry by that name, made where it is not there; NULL: no memory. */
static struct people_entry *
entry_of(struct label_people *people, struct text name)
{
    struct people_entry key = {.name = name};
    struct people_entry *const *found = tfind(&key, &people->tree, compare);
    struct people_entry *entry;

    if (found != NULL)
        return *found;
    entry = calloc(1, sizeof(*entry) + name.length);
    if (entry == NULL)
        return NULL;
    if (name.length > 0)
        memcpy(entry + 1, name.bytes, name.length);
    entry->name = (struct text){(const char *)(entry + 1), name.length};
    if (tsearch(entry, &people->tree, compare) == NULL) {
        free(entry);
        return NULL;
    }
    *people->last = entry;
    people->last = &entry->next;
    return entry;
}

static struct people_entry *
final(struct people_entry *entry)
{
    while (entry->as != NULL)
        entry = entry->as;
    return entry;
}

enum result
label_people_add(void *context, const struct label_person *person)
{
    struct people_entry *entry = entry_of(context, person->name);

    if (entry == NULL)
        return E_NOMEM;
    entry = final(entry);
    entry->categories |= person->categories;
    entry->third = (uint16_t)(entry->third + person->third_persons);
    return OK;
}

enum result
label_people_join(void *context, struct text name,
                  const struct label_person *as)
{
    struct people_entry *from = entry_of(context, name);
    struct people_entry *to = entry_of(context, as->name);

    if (from == NULL || to == NULL)
        return E_NOMEM;
    from = final(from);
    to = final(to);
    if (from == to)
        return OK;
    from->as = to;
    to->categories |= from->categories;
    to->third = (uint16_t)(to->third + from->third);
    return OK;
}

static enum result
print_json(const struct people_entry *entry, const char *file,
           struct buffer *out)
{
    const uint16_t possible =
        (uint16_t)(entry->categories >> 8 & ~entry->categories);
    enum result result = buffer_string(out, "{");

    if (result == OK && file != NULL)
        result = buffer_string(out, "\"file\":");
    if (result == OK && file != NULL)
        result = buffer_json_string(out, text_of(file));
    if (result == OK && file != NULL)
        result = buffer_string(out, ",");
    if (result == OK)
        result = buffer_string(out, "\"patient\":");
    if (result == OK)
        result = entry->name.length == 0 ? buffer_string(out, "null")
                                         : buffer_json_string(out, entry->name);
    if (result == OK)
        result = buffer_string(out, ",\"categories\":");
    if (result == OK)
        result = category_json(out, entry->categories);
    if (result == OK)
        result = buffer_string(out, ",\"grade\":\"sent\"");
    if (result == OK && possible != 0)
        result = buffer_string(out, ",\"possible\":");
    if (result == OK && possible != 0)
        result = category_json(out, possible);
    if (result == OK && entry->third > 0)
        result = buffer_format(out, ",\"third_persons\":%u", entry->third);
    if (result == OK)
        result = buffer_string(out, "}\n");
    return result;
}

static enum result
print_words(const struct people_entry *entry, struct buffer *out)
{
    const char *comma = ": ";
    enum result result = buffer_string(out, "  ");

    if (result == OK)
        result = entry->name.length == 0
                     ? buffer_string(out, _("(a person who is not named)"))
                     : buffer_printable(out, entry->name);
    for (unsigned i = 0; result == OK && i < CATEGORY_COUNT; i++) {
        if ((entry->categories & 1u << i) == 0)
            continue;
        result = buffer_format(out, "%s%s", comma, category_title(i));
        comma = ", ";
    }
    if (result == OK && entry->third > 0)
        result =
            buffer_format(out,
                          ngettext(" (with %u other person)",
                                   " (with %u other persons)", entry->third),
                          entry->third);
    if (result == OK)
        result = buffer_string(out, "\n");
    return result;
}

enum result
label_people_print(struct label_people *people, bool json, const char *file)
{
    struct buffer out = {0};
    enum result result = OK;

    for (struct people_entry *entry = people->first;
         result == OK && entry != NULL; entry = entry->next)
        if (entry->as == NULL)
            result =
                json ? print_json(entry, file, &out) : print_words(entry, &out);
    if (result == OK && out.length > 0 &&
        fwrite(out.bytes, 1, out.length, stdout) != out.length)
        result = E_IO;
    buffer_free(&out);
    return result;
}
