/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "ledger/keys.h"
#include "ledger/vault.h"

struct place {
    char root[64], keys[96], machine[128], pub[128], key[128];
};

static int
setup(void **state)
{
    struct place *place = calloc(1, sizeof(*place));

    assert_non_null(place);
    assert_int_equal(hash_start(), OK);
    strcpy(place->root, "/tmp/vigie-keys-XXXXXX");
    assert_non_null(mkdtemp(place->root));
    snprintf(place->keys, sizeof(place->keys), "%s/a/keys", place->root);
    snprintf(place->machine, sizeof(place->machine), "%s/machine.key",
             place->keys);
    snprintf(place->pub, sizeof(place->pub), "%s/vault.pub", place->keys);
    snprintf(place->key, sizeof(place->key), "%s/vault.key", place->keys);
    *state = place;
    return 0;
}

static int
teardown(void **state)
{
    struct place *place = *state;

    assert_int_equal(file_remove_tree(place->root), OK);
    free(place);
    return 0;
}

static enum result
open_keys(struct place *place, bool make)
{
    struct keys *keys = NULL;
    enum result result = keys_open(place->keys, make, &keys);

    assert_true((keys != NULL) == (result == OK));
    keys_free(keys);
    return result;
}

static enum result
open_vault(struct place *place, bool make, bool *ret_made, bool *ret_opens)
{
    struct vault *vault = NULL;
    enum result result = vault_open(place->keys, make, ret_made, &vault);

    if (result == OK)
        *ret_opens = vault_can_open(vault);
    vault_free(vault);
    return result;
}

static unsigned
mode_of(const char *path)
{
    struct stat status;

    assert_int_equal(stat(path, &status), 0);
    return status.st_mode & 07777;
}

static void
keys_that_are_not_there_are_only_made_when_asked(void **state)
{
    struct place *place = *state;

    assert_int_equal(open_keys(place, false), E_NOTFOUND);
    assert_int_not_equal(access(place->keys, F_OK), 0);
    assert_int_equal(open_keys(place, true), OK);
    assert_int_equal(open_keys(place, false), OK);
    assert_int_equal(mode_of(place->keys), 0700);
    assert_int_equal(mode_of(place->machine), 0600);
}

static void
a_key_that_others_may_read_is_refused(void **state)
{
    struct place *place = *state;
    const mode_t wrong[] = {0640, 0604, 0660, 0666, 0601};

    assert_int_equal(open_keys(place, true), OK);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(chmod(place->machine, wrong[i]), 0);
        assert_int_equal(open_keys(place, true), E_DENIED);
    }
    assert_int_equal(chmod(place->machine, 0400), 0);
    assert_int_equal(open_keys(place, true), OK);
}

static void
a_folder_that_others_may_write_to_is_refused(void **state)
{
    struct place *place = *state;

    assert_int_equal(open_keys(place, true), OK);
    assert_int_equal(chmod(place->keys, 0770), 0);
    assert_int_equal(open_keys(place, true), E_DENIED);
    assert_int_equal(chmod(place->keys, 0702), 0);
    assert_int_equal(open_keys(place, true), E_DENIED);
    assert_int_equal(chmod(place->keys, 0755), 0);
    assert_int_equal(open_keys(place, true), OK);
}

static void
a_key_of_another_length_or_behind_a_link_is_refused(void **state)
{
    struct place *place = *state;
    char target[128];

    assert_int_equal(open_keys(place, true), OK);
    assert_int_equal(truncate(place->machine, 31), 0);
    assert_int_equal(open_keys(place, true), E_CORRUPT);
    assert_int_equal(truncate(place->machine, 33), 0);
    assert_int_equal(open_keys(place, true), E_CORRUPT);
    assert_int_equal(truncate(place->machine, 32), 0);
    assert_int_equal(open_keys(place, true), OK);
    snprintf(target, sizeof(target), "%s/elsewhere", place->root);
    assert_int_equal(rename(place->machine, target), 0);
    assert_int_equal(symlink(target, place->machine), 0);
    assert_int_not_equal(open_keys(place, true), OK);
}

static void
subkeys_differ_by_use_and_stay_the_same(void **state)
{
    struct place *place = *state;
    uint8_t first[KEY_BYTES], second[KEY_BYTES], again[KEY_BYTES];
    struct keys *keys = NULL;

    for (int round = 0; round < 2; round++) {
        assert_int_equal(keys_open(place->keys, true, &keys), OK);
        assert_string_equal(keys_dir(keys), place->keys);
        keys_derive(keys, KEYS_VALUES, round == 0 ? first : again);
        keys_derive(keys, KEYS_HASH + 1, second);
        keys_free(keys);
    }
    assert_memory_equal(first, again, KEY_BYTES);
    assert_memory_not_equal(first, second, KEY_BYTES);
}

static void
the_default_folder_depends_on_the_data_folder(void **state)
{
    struct place *place = *state;
    struct buffer one = {0}, two = {0};
    char other[96], missing[96];

    snprintf(other, sizeof(other), "%s/other", place->root);
    snprintf(missing, sizeof(missing), "%s/missing", place->root);
    assert_int_equal(mkdir(other, 0700), 0);
    assert_int_equal(setenv("XDG_DATA_HOME", place->root, 1), 0);
    assert_int_equal(keys_default_dir(missing, &one), E_NOTFOUND);
    assert_int_equal(keys_default_dir(place->root, &one), OK);
    assert_int_equal(keys_default_dir(other, &two), OK);
    assert_string_not_equal(one.bytes, two.bytes);
    assert_null(strstr(two.bytes, "other"));
    buffer_free(&one);
    buffer_free(&two);
}

static void
a_vault_is_made_once_and_opens_what_it_sealed(void **state)
{
    struct place *place = *state;
    struct vault *vault = NULL;
    uint8_t key[KEY_BYTES] = "thirty-two bytes of a batch key", back[KEY_BYTES];
    uint8_t sealed[VAULT_SEALED_BYTES];
    bool made = false, opens = false;

    assert_int_equal(file_make_folder(place->keys), OK);
    assert_int_equal(open_vault(place, false, &made, &opens), E_NOTFOUND);
    assert_int_equal(open_vault(place, true, &made, &opens), OK);
    assert_true(made && opens);
    assert_int_equal(mode_of(place->key), 0600);
    assert_int_equal(vault_open(place->keys, true, &made, &vault), OK);
    assert_false(made);
    assert_int_equal(vault_seal(vault, key, sealed), OK);
    assert_int_equal(vault_unseal(vault, sealed, back), OK);
    assert_memory_equal(key, back, KEY_BYTES);
    sealed[VAULT_SEALED_BYTES - 1] ^= 1;
    assert_int_equal(vault_unseal(vault, sealed, back), E_CORRUPT);
    sealed[0] ^= 1;
    assert_int_equal(vault_unseal(vault, sealed, back), E_DENIED);
    vault_free(vault);
}

static void
a_vault_without_its_private_half_seals_only(void **state)
{
    struct place *place = *state;
    struct vault *vault = NULL;
    uint8_t key[KEY_BYTES] = {1}, sealed[VAULT_SEALED_BYTES];
    bool made = true, opens;

    assert_int_equal(file_make_folder(place->keys), OK);
    assert_int_equal(open_vault(place, true, &made, &opens), OK);
    assert_int_equal(unlink(place->key), 0);
    assert_int_equal(vault_open(place->keys, true, &made, &vault), OK);
    assert_false(made);
    assert_false(vault_can_open(vault));
    assert_int_equal(vault_seal(vault, key, sealed), OK);
    assert_int_equal(vault_unseal(vault, sealed, key), E_DENIED);
    vault_free(vault);
}

static void
a_private_half_of_another_vault_or_open_to_others_is_refused(void **state)
{
    struct place *place = *state;
    uint8_t other[KEY_BYTES] = {9};
    bool made, opens;

    assert_int_equal(file_make_folder(place->keys), OK);
    assert_int_equal(open_vault(place, true, &made, &opens), OK);
    assert_int_equal(chmod(place->key, 0644), 0);
    assert_int_equal(open_vault(place, true, &made, &opens), E_DENIED);
    assert_int_equal(keys_store(place->keys, "vault.key", true, other), OK);
    assert_int_equal(open_vault(place, true, &made, &opens), E_DENIED);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(keys_that_are_not_there_are_only_made_when_asked),
        CASE(a_key_that_others_may_read_is_refused),
        CASE(a_folder_that_others_may_write_to_is_refused),
        CASE(a_key_of_another_length_or_behind_a_link_is_refused),
        CASE(a_private_half_of_another_vault_or_open_to_others_is_refused),
        CASE(subkeys_differ_by_use_and_stay_the_same),
        CASE(the_default_folder_depends_on_the_data_folder),
        CASE(a_vault_is_made_once_and_opens_what_it_sealed),
        CASE(a_vault_without_its_private_half_seals_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
