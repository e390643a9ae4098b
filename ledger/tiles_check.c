/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * bundle   width × (length 2, big-endian; entry)
 * tile     width × hash 32; at level L the i-th is the root of the i-th full
 *          tile of level L - 1
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "ledger/tiles.h"

#define LEVELS 8
#define BUNDLE_BYTES_MAX (TILES_WIDTH * (2u + 4096u))

enum result
tiles_path(const char *dir, int level, uint64_t number, unsigned width,
           char ret_path[TILES_PATH_BYTES])
{
    char digits[32] = "", end[16] = "", kind[16];
    uint64_t high = number / 1000;
    int length;

    while (high > 0) { /* from the right: x001/x234/067 */
        char more[32];

        (void)snprintf(more, sizeof(more), "x%03u/%s", (unsigned)(high % 1000),
                       digits);
        memcpy(digits, more, sizeof(digits));
        high /= 1000;
    }
    if (level == TILES_ENTRIES)
        (void)snprintf(kind, sizeof(kind), "entries");
    else
        (void)snprintf(kind, sizeof(kind), "%d", level);
    if (width < TILES_WIDTH)
        (void)snprintf(end, sizeof(end), ".p/%u", width);
    length = snprintf(ret_path, TILES_PATH_BYTES, "%s/tile/%s/%s%03u%s", dir,
                      kind, digits, (unsigned)(number % 1000), end);
    return length > 0 && length < TILES_PATH_BYTES - 8 ? OK : E_LIMIT;
}

enum result
tiles_check_bundle(struct text bytes, unsigned width, struct reason *why,
                   uint8_t (*ret_leaves)[HASH_BYTES])
{
    const uint8_t *at = (const uint8_t *)bytes.bytes;
    size_t left = bytes.length;

    for (unsigned i = 0; i < width; i++) {
        size_t length = left < 2 ? 0 : (size_t)at[0] << 8 | at[1];

        if (left < 2 || length > left - 2 || length == 0 ||
            proof_check_leaf(at + 2, length, ret_leaves[i]) != OK)
            return reason_set(why, E_FORMAT, "tiles-entry", "entry",
                              bytes.length - left);
        at += 2 + length;
        left -= 2 + length;
    }
    return left == 0 ? OK
                     : reason_set(why, E_FORMAT, "tiles-entry-end", "entry",
                                  bytes.length - left);
}

struct checker {
    const char *dir;
    tiles_found *found;
    void *context;
    uint64_t size;
    /* hashes of each level that are not yet a whole tile */
    struct {
        uint8_t hash[TILES_WIDTH][HASH_BYTES];
        unsigned width;
        uint64_t number;
    } level[LEVELS];
    uint8_t leaves[TILES_WIDTH][HASH_BYTES];
    struct buffer bytes;
};

static void
node_of(const uint8_t *left, const uint8_t *right, uint8_t *ret)
{
    uint8_t message[1 + 2 * HASH_BYTES] = {0x01};

    memcpy(message + 1, left, HASH_BYTES);
    memcpy(message + 1 + HASH_BYTES, right, HASH_BYTES);
    hash_sha256(message, sizeof(message), ret);
}

/* RFC 9162 §2.1.1 over hashes that are leaves or roots of full tiles; no
 * deeper than nine for one tile. */
static void
root_of(const uint8_t (*hash)[HASH_BYTES], unsigned count,
        uint8_t ret[HASH_BYTES])
{
    uint8_t left[HASH_BYTES], right[HASH_BYTES];
    unsigned half = 1;

    if (count == 1) {
        memcpy(ret, hash[0], HASH_BYTES);
        return;
    }
    while (half * 2 < count)
        half *= 2;
    root_of(hash, half, left);
    root_of(hash + half, count - half, right);
    node_of(left, right, ret);
}

static void
tell(struct checker *self, const char *path, const char *rule,
     const char *field, uint64_t offset)
{
    struct reason why;

    (void)!reason_set(&why, E_CORRUPT, rule, field, offset);
    self->found(self->context, path, &why);
}

static enum result
load(struct checker *self, int level, uint64_t number, unsigned width,
     char path[TILES_PATH_BYTES], bool *ret_there)
{
    enum result result = tiles_path(self->dir, level, number, width, path);

    *ret_there = false;
    buffer_clear(&self->bytes);
    if (result == OK)
        result = file_load(path, BUNDLE_BYTES_MAX, &self->bytes);
    if (result == OK)
        *ret_there = true;
    else if (result == E_NOTFOUND)
        tell(self, path, "tiles-missing", "file", number);
    else if (result == E_LIMIT)
        tell(self, path, "tiles-long", "file", number);
    return result == E_NOTFOUND || result == E_LIMIT ? OK : result;
}

/* The file against what the level has; then a full one goes up as one hash. */
static enum result
end_tile(struct checker *self, int level)
{
    char path[TILES_PATH_BYTES];
    unsigned width = self->level[level].width;
    uint8_t root[HASH_BYTES];
    bool there;
    enum result result =
        load(self, level, self->level[level].number, width, path, &there);

    if (result != OK)
        return result;
    if (there && (self->bytes.length != (size_t)width * HASH_BYTES ||
                  memcmp(self->bytes.bytes, self->level[level].hash[0],
                         self->bytes.length) != 0))
        tell(self, path, "tiles-hash", "tile", self->level[level].number);
    if (width < TILES_WIDTH || level + 1 == LEVELS)
        return OK;
    root_of((const uint8_t(*)[HASH_BYTES])self->level[level].hash, width, root);
    self->level[level].width = 0;
    self->level[level].number++;
    level++;
    memcpy(self->level[level].hash[self->level[level].width++], root,
           HASH_BYTES);
    return self->level[level].width == TILES_WIDTH ? end_tile(self, level) : OK;
}

static enum result
check_bundle(struct checker *self, uint64_t number, unsigned width)
{
    char path[TILES_PATH_BYTES];
    struct reason why;
    bool there;
    enum result result = load(self, TILES_ENTRIES, number, width, path, &there);

    if (result != OK)
        return result;
    memset(self->level[0].hash, 0, sizeof(self->level[0].hash));
    if (there && tiles_check_bundle(buffer_as_text(&self->bytes), width, &why,
                                    self->level[0].hash) != OK)
        self->found(self->context, path, &why);
    self->level[0].width = width;
    return width == TILES_WIDTH ? end_tile(self, 0) : OK;
}

/* What is left on each level, the highest first, is the right edge. */
static enum result
end_all(struct checker *self, uint8_t ret_root[HASH_BYTES])
{
    bool any = false;
    enum result result = OK;

    for (int level = 0; level < LEVELS && result == OK; level++) {
        uint8_t left[HASH_BYTES];

        if (self->level[level].width == 0)
            continue;
        result = end_tile(self, level);
        if (!any)
            root_of((const uint8_t(*)[HASH_BYTES])self->level[level].hash,
                    self->level[level].width, ret_root);
        /* full subtrees of this level, from the right: the largest powers of
         * two lie to the left */
        for (unsigned bit = 1; any && bit < TILES_WIDTH; bit <<= 1) {
            unsigned width = self->level[level].width;
            unsigned first = width & ~(2 * bit - 1);

            if ((width & bit) == 0)
                continue;
            root_of((const uint8_t(*)[HASH_BYTES])self->level[level].hash +
                        first,
                    bit, left);
            node_of(left, ret_root, ret_root);
        }
        any = true;
    }
    if (!any)
        hash_sha256("", 0, ret_root);
    return result;
}

enum result
tiles_check(const char *dir, uint64_t size, const uint8_t root[HASH_BYTES],
            tiles_found *found, void *context)
{
    struct checker *self = calloc(1, sizeof(*self));
    uint8_t computed[HASH_BYTES];
    enum result result = self == NULL ? E_NOMEM : OK;

    if (result != OK)
        return result;
    self->dir = dir;
    self->found = found;
    self->context = context;
    self->size = size;
    for (uint64_t at = 0; at < size && result == OK; at += TILES_WIDTH)
        result = check_bundle(self, at / TILES_WIDTH,
                              size - at < TILES_WIDTH ? (unsigned)(size - at)
                                                      : TILES_WIDTH);
    if (result == OK)
        result = end_all(self, computed);
    if (result == OK && memcmp(computed, root, HASH_BYTES) != 0)
        tell(self, dir, "tiles-root", "root", size);
    buffer_free(&self->bytes);
    free(self);
    return result;
}
