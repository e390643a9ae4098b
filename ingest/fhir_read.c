/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * `seen` holds a bit a key: other readers take the first or the last of two
 * equal keys, so a record that has two says different things to different
 * people and is refused.
 */
#include "ingest/fhir_read.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum result
fhir_refuse(struct fhir *fhir, enum result code, const char *rule)
{
    return reason_set(&fhir->why, code, rule, fhir->field,
                      json_offset(&fhir->json));
}

/* Equal bytes, for the short runs that keys are: two loads that may overlap
 * instead of a call. */
static inline bool
same_bytes(const char *a, const char *b, size_t length)
{
    uint64_t w, x, y, z;
    uint32_t s, t, u, v;

    if (length > 16)
        return memcmp(a, b, length) == 0;
    if (length >= 8) {
        memcpy(&w, a, 8);
        memcpy(&x, b, 8);
        memcpy(&y, a + length - 8, 8);
        memcpy(&z, b + length - 8, 8);
        return w == x && y == z;
    }
    if (length >= 4) {
        memcpy(&s, a, 4);
        memcpy(&t, b, 4);
        memcpy(&u, a + length - 4, 4);
        memcpy(&v, b + length - 4, 4);
        return s == t && u == v;
    }
    for (size_t i = 0; i < length; i++) {
        if (a[i] != b[i])
            return false;
    }
    return true;
}

/* Index of the key, count where it is not in the table. Records keep the
 * order of the elements, as the tables do: the search starts behind the key
 * that was found last. */
static inline size_t
find_key(const struct json_string *key, const struct text *keys, size_t count,
         size_t from)
{
    if (key->escaped) {
        for (size_t i = 0; i < count; i++)
            if (json_key_is(*key, keys[i].bytes))
                return i;
        return count;
    }
    for (size_t tried = 0; tried < count; tried++) {
        size_t i = from + tried < count ? from + tried : from + tried - count;
        if (keys[i].length == key->raw.length &&
            same_bytes(keys[i].bytes, key->raw.bytes, key->raw.length))
            return i;
    }
    return count;
}

/* An object: each known member goes to `read`, once. */
enum result
fhir_read_object(struct fhir *fhir, const struct text *keys, size_t count,
                 fhir_member *read, void *into)
{
    uint32_t seen = 0;
    size_t from = 0;
    enum result result = json_enter_object(&fhir->json);

    while (result == OK) {
        struct json_string key;
        bool more;
        size_t index;
        result = json_next_member(&fhir->json, &key, &more);
        if (result != OK || !more)
            break;
        index = find_key(&key, keys, count, from);
        if (index == count) {
            result = json_skip(&fhir->json);
            continue;
        }
        if (seen & 1u << index) {
            fhir->field = keys[index].bytes;
            return fhir_refuse(fhir, E_FORMAT, "json-duplicate-key");
        }
        seen |= 1u << index;
        from = index + 1;
        result = read(fhir, into, index);
    }
    return result;
}

/* A string; null is the same as nothing. */
enum result
fhir_read_text(struct fhir *fhir, struct text *ret_text)
{
    struct json_string string;
    bool present;
    enum result result = json_read_optional(&fhir->json, &string, &present);

    if (result != OK || !present)
        return result;
    if (!string.escaped) {
        *ret_text = string.raw;
        return OK;
    }
    /* unescaped is never longer than escaped: reserved once for the whole
     * record, the scratch buffer never moves under the texts before */
    if (fhir->scratch->length == 0) {
        result = buffer_reserve(fhir->scratch, fhir->text.length);
        if (result != OK)
            return result;
    }
    return json_unescape(string, fhir->scratch, ret_text);
}

static enum result
coding_member(struct fhir *fhir, void *into, size_t key)
{
    struct audit_code *code = into;

    return fhir_read_text(fhir, key == 0 ? &code->system : &code->code);
}

enum result
fhir_read_coding(struct fhir *fhir, struct audit_code *ret_code)
{
    static const struct text keys[] = {FHIR_KEY("system"), FHIR_KEY("code")};

    *ret_code = (struct audit_code){0};
    return fhir_read_object(fhir, keys, COUNT(keys), coding_member, ret_code);
}

enum result
fhir_read_codings(struct fhir *fhir, struct fhir_codes codes)
{
    bool more;
    enum result result = json_enter_array(&fhir->json);

    while (result == OK) {
        result = json_next_element(&fhir->json, &more);
        if (result != OK || !more)
            break;
        if (*codes.count == AUDIT_CODES_MAX)
            result = json_skip(&fhir->json);
        else
            result = fhir_read_coding(fhir, &codes.codes[(*codes.count)++]);
    }
    return result;
}

static enum result
concept_member(struct fhir *fhir, void *into, size_t key)
{
    (void)key;
    return fhir_read_codings(fhir, *(struct fhir_codes *)into);
}

enum result
fhir_read_concept(struct fhir *fhir, struct fhir_codes codes)
{
    static const struct text keys[] = {FHIR_KEY("coding")};

    return fhir_read_object(fhir, keys, COUNT(keys), concept_member, &codes);
}

/* An array of CodeableConcept into one list of codes. */
enum result
fhir_read_concepts(struct fhir *fhir, struct fhir_codes codes)
{
    bool more;
    enum result result = json_enter_array(&fhir->json);

    while (result == OK) {
        result = json_next_element(&fhir->json, &more);
        if (result != OK || !more)
            break;
        result = fhir_read_concept(fhir, codes);
    }
    return result;
}

/* v3-ActReason: ETREAT, BTG; the Swiss EPR and XUA write EMER. */
enum result
fhir_read_purpose(struct fhir *fhir, bool *emergency)
{
    struct audit_code codes[AUDIT_CODES_MAX];
    bool more;
    enum result result = json_enter_array(&fhir->json);

    while (result == OK) {
        uint32_t count = 0;
        result = json_next_element(&fhir->json, &more);
        if (result != OK || !more)
            break;
        result = fhir_read_concept(fhir, (struct fhir_codes){codes, &count});
        for (uint32_t i = 0; i < count; i++)
            if (text_is(codes[i].code, "ETREAT") ||
                text_is(codes[i].code, "BTG") || text_is(codes[i].code, "EMER"))
                *emergency = true;
    }
    return result;
}

static enum result
identifier_member(struct fhir *fhir, void *into, size_t key)
{
    struct fhir_reference *reference = into;

    return fhir_read_text(fhir,
                          key == 0 ? reference->system : reference->value);
}

static enum result
reference_member(struct fhir *fhir, void *into, size_t key)
{
    static const struct text keys[] = {FHIR_KEY("system"), FHIR_KEY("value")};
    struct fhir_reference *reference = into;
    struct text unused;

    switch (key) {
    case 0:
        return fhir_read_text(fhir, reference->reference);
    case 1:
        return fhir_read_object(fhir, keys, COUNT(keys), identifier_member,
                                into);
    default:
        return fhir_read_text(
            fhir, reference->display != NULL ? reference->display : &unused);
    }
}

enum result
fhir_read_reference(struct fhir *fhir, struct fhir_reference reference)
{
    static const struct text keys[] = {
        FHIR_KEY("reference"), FHIR_KEY("identifier"), FHIR_KEY("display")};

    return fhir_read_object(fhir, keys, COUNT(keys), reference_member,
                            &reference);
}
