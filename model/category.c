/* SPDX-License-Identifier: EUPL-1.2 */
#include "model/category.h"

#include "base/say.h"

static const char *const names[CATEGORY_COUNT] = {
    "identity",     "nir",     "contact",  "admin",
    "coordination", "medical", "document", "unclassified",
};

static const char *const titles[CATEGORY_COUNT] = {
    N_("identity"),
    N_("social security number (NIR)"),
    N_("contact details"),
    N_("administrative data"),
    N_("who cares for the person, where and when"),
    N_("medical data"),
    N_("documents"),
    N_("data of an unknown kind"),
};

const char *
category_name(unsigned index)
{
    return index < CATEGORY_COUNT ? names[index] : "";
}

const char *
category_title(unsigned index)
{
    return index < CATEGORY_COUNT ? _(titles[index]) : "";
}

enum result
category_parse(struct text word, uint16_t *ret_bit)
{
    for (unsigned i = 0; i < CATEGORY_COUNT; i++) {
        if (text_is(word, names[i])) {
            *ret_bit = (uint16_t)(1u << i);
            return OK;
        }
    }
    return E_NOTFOUND;
}

enum result
category_json(struct buffer *out, uint16_t set)
{
    const size_t start = out->length;
    enum result result = buffer_byte(out, '[');
    const char *comma = "";

    for (unsigned i = 0; result == OK && i < CATEGORY_COUNT; i++) {
        if ((set & (1u << i)) == 0) {
            continue;
        }
        result = buffer_format(out, "%s\"%s\"", comma, names[i]);
        comma = ",";
    }
    if (result == OK) {
        result = buffer_byte(out, ']');
    }
    if (result != OK) {
        out->length = start;
    }
    return result;
}
