/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/key_files.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/say.h"
#include "ledger/journal_read.h"
#include "ledger/ledger.h"

#define KEY_FILE_BYTES_MAX (256u << 10)

static enum result
add_key(const char *command, const char *from, struct text vkey,
        struct key_list *list)
{
    struct reason why = {0};
    enum result result;

    if (list->count == NOTE_KEYS_MAX) {
        say_error(command, "%s", _("too many keys"));
        return E_LIMIT;
    }
    result = note_key_parse(vkey, &why, &list->keys[list->count]);
    if (result == OK)
        list->count++;
    else
        say_error(from, _("this is no verifier key: %s"), why.rule);
    return result;
}

enum result
key_files_add(const char *command, const char *given, struct key_list *list)
{
    struct buffer file = {0};
    struct text left, line;
    enum result result;

    if (strchr(given, '+') != NULL && strchr(given, '/') != given)
        return add_key(command, command, text_of(given), list);
    result = file_load(given, KEY_FILE_BYTES_MAX, &file);
    if (result != OK)
        say_error(given, "%s", _(result_name(result)));
    left = buffer_as_text(&file);
    while (result == OK && left.length > 0) {
        (void)text_split(left, '\n', &line, &left);
        line = text_trim(line);
        if (line.length > 0 && line.bytes[0] != '#')
            result = add_key(command, given, line, list);
    }
    buffer_free(&file);
    return result;
}

enum result
key_files_add_own(const char *command, const char *data_dir,
                  struct key_list *list)
{
    uint8_t id[LEDGER_ID_BYTES];
    struct journal_reader *reader = NULL;
    struct journal_record record;
    struct reason why = {0};
    enum result result = ledger_id_of(data_dir, id);

    if (result == OK)
        result = journal_read_open(data_dir, id, &why, &reader);
    while (result == OK) {
        result = journal_read_next(reader, &why, &record);
        if (result == OK && record.kind == JOURNAL_KEY)
            result = add_key(command, data_dir, record.bytes, list);
    }
    journal_read_free(reader);
    if (result == E_END)
        return OK;
    if (result == E_NOTFOUND)
        say_error(data_dir, "%s",
                  _("no checkpoint was ever made here "
                    "(vigie checkpoint)"));
    else
        say_error(data_dir, "%s %s", _(result_name(result)),
                  why.rule == NULL ? "" : why.rule);
    return result;
}

static bool
is_signed(const struct given_checkpoint *given, const struct key_list *keys,
          struct reason *why)
{
    struct note_checked checked;

    if (note_check(given->note.text, &given->note, keys->keys, keys->count, why,
                   &checked) != OK)
        return false;
    for (size_t i = 0; i < keys->count; i++) {
        if ((checked.keys >> i & 1) != 0 &&
            keys->keys[i].type == NOTE_ED25519 &&
            text_is(given->checkpoint.origin, keys->keys[i].name))
            return true;
    }
    (void)!reason_set(why, E_DENIED, "checkpoint-no-log-key", "signature", 0);
    return false;
}

enum result
key_files_checkpoint(const char *command, const char *path,
                     const struct key_list *keys, struct given_checkpoint *ret)
{
    struct reason why = {0};
    enum result result;

    (void)command;
    *ret = (struct given_checkpoint){.path = path};
    result = file_load(path, NOTE_BYTES_MAX, &ret->text);
    if (result == OK)
        result = note_parse(buffer_as_text(&ret->text), &why, &ret->note);
    if (result == OK)
        result = checkpoint_parse(ret->note.text, &why, &ret->checkpoint);
    if (result == OK && keys != NULL && !is_signed(ret, keys, &why))
        result = E_DENIED;
    if (result == OK)
        return OK;
    if (why.rule != NULL)
        say_error(path, _("this checkpoint is not accepted: %s"), why.rule);
    else
        say_error(path, "%s", _(result_name(result)));
    buffer_free(&ret->text);
    return result;
}
