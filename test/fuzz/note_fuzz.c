/* SPDX-License-Identifier: EUPL-1.2 */
/* Notes, checkpoints, keys and cosignatures that others hand us. Input: one
 * byte that says as what it is read, then the text. What is taken must be
 * inside what was given. */
#include <stdlib.h>
#include <string.h>

#include "ledger/note_check.h"

#define EXAMPLE_KEY \
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void
inside(struct text part, struct text whole)
{
    if (part.length > 0 &&
        (part.bytes < whole.bytes ||
         part.bytes + part.length > whole.bytes + whole.length))
        abort();
}

static void
look(struct text text, struct note *note, enum result result)
{
    static struct note_key keys[2];
    struct note_checked checked;
    struct checkpoint checkpoint;
    struct reason why;

    if (result != OK)
        return;
    if (keys[0].id == 0) {
        if (note_key_parse(TEXT(EXAMPLE_KEY), &why, &keys[0]) != OK)
            abort();
        keys[1] = keys[0];
        keys[1].type = NOTE_COSIGNATURE;
    }
    inside(note->text, text);
    if (note->signature_count == 0 ||
        note->signature_count > NOTE_SIGNATURES_MAX)
        abort();
    for (size_t i = 0; i < note->signature_count; i++) {
        inside(note->signatures[i].line, text);
        inside(note->signatures[i].name, text);
        /* so that the signature itself is looked at */
        keys[0].id = keys[1].id = note->signatures[i].id;
        if (note->signatures[i].name.length <= NOTE_NAME_MAX) {
            for (unsigned k = 0; k < 2; k++) {
                memcpy(keys[k].name, note->signatures[i].name.bytes,
                       note->signatures[i].name.length);
                keys[k].name[note->signatures[i].name.length] = '\0';
            }
        }
        (void)!note_check(note->text, note, keys, 2, &why, &checked);
    }
    if (checkpoint_parse(note->text, &why, &checkpoint) == OK) {
        inside(checkpoint.origin, text);
        if (checkpoint.origin.length == 0)
            abort();
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static struct note note;
    struct note_key key;
    struct reason why;
    struct text text;

    if (length < 1)
        return 0;
    if (hash_start() != OK)
        abort();
    text = (struct text){(const char *)bytes + 1, length - 1};
    if (bytes[0] % 3 == 0) {
        look(text, &note, note_parse(text, &why, &note));
    } else if (bytes[0] % 3 == 1) {
        look(text, &note, note_parse_signatures(text, &why, &note));
    } else if (note_key_parse(text, &why, &key) == OK) {
        if (strlen(key.name) == 0 || strlen(key.name) > NOTE_NAME_MAX)
            abort();
    }
    return 0;
}
