/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Others' signatures through the functions that the verifier uses: Ed25519 of
 * Wycheproof (Apache-2.0), and the notes, checkpoints and cosignatures that
 * the C2SP texts print. The files are in ../shared/data (VIGIE_SHARED
 * overrides); skipped where they are absent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/file.h"
#include "ledger/note_check.h"
#include "ledger/proof_read.h"

#define CASES 151
#define CASES_VALID 88
#define FILE_MAX (1u << 20)
#define DASH "\xe2\x80\x94 "

static char folder[512];

/* A file with a NUL behind it; false where there is none. */
static bool
load(const char *name, struct buffer *ret_bytes)
{
    const char *shared = getenv("VIGIE_SHARED");
    enum result result;

    (void)snprintf(folder, sizeof(folder), "%s/data/vectors/%s",
                   shared == NULL ? "../shared" : shared, name);
    result = file_load(folder, FILE_MAX, ret_bytes);
    if (result == E_NOTFOUND) {
        (void)printf("skipped: no %s\n", folder);
        return false;
    }
    assert_int_equal(result, OK);
    assert_int_equal(buffer_byte(ret_bytes, '\0'), OK);
    return true;
}

/* The text of "name": "…", behind `at`; where it ends. */
static const char *
member(const char *at, const char *name, struct text *ret_value)
{
    char quoted[32];

    (void)snprintf(quoted, sizeof(quoted), "\"%s\": \"", name);
    at = strstr(at, quoted);
    if (at == NULL)
        return NULL;
    at += strlen(quoted);
    *ret_value = (struct text){at, strcspn(at, "\"")};
    return at + ret_value->length;
}

static size_t
from_hex(struct text hex, uint8_t *ret_bytes, size_t room)
{
    assert_true(hex.length % 2 == 0 && hex.length / 2 <= room);
    for (size_t i = 0; i < hex.length / 2; i++) {
        const char pair[3] = {hex.bytes[2 * i], hex.bytes[2 * i + 1], '\0'};

        ret_bytes[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return hex.length / 2;
}

/* As a note whose signature line that is: id, then the signature. */
static bool
accepted(const struct note_key *key, struct text message, struct text signature)
{
    struct note note = {.text = message, .signature_count = 1};
    struct buffer base64 = {0};
    struct note_checked checked;
    struct reason why;
    uint8_t bytes[256] = {0};
    const size_t length = from_hex(signature, bytes + 4, sizeof(bytes) - 4);
    enum result result;

    assert_int_equal(base64_write(bytes, length + 4, &base64), OK);
    note.signatures[0] = (struct note_signature){
        .name = text_of(key->name), .base64 = buffer_as_text(&base64)};
    result = note_check(message, &note, key, 1, &why, &checked);
    if (result != OK)
        assert_string_equal(why.rule, "note-wrong-signature");
    buffer_free(&base64);
    return result == OK;
}

static void
each_case_of_wycheproof_is_accepted_or_refused_as_it_says(void **state)
{
    struct note_key key = {.name = "wycheproof", .type = NOTE_ED25519};
    struct buffer file = {0};
    unsigned cases = 0, good = 0, wrong = 0;
    uint8_t message[2048];
    struct text value, signature, result;
    const char *at;

    (void)state;
    if (!load("wycheproof/ed25519_test.json", &file))
        skip();
    for (at = file.bytes; (at = strstr(at, "\"pk\": \"")) != NULL;) {
        const char *next;

        at = member(at, "pk", &value);
        assert_int_equal(from_hex(value, key.public_key, 32), 32);
        next = strstr(at, "\"pk\": \"");
        for (const char *one = strstr(at, "\"tcId\"");
             one != NULL && (next == NULL || one < next);
             one = strstr(one, "\"tcId\"")) {
            size_t length;
            bool valid;

            one = member(one, "msg", &value);
            one = member(one, "sig", &signature);
            one = member(one, "result", &result);
            length = from_hex(value, message, sizeof(message));
            valid = text_is(result, "valid");
            assert_true(valid || text_is(result, "invalid"));
            if (accepted(&key, (struct text){(const char *)message, length},
                         signature) != valid) {
                (void)printf("case %u is %s\n", cases + 1,
                             valid ? "refused" : "accepted");
                wrong++;
            }
            cases++;
            good += valid;
        }
    }
    (void)printf("%u signatures, %u of them valid\n", cases, good);
    assert_int_equal(wrong, 0);
    assert_int_equal(cases, CASES);
    assert_int_equal(good, CASES_VALID);
    buffer_free(&file);
}

/* What a text prints, indented by `indent`, from `first` to `last`. */
static void
print_of(const char *text, const char *first, const char *last, size_t indent,
         struct buffer *ret_note)
{
    const char *at = strstr(text, first), *end;

    assert_non_null(at);
    end = strstr(at, last);
    assert_non_null(end);
    end = strchr(end, '\n');
    for (at -= indent; at < end;) {
        const char *stop = strchr(at, '\n');
        const size_t length = (size_t)(stop - at);
        const size_t skipped = length < indent ? length : indent;

        assert_int_equal(
            buffer_text(ret_note,
                        (struct text){at + skipped, length - skipped + 1}),
            OK);
        at = stop + 1;
    }
}

static void
the_note_and_the_key_that_signed_note_prints_agree(void **state)
{
    struct buffer file = {0}, text = {0}, key_text = {0};
    struct note_checked checked;
    struct note_key key;
    struct reason why;
    struct note note;

    (void)state;
    if (!load("c2sp/signed-note.md", &file))
        skip();
    print_of(file.bytes, "example.com/foo+", "example.com/foo+", 4, &key_text);
    print_of(file.bytes, "This is an example message.", DASH "example.com/foo",
             strstr(file.bytes, "    This is an example") == NULL ? 0 : 4,
             &text);
    key_text.length--; /* the newline */
    assert_int_equal(note_key_parse(buffer_as_text(&key_text), &why, &key), OK);
    assert_int_equal(note_parse(buffer_as_text(&text), &why, &note), OK);
    assert_int_equal(note_check(note.text, &note, &key, 1, &why, &checked), OK);
    text.bytes[0] ^= 1;
    assert_int_equal(note_check(note.text, &note, &key, 1, &why, &checked),
                     E_DENIED);
    buffer_free(&file);
    buffer_free(&text);
    buffer_free(&key_text);
}

/* Their keys are printed nowhere: what can be checked is what is read. */
static void
read_checkpoint(const char *name, size_t indent, const char *last,
                size_t signatures)
{
    struct buffer file = {0}, text = {0};
    struct checkpoint checkpoint;
    struct reason why;
    struct note note;

    if (!load(name, &file))
        skip();
    print_of(file.bytes, "example.com/behind-the-sofa\n", last, indent, &text);
    if (note_parse(buffer_as_text(&text), &why, &note) != OK)
        fail_msg("%s: %s", name, why.rule);
    assert_int_equal(note.signature_count, signatures);
    assert_int_equal(checkpoint_parse(note.text, &why, &checkpoint), OK);
    assert_int_equal(checkpoint.size, 20852163);
    assert_true(text_is(checkpoint.origin, "example.com/behind-the-sofa"));
    for (size_t i = 0; i < signatures; i++) {
        uint8_t bytes[256];
        size_t length = 0;
        const bool own = text_equal(note.signatures[i].name, checkpoint.origin);

        assert_int_equal(base64_read(note.signatures[i].base64, bytes,
                                     sizeof(bytes), &length),
                         OK);
        /* id and signature; a cosignature has its time between them */
        assert_int_equal(length, own ? 4 + 64 : 4 + 8 + 64);
    }
    buffer_free(&file);
    buffer_free(&text);
}

static void
the_checkpoints_that_the_texts_print_are_read(void **state)
{
    (void)state;
    read_checkpoint("c2sp/tlog-checkpoint.md", 0, DASH "example.com/behind", 1);
    read_checkpoint("c2sp/tlog-cosignature.md", 0,
                    DASH "witness.example.com/w1", 2);
    read_checkpoint("c2sp/tlog-witness.md", 4, "opLqBQsREYCgu6xQ", 2);
}

static void
the_answer_and_the_request_of_a_witness_are_read(void **state)
{
    static struct note note;
    struct buffer file = {0}, lines = {0}, hashes = {0};
    uint8_t hash[PROOF_STEPS_MAX][HASH_BYTES];
    struct reason why;
    size_t at = 0, count = 0;

    (void)state;
    if (!load("c2sp/tlog-witness.md", &file))
        skip();
    print_of(file.bytes, DASH "witness.example/w1 CMp+", "w2 AWui8Sk55", 4,
             &lines);
    assert_int_equal(note_parse_signatures(buffer_as_text(&lines), &why, &note),
                     OK);
    assert_int_equal(note.signature_count, 3);
    assert_true(text_is(note.signatures[2].name, "witness.example/w2"));
    print_of(file.bytes, "old 20852014\n", "example.com/behind-the-sofa\n", 4,
             &hashes);
    assert_int_equal(proof_read_number(buffer_as_text(&hashes), "old", &at,
                                       &why, &(uint64_t){0}),
                     OK);
    assert_int_equal(
        proof_read_hashes(buffer_as_text(&hashes), &at, &why, hash, &count),
        OK);
    assert_true(count > 0);
    (void)printf("%zu hashes of a consistency proof\n", count);
    buffer_free(&file);
    buffer_free(&lines);
    buffer_free(&hashes);
}

static int
setup(void **state)
{
    (void)state;
    return hash_start() != OK;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            each_case_of_wycheproof_is_accepted_or_refused_as_it_says),
        cmocka_unit_test(the_note_and_the_key_that_signed_note_prints_agree),
        cmocka_unit_test(the_checkpoints_that_the_texts_print_are_read),
        cmocka_unit_test(the_answer_and_the_request_of_a_witness_are_read),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
