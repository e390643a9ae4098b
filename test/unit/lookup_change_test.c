/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "ledger/lookup.h"
#include "ledger/lookup_inside.h"

#define NAMES 1200

struct place {
    char root[64], data[96], keys[96], folder[112], next[128];
    struct lookup *lookup;
    uint64_t persons[NAMES], sessions[NAMES];
};

static void
reopen(struct place *place, enum lookup_mode mode)
{
    lookup_free(place->lookup);
    place->lookup = NULL;
    assert_int_equal(
        lookup_open(place->data, place->keys, mode, NULL, &place->lookup), OK);
}

static struct text
name_of(const char *prefix, size_t i, char out[32])
{
    (void)snprintf(out, 32, "%s|%06zu", prefix, i);
    return text_of(out);
}

static void
fill(struct place *place)
{
    char name[32];
    struct alias alias;
    uint16_t number;

    for (size_t i = 0; i < NAMES; i++) {
        struct text text = name_of("person", i, name);

        assert_int_equal(lookup_add(place->lookup, ALIAS_PERSON, text, text, 0,
                                    &alias, NULL),
                         OK);
        place->persons[i] = alias.id;
        text = name_of("session", i, name);
        assert_int_equal(lookup_add(place->lookup, ALIAS_SESSION, text, text, 0,
                                    &alias, NULL),
                         OK);
        place->sessions[i] = alias.id;
        assert_int_equal(lookup_note(place->lookup, (int32_t)(i / 100), i, i),
                         OK);
    }
    assert_int_equal(
        lookup_join(place->lookup, place->persons[7], place->persons[8]), OK);
    assert_int_equal(
        lookup_number(place->lookup, NAME_SERVICE, TEXT("portal"), &number),
        OK);
    assert_int_equal(
        lookup_setting_set(place->lookup, "a.setting", TEXT("its value")), OK);
    assert_int_equal(
        lookup_import_add(place->lookup,
                          &(struct import){.digest = {1, 2, 3}, .bytes = 9}),
        OK);
    assert_int_equal(lookup_commit(place->lookup), OK);
}

static int
setup(void **state)
{
    struct place *place = calloc(1, sizeof(*place));

    assert_non_null(place);
    assert_int_equal(hash_start(), OK);
    strcpy(place->root, "/tmp/vigie-change-XXXXXX");
    assert_non_null(mkdtemp(place->root));
    snprintf(place->data, sizeof(place->data), "%s/data", place->root);
    snprintf(place->keys, sizeof(place->keys), "%s/keys", place->root);
    snprintf(place->folder, sizeof(place->folder), "%s/lookup", place->data);
    snprintf(place->next, sizeof(place->next), "%s.next", place->folder);
    *state = place;
    reopen(place, LOOKUP_WRITE);
    fill(place);
    return 0;
}

static int
teardown(void **state)
{
    struct place *place = *state;

    lookup_free(place->lookup);
    assert_int_equal(file_remove_tree(place->root), OK);
    free(place);
    return 0;
}

static enum result
find(struct place *place, enum alias_kind kind, const char *prefix, size_t i,
     uint64_t *ret_id)
{
    char name[32];
    struct alias alias = {0};
    enum result result =
        lookup_find(place->lookup, kind, name_of(prefix, i, name), &alias);

    *ret_id = alias.id;
    return result;
}

/* Everything but what `gone` says of persons. */
static void
assert_whole(struct place *place, size_t gone_first, size_t gone_last)
{
    struct buffer out = {0};
    struct import import;
    char name[32];
    uint64_t id, row;
    uint16_t number;

    for (size_t i = 0; i < NAMES; i += i < 20 ? 1 : 97) {
        if (i >= gone_first && i <= gone_last) {
            assert_int_equal(find(place, ALIAS_PERSON, "person", i, &id),
                             E_NOTFOUND);
            assert_int_equal(
                lookup_value(place->lookup, place->persons[i], &out),
                E_NOTFOUND);
        } else {
            assert_int_equal(find(place, ALIAS_PERSON, "person", i, &id), OK);
            assert_int_equal(id, place->persons[i]);
            buffer_clear(&out);
            assert_int_equal(lookup_value(place->lookup, id, &out), OK);
            assert_true(
                text_equal(buffer_as_text(&out), name_of("person", i, name)));
        }
        assert_int_equal(find(place, ALIAS_SESSION, "session", i, &id), OK);
        assert_int_equal(id, place->sessions[i]);
        buffer_clear(&out);
        assert_int_equal(lookup_value(place->lookup, id, &out), OK);
        assert_true(
            text_equal(buffer_as_text(&out), name_of("session", i, name)));
        assert_int_equal(
            lookup_seen(place->lookup, (int32_t)(i / 100), i, &row), OK);
        assert_int_equal(row, i);
    }
    assert_int_equal(lookup_canonical(place->lookup, place->persons[8]),
                     place->persons[7]);
    assert_int_equal(
        lookup_number(place->lookup, NAME_SERVICE, TEXT("portal"), &number),
        OK);
    assert_int_equal(number, 1);
    buffer_clear(&out);
    assert_int_equal(lookup_number_name(place->lookup, NAME_SERVICE, 1, &out),
                     OK);
    assert_true(text_is(buffer_as_text(&out), "portal"));
    buffer_clear(&out);
    assert_int_equal(lookup_setting_get(place->lookup, "a.setting", &out), OK);
    assert_true(text_is(buffer_as_text(&out), "its value"));
    assert_int_equal(lookup_import_find(place->lookup,
                                        (const uint8_t[HASH_BYTES]){1, 2, 3},
                                        &import),
                     OK);
    assert_int_equal(import.bytes, 9);
    buffer_free(&out);
}

/* What the files of a folder hold; nothing in them is 0. */
static bool
has_bytes(const char *folder, const void *bytes, size_t length)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    bool found = false;

    assert_non_null(dir);
    while (!found && (entry = readdir(dir)) != NULL) {
        struct buffer file = {0};
        char path[512];

        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
            found = has_bytes(path, bytes, length);
        if (entry->d_type != DT_REG)
            continue;
        assert_int_equal(file_load(path, 1u << 30, &file), OK);
        found = memmem(file.bytes, file.length, bytes, length) != NULL;
        buffer_free(&file);
    }
    closedir(dir);
    return found;
}

/* The HMAC and the sealed value of a name, as they lie in the tables. */
static void
stored_of(struct place *place, enum alias_kind kind, const char *prefix,
          size_t i, uint8_t ret_hash[16], uint8_t ret_sealed[24])
{
    char name[32];
    uint64_t id, birth;
    enum alias_kind found;
    MDB_val key = {sizeof(birth), &birth}, value;

    assert_int_equal(find(place, kind, prefix, i, &id), OK);
    lookup_hash(place->lookup, (unsigned)kind, name_of(prefix, i, name),
                ret_hash);
    assert_int_equal(lookup_begin(place->lookup), OK);
    assert_int_equal(lookup_birth(place->lookup, id, &found, &birth), OK);
    assert_int_equal(mdb_get(place->lookup->txn,
                             place->lookup->table[TABLE_VALUES], &key, &value),
                     0);
    assert_true(value.mv_size > 24);
    memcpy(ret_sealed, value.mv_data, 24);
    lookup_end(place->lookup);
}

static void
an_erased_name_leaves_no_byte_in_the_folder(void **state)
{
    struct place *place = *state;
    static uint8_t hashes[NAMES][16], sealed[NAMES][24];
    size_t names = 0;

    for (size_t i = 0; i < NAMES; i++)
        stored_of(place, ALIAS_PERSON, "person", i, hashes[i], sealed[i]);
    assert_true(has_bytes(place->data, hashes[100], 16));
    assert_true(has_bytes(place->data, sealed[100], 24));
    assert_int_equal(
        lookup_erase(place->lookup, &place->persons[100], 900, &names), OK);
    assert_int_equal(names, 900);
    for (size_t i = 100; i < 1000; i += 37) {
        assert_false(has_bytes(place->data, hashes[i], 16));
        assert_false(has_bytes(place->data, sealed[i], 24));
    }
    assert_true(has_bytes(place->data, hashes[99], 16));
    assert_true(has_bytes(place->data, sealed[1000], 24));
    assert_int_equal(access(place->next, F_OK), -1);
    assert_whole(place, 100, 999);
    reopen(place, LOOKUP_READ);
    assert_whole(place, 100, 999);
}

static void
a_name_that_comes_again_is_another_person(void **state)
{
    struct place *place = *state;
    struct alias alias;
    char name[32];
    bool made = false;
    size_t names = 0;

    assert_int_equal(lookup_erase(place->lookup, &place->persons[7], 2, &names),
                     OK);
    assert_int_equal(names, 2);
    assert_int_equal(lookup_add(place->lookup, ALIAS_PERSON,
                                name_of("person", 7, name), TEXT("back"), 0,
                                &alias, &made),
                     OK);
    assert_true(made);
    assert_int_not_equal(alias.id, place->persons[7]);
    assert_int_equal(alias.id, alias.canonical);
    assert_int_equal(lookup_commit(place->lookup), OK);
    /* erasing twice is erasing once */
    assert_int_equal(lookup_erase(place->lookup, &place->persons[7], 2, &names),
                     OK);
    assert_int_equal(names, 0);
}

static void
new_keys_change_no_id_and_no_answer(void **state)
{
    struct place *place = *state;
    uint8_t hash[16], sealed[24], machine[32];
    uint64_t digest = lookup_digest(place->lookup, "record", 6);

    assert_int_equal(keys_load(place->keys, "machine.key", true, machine), OK);
    for (int round = 0; round < 3; round++) {
        stored_of(place, ALIAS_SESSION, "session", 5, hash, sealed);
        assert_true(has_bytes(place->data, hash, 16));
        assert_true(has_bytes(place->data, sealed, 24));
        assert_int_equal(lookup_rotate(place->lookup), OK);
        assert_false(has_bytes(place->data, hash, 16));
        assert_false(has_bytes(place->data, sealed, 24));
        assert_whole(place, NAMES, NAMES);
        assert_int_equal(lookup_digest(place->lookup, "record", 6), digest);
        assert_int_equal(lookup_key_epochs(place->lookup), round + 1);
        assert_false(has_bytes(place->keys, machine, 32));
        reopen(place, round == 1 ? LOOKUP_READ : LOOKUP_WRITE);
        assert_whole(place, NAMES, NAMES);
        reopen(place, LOOKUP_WRITE);
    }
}

static void
a_stolen_machine_key_opens_nothing_after_the_change(void **state)
{
    struct place *place = *state;
    uint8_t old[32];
    char path[160];

    assert_int_equal(keys_load(place->keys, "machine.key", true, old), OK);
    assert_int_equal(lookup_rotate(place->lookup), OK);
    lookup_free(place->lookup);
    place->lookup = NULL;
    assert_int_equal(keys_store(place->keys, "machine.key", true, old), OK);
    assert_int_equal(lookup_open(place->data, place->keys, LOOKUP_READ, NULL,
                                 &place->lookup),
                     E_DENIED);
    snprintf(path, sizeof(path), "%s/machine.key.next", place->keys);
    assert_int_equal(access(path, F_OK), -1);
}

/* ------------------------------------------------------- killed on the way */

/* The nth call of the table that changes files ends the process. */
static int calls_left;

static void
count_down(void)
{
    if (--calls_left == 0)
        (void)raise(SIGKILL);
}

static struct file_table real;

static int
dying_rename(const char *from, const char *to)
{
    count_down();
    return real.rename(from, to);
}

static int
dying_exchange(const char *a, const char *b)
{
    count_down();
    return real.exchange(a, b);
}

static int
dying_fsync(int fd)
{
    count_down();
    return real.fsync(fd);
}

static int
dying_fdatasync(int fd)
{
    count_down();
    return real.fdatasync(fd);
}

static int
dying_open(const char *path, int flags, mode_t mode)
{
    count_down();
    return real.open(path, flags, mode);
}

static int
dying_unlink(const char *path)
{
    count_down();
    return real.unlink(path);
}

/* writing over: hundreds of calls that are all alike */
static ssize_t
dying_pwrite(int fd, const void *bytes, size_t length, off_t at)
{
    count_down();
    return real.pwrite(fd, bytes, length, at);
}

/* True where it was killed: then nothing may be lost. */
static bool
killed_at(struct place *place, int call, bool rotate)
{
    pid_t pid;
    int status;

    lookup_free(place->lookup);
    place->lookup = NULL;
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct lookup *lookup = NULL;
        size_t names;

        if (lookup_open(place->data, place->keys, LOOKUP_WRITE, NULL,
                        &lookup) != OK)
            _exit(3);
        real = file_table;
        file_table.rename = dying_rename;
        file_table.exchange = dying_exchange;
        file_table.fsync = dying_fsync;
        file_table.fdatasync = dying_fdatasync;
        file_table.open = dying_open;
        file_table.unlink = dying_unlink;
        if (!rotate)
            file_table.pwrite = dying_pwrite;
        calls_left = call;
        if (rotate
                ? lookup_rotate(lookup) != OK
                : lookup_erase(lookup, &place->persons[100], 900, &names) != OK)
            _exit(4);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (!WIFSIGNALED(status))
        assert_int_equal(WEXITSTATUS(status), 0);
    return WIFSIGNALED(status);
}

static void
killed_at_any_call_a_rotation_is_whole_or_was_not(void **state)
{
    struct place *place = *state;
    int call = 1;

    for (; killed_at(place, call, true); call++) {
        /* a reader between the crash and the next writer sees all of it */
        reopen(place, LOOKUP_READ);
        assert_whole(place, NAMES, NAMES);
        reopen(place, LOOKUP_WRITE);
        assert_whole(place, NAMES, NAMES);
        assert_int_equal(access(place->next, F_OK), -1);
    }
    assert_true(call > 10);
    reopen(place, LOOKUP_WRITE);
    assert_whole(place, NAMES, NAMES);
}

static void
killed_at_any_call_an_erasure_is_whole_or_was_not(void **state)
{
    struct place *place = *state;
    uint8_t hash[16], sealed[24];
    uint64_t id;
    int call = 1;

    stored_of(place, ALIAS_PERSON, "person", 150, hash, sealed);
    for (; killed_at(place, call, false); call++) {
        reopen(place, LOOKUP_WRITE);
        assert_int_equal(access(place->next, F_OK), -1);
        if (find(place, ALIAS_PERSON, "person", 150, &id) == OK)
            assert_whole(place, NAMES, NAMES);
        else
            break;
    }
    reopen(place, LOOKUP_WRITE);
    assert_whole(place, 100, 999);
    assert_false(has_bytes(place->data, hash, 16));
    assert_false(has_bytes(place->data, sealed, 24));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            an_erased_name_leaves_no_byte_in_the_folder, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_name_that_comes_again_is_another_person, setup, teardown),
        cmocka_unit_test_setup_teardown(new_keys_change_no_id_and_no_answer,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_stolen_machine_key_opens_nothing_after_the_change, setup,
            teardown),
        cmocka_unit_test_setup_teardown(
            killed_at_any_call_a_rotation_is_whole_or_was_not, setup, teardown),
        cmocka_unit_test_setup_teardown(
            killed_at_any_call_an_erasure_is_whole_or_was_not, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
