/* SPDX-License-Identifier: EUPL-1.2 */
/* Signed notes, keys, checkpoints and cosignatures that others hand us; the
 * examples are those of C2SP signed-note and tlog-checkpoint. */
#include "ledger/note_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "ledger/keys.h"
#include "ledger/note.h"

#define EXAMPLE_KEY \
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
#define EXAMPLE_SIGNATURE                                                   \
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3m" \
    "FXmRKuwHjG1Yu72IneyaQM="
#define EXAMPLE_NOTE                                       \
    "This is an example message.\n\n\xe2\x80\x94 example." \
    "com/foo " EXAMPLE_SIGNATURE "\n"

static void
refused(const char *text, const char *rule)
{
    struct note note;
    struct reason why = {0};

    if (note_parse(text_of(text), &why, &note) == OK)
        fail_msg("taken: %s", text);
    assert_string_equal(why.rule, rule);
}

static void
a_note_that_is_none_is_refused(void **state)
{
    (void)state;
    refused("", "note-separator");
    refused("text\n", "note-separator");
    refused("text\n\n", "note-unsigned");
    refused("text\n\n- name AAAAAAA=\n", "note-signature");
    refused("text\n\n\xe2\x80\x94 name AAAAAAA=", "note-end");
    refused("text\n\n\xe2\x80\x94 na+me AAAAAAA=\n", "note-name");
    refused("text\n\n\xe2\x80\x94 n\xc2\xa0m AAAAAAA=\n", "note-name");
    refused("text\n\n\xe2\x80\x94  AAAAAAA=\n", "note-name");
    refused("text\n\n\xe2\x80\x94 name AAAA\n", "note-base64");
    refused("te\rxt\n\n\xe2\x80\x94 name AAAAAAA=\n", "note-control");
    refused("te\xffxt\n\n\xe2\x80\x94 name AAAAAAA=\n", "note-utf8");
}

static void
a_key_that_is_none_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        "name",
        "name+530d903a",
        "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv",
    };
    struct note_key key;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct reason why;

        if (note_key_parse(text_of(wrong[i]), &why, &key) == OK)
            fail_msg("taken: %s", wrong[i]);
    }
}

static void
the_example_of_the_specification_is_signed(void **state)
{
    struct note_checked checked;
    struct note_key key;
    struct reason why;
    struct note note;
    char wrong[] = EXAMPLE_NOTE;

    (void)state;
    assert_int_equal(note_key_parse(TEXT(EXAMPLE_KEY), &why, &key), OK);
    assert_int_equal(note_parse(TEXT(EXAMPLE_NOTE), &why, &note), OK);
    assert_int_equal(note_check(note.text, &note, &key, 1, &why, &checked), OK);
    assert_int_equal(checked.keys, 1);
    for (size_t i = 0; i < sizeof("This is an example message.") - 1; i++) {
        wrong[i] ^= 0x40;
        if (note_parse(text_of(wrong), &why, &note) == OK)
            assert_int_equal(
                note_check(note.text, &note, &key, 1, &why, &checked),
                E_DENIED);
        wrong[i] ^= 0x40;
    }
    key.id++;
    assert_int_equal(note_parse(TEXT(EXAMPLE_NOTE), &why, &note), OK);
    assert_int_equal(note_check(note.text, &note, &key, 1, &why, &checked),
                     E_DENIED);
    assert_string_equal(why.rule, "note-no-known-key");
}

static void
the_text_of_a_note_ends_at_its_last_empty_line(void **state)
{
    static const char text[] =
        "one\n\ntwo\n\n\xe2\x80\x94 a AAAAAAA=\n\xe2\x80\x94 b AAAAAAA=\n";
    struct reason why;
    struct note note;

    (void)state;
    assert_int_equal(note_parse(text_of(text), &why, &note), OK);
    assert_true(text_is(note.text, "one\n\ntwo\n"));
    assert_int_equal(note.signature_count, 2);
    assert_true(text_is(note.signatures[1].name, "b"));
}

static void
a_checkpoint_that_is_none_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        "\n",
        "origin\n",
        "origin\n1\n",
        "origin\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "origin\n-1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "origin\n9223372036854775808\n"
        "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "origin\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n",
        "origin\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==\n",
        "origin\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\nx\n",
        "origin\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=",
    };
    struct checkpoint checkpoint;
    struct reason why;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        if (checkpoint_parse(text_of(wrong[i]), &why, &checkpoint) == OK)
            fail_msg("taken: %s", wrong[i]);
    }
    assert_int_equal(
        checkpoint_parse(
            TEXT("example.com/behind-the-sofa\n20852163\n"
                 "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\nmore\n"),
            &why, &checkpoint),
        OK);
    assert_int_equal(checkpoint.size, 20852163);
    assert_true(text_is(checkpoint.origin, "example.com/behind-the-sofa"));
}

static char folder[] = "/tmp/vigie-note-XXXXXX";

static void
sign_and_check(bool cosigner, uint64_t seconds)
{
    struct note_signer *signer = NULL;
    struct buffer key_text = {0}, note_text = {0};
    struct note_checked checked;
    struct note_key key;
    struct reason why;
    struct note note;

    assert_int_equal(note_signer_open(folder, cosigner ? "w" : "l", "me/1",
                                      cosigner, true, &signer),
                     OK);
    assert_int_equal(note_signer_key(signer, &key_text), OK);
    assert_int_equal(note_key_parse(buffer_as_text(&key_text), &why, &key), OK);
    assert_int_equal(buffer_string(&note_text, "text\n\n"), OK);
    assert_int_equal(note_sign(signer, TEXT("text\n"), seconds, &note_text),
                     OK);
    assert_int_equal(note_parse(buffer_as_text(&note_text), &why, &note), OK);
    assert_int_equal(note_check(note.text, &note, &key, 1, &why, &checked), OK);
    assert_int_equal(checked.seconds[0], seconds);
    assert_int_equal(checked.lines, 1);
    /* every character of the signature counts */
    for (size_t i = 6; i < note_text.length; i++) {
        note_text.bytes[i] ^= 1;
        if (note_parse(buffer_as_text(&note_text), &why, &note) == OK)
            assert_int_equal(
                note_check(note.text, &note, &key, 1, &why, &checked),
                E_DENIED);
        note_text.bytes[i] ^= 1;
    }
    buffer_free(&key_text);
    buffer_free(&note_text);
    note_signer_free(signer);
}

static void
what_we_sign_is_accepted_and_nothing_near_it(void **state)
{
    (void)state;
    sign_and_check(false, 0);
    sign_and_check(true, 1679315147);
}

static void
a_key_that_others_may_read_signs_nothing(void **state)
{
    struct note_signer *signer = NULL;
    char path[64];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/l", folder);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(
        note_signer_open(folder, "l", "me/1", false, true, &signer), E_DENIED);
    assert_int_equal(
        note_signer_open(folder, "x", "me 1", false, true, &signer),
        E_ARGUMENT);
    assert_int_equal(note_signer_open(folder, "x", "me", false, false, &signer),
                     E_NOTFOUND);
}

static int
setup(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL || hash_start() != OK;
}

static int
teardown(void **state)
{
    (void)state;
    return file_remove_tree(folder) != OK;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_note_that_is_none_is_refused),
        cmocka_unit_test(a_key_that_is_none_is_refused),
        cmocka_unit_test(a_checkpoint_that_is_none_is_refused),
        cmocka_unit_test(the_example_of_the_specification_is_signed),
        cmocka_unit_test(the_text_of_a_note_ends_at_its_last_empty_line),
        cmocka_unit_test(what_we_sign_is_accepted_and_nothing_near_it),
        cmocka_unit_test(a_key_that_others_may_read_signs_nothing),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
