/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

#include "base/buffer.h"
#include "codec/inflate.h"

static enum result
collect(void *context, const uint8_t *bytes, size_t length)
{
    return buffer_append(context, bytes, length);
}

static enum result
unpack(const uint8_t *bytes, size_t length, size_t step, struct buffer *out,
       struct reason *why)
{
    struct inflate *inflate = NULL;
    enum result result = inflate_new(collect, out, &inflate);

    for (size_t at = 0; at < length && result == OK; at += step)
        result = inflate_feed(inflate, bytes + at,
                              length - at < step ? length - at : step, why);
    if (result == OK)
        result = inflate_end(inflate, why);
    inflate_free(inflate);
    return result;
}

static size_t
make_gzip(const uint8_t *plain, size_t length, uint8_t *out, size_t room)
{
    z_stream z = {0};
    size_t made;

    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8,
                                  Z_DEFAULT_STRATEGY),
                     Z_OK);
    z.next_in = (Bytef *)(uintptr_t)plain;
    z.avail_in = (uInt)length;
    z.next_out = out;
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    made = room - z.avail_out;
    assert_int_equal(deflateEnd(&z), Z_OK);
    return made;
}

/* with its checksum, as the zstd program writes it */
static size_t
make_zstd(const uint8_t *plain, size_t length, uint8_t *out, size_t room)
{
    ZSTD_CCtx *context = ZSTD_createCCtx();
    size_t made;

    assert_non_null(context);
    assert_false(ZSTD_isError(
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)));
    made = ZSTD_compress2(context, out, room, plain, length);
    assert_false(ZSTD_isError(made));
    (void)ZSTD_freeCCtx(context);
    return made;
}

enum { PLAIN = 700000, ROOM = 2 * PLAIN };

static uint8_t *
make_plain(void)
{
    uint8_t *plain = malloc(PLAIN);
    uint32_t random = 1;

    assert_non_null(plain);
    for (size_t i = 0; i < PLAIN; i++) {
        random = random * 1664525u + 1013904223u;
        plain[i] = (uint8_t)("{\"abc\":1}\n"[random >> 24 & 7]);
    }
    return plain;
}

/* forms: 0 plain, 1 gzip, 2 two gzip members, 3 zstd, 4 two zstd frames */
static size_t
pack(int form, const uint8_t *plain, uint8_t *out)
{
    size_t half = form == 2 || form == 4 ? PLAIN / 2 : PLAIN, made = 0;

    if (form == 0) {
        memcpy(out, plain, PLAIN);
        return PLAIN;
    }
    for (size_t at = 0; at < PLAIN; at += half) {
        if (form <= 2)
            made += make_gzip(plain + at, half, out + made, ROOM - made);
        else
            made += make_zstd(plain + at, half, out + made, ROOM - made);
    }
    return made;
}

static void
every_form_in_pieces_of_any_size_gives_the_plain_bytes(void **state)
{
    uint8_t *plain = make_plain(), *packed = malloc(ROOM);

    (void)state;
    assert_non_null(packed);
    for (int form = 0; form < 5; form++) {
        size_t length = pack(form, plain, packed);
        static const size_t steps[] = {1, 7, 65536, ROOM};

        for (size_t i = 0; i < 4; i++) {
            struct buffer out = {0};
            struct reason why;

            assert_int_equal(unpack(packed, length, steps[i], &out, &why), OK);
            assert_int_equal(out.length, PLAIN);
            assert_memory_equal(out.bytes, plain, PLAIN);
            buffer_free(&out);
        }
    }
    free(plain);
    free(packed);
}

static void
a_cut_or_damaged_stream_says_so_after_what_was_whole(void **state)
{
    uint8_t *plain = make_plain(), *packed = malloc(ROOM);

    (void)state;
    assert_non_null(packed);
    for (int form = 1; form < 5; form += 2) {
        size_t length = pack(form, plain, packed);
        struct buffer out = {0};
        struct reason why = {0};

        assert_int_equal(unpack(packed, length - 9, 4096, &out, &why), E_END);
        assert_string_equal(why.rule,
                            form == 1 ? "gzip-truncated" : "zstd-truncated");
        assert_true(out.length > 0);
        buffer_clear(&out);
        memset(packed + length / 2, 0xff, 64);
        assert_int_equal(unpack(packed, length, 4096, &out, &why), E_FORMAT);
        buffer_free(&out);
    }
    free(plain);
    free(packed);
}

static void
short_plain_inputs_pass(void **state)
{
    static const char *const texts[] = {"", "a", "\x1f", "\x1f\x8b", "abc"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct buffer out = {0};
        struct reason why;
        size_t length = strlen(texts[i]);

        assert_int_equal(
            unpack((const uint8_t *)texts[i], length, 1, &out, &why), OK);
        assert_int_equal(out.length, length);
        buffer_free(&out);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_in_pieces_of_any_size_gives_the_plain_bytes),
        cmocka_unit_test(a_cut_or_damaged_stream_says_so_after_what_was_whole),
        cmocka_unit_test(short_plain_inputs_pass),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
