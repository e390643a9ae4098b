/* SPDX-License-Identifier: EUPL-1.2 */
/* What witnesses and authorities answer, before core sees it. */
#include "proc/outside_send.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "ledger/note.h"
#include "ledger/timestamp.h"

static char folder[] = "/tmp/vigie-send-XXXXXX";
static struct note_signer *log_signer, *witness;
static struct buffer note, vkey, cosignature;

static int
setup(void **state)
{
    static const char text[] =
        "log.test\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

    (void)state;
    if (hash_start() != OK || mkdtemp(folder) == NULL)
        return 1;
    return note_signer_open(folder, "l", "log.test", false, true,
                            &log_signer) != OK ||
           note_signer_open(folder, "w", "wit.test", true, true, &witness) !=
               OK ||
           note_signer_key(witness, &vkey) != OK ||
           buffer_byte(&vkey, '\0') != OK || buffer_string(&note, text) != OK ||
           buffer_byte(&note, '\n') != OK ||
           note_sign(log_signer, text_of(text), 0, &note) != OK ||
           note_sign(witness, text_of(text), 77, &cosignature) != OK;
}

static int
teardown(void **state)
{
    (void)state;
    buffer_free(&note);
    buffer_free(&vkey);
    buffer_free(&cosignature);
    note_signer_free(log_signer);
    note_signer_free(witness);
    return file_remove_tree(folder) != OK;
}

static enum result
answer(unsigned status, struct text body, struct buffer *room,
       struct wire_published *published)
{
    struct reason why;

    buffer_clear(room);
    *published = (struct wire_published){.outcome = PUBLISH_UNREACHABLE};
    return outside_witness_read(vkey.bytes, buffer_as_text(&note), status, body,
                                &why, room, published);
}

static void
what_a_witness_may_not_answer_is_refused(void **state)
{
    static const struct {
        unsigned status;
        const char *body;
    } wrong[] = {{500, "no"},
                 {302, ""},
                 {200, ""},
                 {200, "ok\n"},
                 {409, ""},
                 {409, "-1\n"},
                 {409, "x\n"},
                 {409, "1\n\n"},
                 {422, "no\n"},
                 {200, "\xe2\x80\x94 wit.test AAAAAAA=\n"},
                 {409, "99999999999999999999\n"}};
    struct wire_published published;
    struct buffer room = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        if (answer(wrong[i].status, text_of(wrong[i].body), &room,
                   &published) == OK)
            fail_msg("taken: %u %s", wrong[i].status, wrong[i].body);
    }
    for (size_t i = 0; i < cosignature.length; i++) {
        cosignature.bytes[i] ^= 1;
        assert_int_not_equal(
            answer(200, buffer_as_text(&cosignature), &room, &published), OK);
        cosignature.bytes[i] ^= 1;
    }
    buffer_free(&room);
}

static void
only_lines_that_hold_go_on_to_core(void **state)
{
    struct wire_published published;
    struct buffer room = {0}, body = {0};

    (void)state;
    assert_int_equal(buffer_string(&body, "\xe2\x80\x94 other.test AAAAAAA=\n"),
                     OK);
    assert_int_equal(buffer_text(&body, buffer_as_text(&cosignature)), OK);
    assert_int_equal(answer(200, buffer_as_text(&body), &room, &published), OK);
    assert_int_equal(published.outcome, PUBLISH_DONE);
    assert_true(text_equal(published.bytes, buffer_as_text(&cosignature)));
    assert_int_equal(answer(409, TEXT("12\n"), &room, &published), OK);
    assert_int_equal(published.outcome, PUBLISH_CONFLICT);
    assert_int_equal(published.known, 12);
    buffer_free(&room);
    buffer_free(&body);
}

static void
what_is_no_timestamp_is_refused(void **state)
{
    static const char *const wrong[] = {
        "", "x", "\x30\x03\x02\x01\x00", "\x30\x80",
        "\x30\x05\x30\x03\x02\x01\x02" /* rejected */};
    struct buffer request = {0};
    struct reason why;
    int64_t seconds;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_not_equal(timestamp_check(TEXT("text"), text_of(wrong[i]),
                                             TEXT(""), "/none", &why, &seconds),
                             OK);
    assert_int_equal(timestamp_request(TEXT("text"), &request), OK);
    assert_true(request.length > HASH_BYTES);
    assert_int_not_equal(timestamp_check(TEXT("text"), buffer_as_text(&request),
                                         TEXT(""), "/none", &why, &seconds),
                         OK);
    buffer_free(&request);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_witness_may_not_answer_is_refused),
        cmocka_unit_test(only_lines_that_hold_go_on_to_core),
        cmocka_unit_test(what_is_no_timestamp_is_refused),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
