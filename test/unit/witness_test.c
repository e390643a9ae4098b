/* SPDX-License-Identifier: EUPL-1.2 */
/* A witness and the answers that C2SP tlog-witness demands of it. */
#include "ledger/witness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "ledger/ledger.h"
#include "ledger/proof_write.h"
#include "ledger/prover.h"
#include "proc/witness_process.h"
#include "test/unit/ledger_rows.h"

static char data[64], state_dir[96], keys[96];
static struct note_signer *log_signer, *own_signer;
static struct note_key log_key, own_key;
static struct ledger *ledger;
static struct witness *witness;
static struct witness_answer answer;

static void
read_key(const struct note_signer *signer, struct note_key *key)
{
    struct buffer text = {0};

    assert_int_equal(note_signer_key(signer, &text), OK);
    assert_int_equal(note_key_parse(buffer_as_text(&text), NULL, key), OK);
    buffer_free(&text);
}

static void
open_witness(void)
{
    assert_int_equal(witness_open(state_dir, own_signer, &log_key, 1, &witness),
                     OK);
}

static int
setup(void **state)
{
    (void)state;
    (void)snprintf(data, sizeof(data), "/tmp/vigie-wit-XXXXXX");
    if (mkdtemp(data) == NULL || hash_start() != OK)
        return 1;
    (void)snprintf(state_dir, sizeof(state_dir), "%s/state", data);
    (void)snprintf(keys, sizeof(keys), "%s/keys", data);
    assert_int_equal(
        note_signer_open(keys, "log", "log.test", false, true, &log_signer),
        OK);
    assert_int_equal(
        note_signer_open(keys, "own", "wit.test", true, true, &own_signer), OK);
    read_key(log_signer, &log_key);
    read_key(own_signer, &own_key);
    assert_int_equal(ledger_open(data, LEDGER_WRITE, NULL, NULL, &ledger), OK);
    for (uint64_t i = 0; i < 400; i++) {
        const struct row row = test_row(i);

        assert_int_equal(ledger_append(ledger, &row, 1, NULL), OK);
    }
    open_witness();
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    witness_free(witness);
    note_signer_free(log_signer);
    note_signer_free(own_signer);
    ledger_free(ledger);
    buffer_free(&answer.body);
    return file_remove_tree(data) != OK;
}

static void
note_of(const char *origin, uint64_t size, uint8_t flip, struct buffer *out)
{
    struct prover *prover;
    uint8_t root[HASH_BYTES];
    struct buffer text = {0};

    assert_int_equal(prover_new(data, ledger, false, &prover), OK);
    if (size == 0)
        hash_sha256("", 0, root);
    else
        assert_int_equal(prove_root(prover, 0, size, root), OK);
    prover_free(prover);
    root[0] ^= flip;
    assert_int_equal(note_write_checkpoint(origin, size, root, &text), OK);
    assert_int_equal(buffer_text(out, buffer_as_text(&text)), OK);
    assert_int_equal(buffer_byte(out, '\n'), OK);
    assert_int_equal(note_sign(log_signer, buffer_as_text(&text), 0, out), OK);
    buffer_free(&text);
}

struct ask {
    const char *origin;
    uint64_t old, size;
    uint8_t flip_root, flip_proof, flip_signature;
};

static unsigned
add(const struct ask *ask)
{
    struct buffer body = {0};
    struct prover *prover;
    struct proof proof = {.count = 0};

    assert_int_equal(
        buffer_format(&body, "old %llu\n", (unsigned long long)ask->old), OK);
    assert_int_equal(prover_new(data, ledger, false, &prover), OK);
    if (ask->old > 0 && ask->old <= ask->size)
        assert_int_equal(prove_consistency(prover, ask->old, ask->size, &proof),
                         OK);
    prover_free(prover);
    if (ask->flip_proof != 0) {
        proof.hash[0][3] ^= ask->flip_proof;
        proof.count += proof.count == 0 ? 1 : 0;
    }
    assert_int_equal(proof_write_hashes(&proof, &body), OK);
    assert_int_equal(buffer_byte(&body, '\n'), OK);
    note_of(ask->origin == NULL ? "log.test" : ask->origin, ask->size,
            ask->flip_root, &body);
    body.bytes[body.length - 20] ^= (char)ask->flip_signature;
    assert_int_equal(
        witness_add(witness, buffer_as_text(&body), 1679315147, &answer), OK);
    buffer_free(&body);
    return answer.status;
}

static void
what_is_no_request_is_400(void **state)
{
    static const char *const wrong[] = {"",
                                        "old\n\n",
                                        "old 01\n\nx",
                                        "old -1\n\n",
                                        "new 1\n\n",
                                        "old 0\n",
                                        "old 0\n\n",
                                        "old 0\nAA==\n\nlog.test\n0\nAA==\n\n"};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(witness_add(witness, text_of(wrong[i]), 1, &answer),
                         OK);
        assert_int_equal(answer.status, 400);
    }
    assert_int_equal(add(&(struct ask){.old = 20, .size = 10}), 400);
}

static void
strangers_and_wrong_signatures_are_404_and_403(void **state)
{
    (void)state;
    assert_int_equal(add(&(struct ask){.origin = "other.test", .size = 10}),
                     404);
    assert_int_equal(add(&(struct ask){.size = 10, .flip_signature = 1}), 403);
}

static void
only_what_goes_on_is_cosigned(void **state)
{
    struct note_checked checked;
    struct note note, lines;
    struct buffer text = {0};

    (void)state;
    assert_int_equal(add(&(struct ask){.size = 10, .flip_proof = 1}), 422);
    assert_int_equal(add(&(struct ask){.size = 0, .flip_root = 1}), 422);
    assert_int_equal(add(&(struct ask){.size = 10}), 200);
    note_of("log.test", 10, 0, &text);
    assert_int_equal(note_parse(buffer_as_text(&text), NULL, &note), OK);
    assert_int_equal(
        note_parse_signatures(buffer_as_text(&answer.body), NULL, &lines), OK);
    assert_int_equal(note_check(note.text, &lines, &own_key, 1, NULL, &checked),
                     OK);
    assert_int_equal(checked.seconds[0], 1679315147);
    buffer_free(&text);

    assert_int_equal(add(&(struct ask){.size = 20}), 409);
    assert_true(text_is(buffer_as_text(&answer.body), "10\n"));
    assert_string_equal(answer.type, "text/x.tlog.size");
    assert_int_equal(add(&(struct ask){.old = 10, .size = 10, .flip_root = 1}),
                     422);
    assert_int_equal(add(&(struct ask){.old = 10, .size = 20, .flip_root = 1}),
                     422);
    assert_int_equal(add(&(struct ask){.old = 10, .size = 20, .flip_proof = 1}),
                     422);
    assert_int_equal(add(&(struct ask){.old = 10, .size = 10}), 200);
    assert_int_equal(add(&(struct ask){.old = 10, .size = 400}), 200);
    assert_int_equal(add(&(struct ask){.old = 10, .size = 20}), 409);
}

static void
a_witness_remembers_through_its_death(void **state)
{
    struct witness *second = NULL;

    (void)state;
    assert_int_equal(add(&(struct ask){.size = 30}), 200);
    assert_int_equal(witness_open(state_dir, own_signer, &log_key, 1, &second),
                     E_DENIED);
    witness_free(witness);
    open_witness();
    assert_int_equal(add(&(struct ask){.size = 40}), 409);
    assert_true(text_is(buffer_as_text(&answer.body), "30\n"));
    assert_int_equal(add(&(struct ask){.old = 30, .size = 40}), 200);
}

static struct file_table real_table;

static int
no_rename(const char *from, const char *to)
{
    (void)from;
    (void)to;
    return -1;
}

/* What could not be kept is not signed away, and nothing is after it. */
static void
what_is_not_durable_is_not_cosigned(void **state)
{
    struct buffer body = {0};

    (void)state;
    assert_int_equal(buffer_string(&body, "old 0\n\n"), OK);
    note_of("log.test", 50, 0, &body);
    real_table = file_table;
    file_table.rename = no_rename;
    assert_int_not_equal(
        witness_add(witness, buffer_as_text(&body), 5, &answer), OK);
    assert_int_equal(answer.body.length, 0);
    file_table = real_table;
    assert_int_equal(witness_add(witness, buffer_as_text(&body), 5, &answer),
                     E_IO);
    witness_free(witness);
    open_witness();
    assert_int_equal(add(&(struct ask){.size = 50}), 200);
    buffer_free(&body);
}

static void
a_hostile_request_is_refused(void **state)
{
    static const char *const wrong[] = {
        "\r\n\r\n",
        "POST\r\n\r\n",
        "PUT / HTTP/1.1\r\n\r\n",
        "POST / HTTP/2\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
        "POST / HTTP/1.1\r\nno field\r\n\r\n"};
    struct witness_request request;
    struct reason why;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        enum result result =
            witness_request_parse(text_of(wrong[i]), &why, &request);

        if (result == OK || result == E_END)
            fail_msg("taken: %s", wrong[i]);
    }
    assert_int_equal(
        witness_request_parse(TEXT("POST /w/add-checkpoint HTTP/1.1\r\nHost: "
                                   "x\r\ncontent-length: 12\r\n\r\n"),
                              &why, &request),
        OK);
    assert_true(request.post);
    assert_int_equal(request.body_bytes, 12);
    assert_true(text_is(request.path, "/w/add-checkpoint"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_no_request_is_400),
        TEST(strangers_and_wrong_signatures_are_404_and_403),
        TEST(only_what_goes_on_is_cosigned),
        TEST(a_witness_remembers_through_its_death),
        TEST(what_is_not_durable_is_not_cosigned),
        cmocka_unit_test(a_hostile_request_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
