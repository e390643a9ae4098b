/* SPDX-License-Identifier: EUPL-1.2 */
#include "codec/inflate.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#define OUT_BYTES (256u << 10)
#define MAGIC_BYTES 4
/* zstd frames may ask for any window; 128 MB is what its own tool allows */
#define ZSTD_WINDOW_LOG 27

enum kind { KIND_UNDECIDED, KIND_PLAIN, KIND_GZIP, KIND_ZSTD };

struct inflate {
    enum kind kind;
    inflate_sink *sink;
    void *context;
    uint8_t magic[MAGIC_BYTES];
    size_t magic_length;
    uint64_t consumed;
    bool inside; /* a member or frame is open */
    bool ended;  /* a gzip member has ended and none has begun since */
    z_stream gzip;
    ZSTD_DCtx *zstd;
    uint8_t *out;
};

enum result
inflate_new(inflate_sink *sink, void *context, struct inflate **ret_inflate)
{
    struct inflate *stream = calloc(1, sizeof(*stream));

    if (stream == NULL)
        return E_NOMEM;
    stream->sink = sink;
    stream->context = context;
    *ret_inflate = stream;
    return OK;
}

void
inflate_free(struct inflate *stream)
{
    if (stream == NULL)
        return;
    if (stream->kind == KIND_GZIP)
        (void)inflateEnd(&stream->gzip);
    (void)ZSTD_freeDCtx(stream->zstd);
    free(stream->out);
    free(stream);
}

static enum result
start_kind(struct inflate *stream)
{
    static const uint8_t gzip_magic[] = {0x1f, 0x8b};
    static const uint8_t zstd_magic[] = {0x28, 0xb5, 0x2f, 0xfd};

    stream->kind = KIND_PLAIN;
    if (stream->magic_length >= 2 &&
        memcmp(stream->magic, gzip_magic, 2) == 0) {
        /* 16: a gzip header is wanted, no zlib one */
        if (inflateInit2(&stream->gzip, 15 + 16) != Z_OK)
            return E_NOMEM;
        stream->kind = KIND_GZIP;
    } else if (stream->magic_length == 4 &&
               memcmp(stream->magic, zstd_magic, 4) == 0) {
        stream->zstd = ZSTD_createDCtx();
        if (stream->zstd == NULL ||
            ZSTD_isError(ZSTD_DCtx_setParameter(
                stream->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG)))
            return E_NOMEM;
        stream->kind = KIND_ZSTD;
    } else {
        return OK;
    }
    stream->out = malloc(OUT_BYTES);
    return stream->out == NULL ? E_NOMEM : OK;
}

/* zlib takes a pointer to bytes that it does not change, yet not const */
static Bytef *
unconst(const uint8_t *bytes)
{
    union {
        const uint8_t *constant;
        Bytef *plain;
    } at = {.constant = bytes};

    return at.plain;
}

static enum result
feed_gzip(struct inflate *stream, const uint8_t *bytes, size_t length,
          struct reason *why)
{
    z_stream *z = &stream->gzip;
    enum result result;
    int status;

    z->next_in = unconst(bytes);
    z->avail_in = (uInt)length;
    while (z->avail_in > 0) {
        if (stream->ended && inflateReset(z) != Z_OK)
            return E_NOMEM;
        stream->ended = false;
        stream->inside = true;
        do {
            z->next_out = stream->out;
            z->avail_out = OUT_BYTES;
            status = inflate(z, Z_NO_FLUSH);
            if (status == Z_MEM_ERROR)
                return E_NOMEM;
            if (status != Z_OK && status != Z_STREAM_END &&
                status != Z_BUF_ERROR)
                return reason_set(why, E_FORMAT, "gzip-damaged", "",
                                  stream->consumed + length - z->avail_in);
            result = stream->sink(stream->context, stream->out,
                                   OUT_BYTES - z->avail_out);
            if (result != OK)
                return result;
        } while (status != Z_STREAM_END &&
                 (z->avail_out == 0 || z->avail_in > 0));
        stream->ended = status == Z_STREAM_END;
        stream->inside = !stream->ended;
    }
    stream->consumed += length;
    return OK;
}

static enum result
feed_zstd(struct inflate *stream, const uint8_t *bytes, size_t length,
          struct reason *why)
{
    ZSTD_inBuffer in = {bytes, length, 0};
    bool full = false;

    while (in.pos < in.size || full) {
        ZSTD_outBuffer out = {stream->out, OUT_BYTES, 0};
        size_t left = ZSTD_decompressStream(stream->zstd, &out, &in);
        enum result result;

        if (ZSTD_isError(left))
            return reason_set(why, E_FORMAT, "zstd-damaged", "",
                              stream->consumed + in.pos);
        stream->inside = left != 0;
        full = out.pos == out.size && left != 0;
        result = stream->sink(stream->context, stream->out, out.pos);
        if (result != OK)
            return result;
    }
    stream->consumed += length;
    return OK;
}

static enum result
feed_kind(struct inflate *stream, const uint8_t *bytes, size_t length,
          struct reason *why)
{
    enum result result = OK;

    if (length == 0)
        return OK;
    if (stream->kind == KIND_PLAIN)
        return stream->sink(stream->context, bytes, length);
    while (length > 0 && result == OK) {
        /* zlib counts in unsigned int */
        size_t part = length > (1u << 30) ? (1u << 30) : length;

        result = stream->kind == KIND_GZIP
                     ? feed_gzip(stream, bytes, part, why)
                     : feed_zstd(stream, bytes, part, why);
        bytes += part;
        length -= part;
    }
    return result;
}

enum result
inflate_feed(struct inflate *stream, const uint8_t *bytes, size_t length,
             struct reason *why)
{
    enum result result;

    if (stream->kind == KIND_UNDECIDED) {
        while (length > 0 && stream->magic_length < MAGIC_BYTES) {
            stream->magic[stream->magic_length++] = *bytes++;
            length--;
        }
        if (stream->magic_length < MAGIC_BYTES)
            return OK;
        result = start_kind(stream);
        if (result != OK)
            return result;
        result = feed_kind(stream, stream->magic, MAGIC_BYTES, why);
        if (result != OK)
            return result;
    }
    return feed_kind(stream, bytes, length, why);
}

enum result
inflate_end(struct inflate *stream, struct reason *why)
{
    enum result result;

    if (stream->kind == KIND_UNDECIDED) {
        result = start_kind(stream);
        if (result == OK)
            result = feed_kind(stream, stream->magic, stream->magic_length,
                               why);
        if (result != OK)
            return result;
    }
    if (stream->inside)
        return reason_set(why, E_END,
                          stream->kind == KIND_GZIP ? "gzip-truncated"
                                                     : "zstd-truncated",
                          "", stream->consumed);
    return OK;
}

const char *
inflate_kind(const struct inflate *stream)
{
    switch (stream->kind) {
    case KIND_GZIP:
        return "gzip";
    case KIND_ZSTD:
        return "zstd";
    default:
        return "plain";
    }
}
