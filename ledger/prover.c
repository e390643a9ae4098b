/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The kept tree, one file a level (8 and 16):
 *
 *    0  8  "VIGIETR" and the level as a byte
 *    8 16  id of the ledger
 *   24  8  zero
 *   32 32  root of the first 2^level rows, then of the next …
 *
 * It is a copy of what can be computed, so it is written without a sync, and
 * a wrong hash in it makes a proof that does not lead to the root.
 */
#include "ledger/prover.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/file.h"
#include "ledger/ledger_state.h"

#define KEPT_LEVELS 2
#define HEAD_BYTES 32
#define WRITE_AT_ONCE 4096
static const unsigned kept_level[KEPT_LEVELS] = {8, 16};

struct kept {
    int fd;
    uint64_t count;
};

struct prover {
    struct ledger *ledger;
    struct kept kept[KEPT_LEVELS];
    /* leaves of the aligned 256 rows last asked for */
    uint64_t group; /* + 1; 0: none */
    size_t leaf_count;
    uint8_t leaf[MERKLE_TILE_LEAVES][HASH_BYTES];
    struct row rows[MERKLE_TILE_LEAVES];
};

static void
head_of(const struct ledger *ledger, unsigned level, uint8_t head[HEAD_BYTES])
{
    memset(head, 0, HEAD_BYTES);
    memcpy(head, "VIGIETR", 7);
    head[7] = (uint8_t)level;
    memcpy(head + 8, ledger->manifest.id, LEDGER_ID_BYTES);
}

static enum result
kept_path(const char *data_dir, unsigned i, char path[LEDGER_PATH_BYTES])
{
    int length = snprintf(path, LEDGER_PATH_BYTES, "%s/checkpoints/tree.%u",
                          data_dir, kept_level[i]);

    return length > 0 && length < LEDGER_PATH_BYTES ? OK : E_LIMIT;
}

/* What is not ours or not there counts as empty. */
static enum result
open_kept(const char *data_dir, const struct ledger *ledger, unsigned i,
          int flags, struct kept *kept)
{
    uint8_t expected[HEAD_BYTES], head[HEAD_BYTES];
    char path[LEDGER_PATH_BYTES];
    struct stat status;
    enum result result = kept_path(data_dir, i, path);

    if (result == OK)
        result = file_open(path, flags, 0600, &kept->fd);
    if (result != OK)
        return result == E_NOTFOUND ? OK : result;
    head_of(ledger, kept_level[i], expected);
    if (fstat(kept->fd, &status) != 0)
        return E_IO;
    kept->count = 0;
    if (status.st_size < HEAD_BYTES ||
        file_read_at(kept->fd, head, HEAD_BYTES, 0) != OK ||
        memcmp(head, expected, HEAD_BYTES) != 0)
        return OK;
    kept->count = (uint64_t)(status.st_size - HEAD_BYTES) / HASH_BYTES;
    if (kept->count > ledger_count(ledger) >> kept_level[i])
        kept->count = 0;
    return OK;
}

enum result
prover_new(const char *data_dir, struct ledger *ledger, bool kept,
           struct prover **ret_prover)
{
    struct prover *prover = calloc(1, sizeof(*prover));
    enum result result = prover == NULL ? E_NOMEM : OK;

    if (result != OK)
        return result;
    prover->ledger = ledger;
    for (unsigned i = 0; i < KEPT_LEVELS; i++)
        prover->kept[i].fd = -1;
    for (unsigned i = 0; i < KEPT_LEVELS && kept && result == OK; i++)
        result = open_kept(data_dir, ledger, i, O_RDONLY, &prover->kept[i]);
    if (result != OK) {
        prover_free(prover);
        return result;
    }
    *ret_prover = prover;
    return OK;
}

void
prover_free(struct prover *prover)
{
    if (prover == NULL)
        return;
    for (unsigned i = 0; i < KEPT_LEVELS; i++)
        file_close(&prover->kept[i].fd);
    free(prover);
}

static enum result
leaf_of(struct prover *prover, uint64_t row, uint8_t ret_leaf[HASH_BYTES])
{
    const uint64_t group = row / MERKLE_TILE_LEAVES;
    const uint64_t first = group * MERKLE_TILE_LEAVES;
    const uint64_t rows = ledger_count(prover->ledger);
    size_t count =
        rows - first < MERKLE_TILE_LEAVES ? (size_t)(rows - first) : 256;

    if (prover->group != group + 1 || prover->leaf_count < count) {
        enum result result =
            ledger_read(prover->ledger, first, count, prover->rows);

        prover->group = 0;
        if (result != OK)
            return result;
        for (size_t i = 0; i < count; i++) {
            uint8_t bytes[ROW_BYTES];

            row_encode(&prover->rows[i], bytes);
            merkle_leaf(bytes, prover->leaf[i]);
        }
        prover->group = group + 1;
        prover->leaf_count = count;
    }
    memcpy(ret_leaf, prover->leaf[row - first], HASH_BYTES);
    return OK;
}

/* The root of 256 rows as the segment has it. E_NOTFOUND: of open rows. */
static enum result
sealed_tile(struct ledger *ledger, uint64_t tile, uint8_t ret[HASH_BYTES])
{
    const struct manifest *manifest = &ledger->manifest;
    const uint64_t last = (tile + 1) * MERKLE_TILE_LEAVES - 1;
    size_t low = 0, high = manifest->segment_count, count = 0;
    struct segment *segment = NULL;
    const uint8_t *tiles;
    uint64_t at;
    enum result result;

    if (last >= manifest->tree.count) {
        at = tile - manifest->tree.count / MERKLE_TILE_LEAVES;
        if (at >= ledger->tile_count)
            return E_NOTFOUND;
        memcpy(ret, ledger->tiles[at], HASH_BYTES);
        return OK;
    }
    while (high - low > 1) {
        size_t middle = (low + high) / 2;

        if (manifest->segments[middle].first <= last)
            low = middle;
        else
            high = middle;
    }
    result = ledger_segment(ledger, low, &segment);
    if (result != OK)
        return result;
    tiles = segment_tiles(segment, &count);
    at = tile - manifest->segments[low].first / MERKLE_TILE_LEAVES;
    if (at >= count)
        return E_CORRUPT;
    memcpy(ret, tiles + at * HASH_BYTES, HASH_BYTES);
    return OK;
}

static enum result
stored(struct prover *prover, unsigned level, uint64_t number,
       uint8_t ret[HASH_BYTES])
{
    const struct kept *kept = &prover->kept[level / 16];

    if (number < kept->count)
        return file_read_at(kept->fd, ret, HASH_BYTES,
                            HEAD_BYTES + number * HASH_BYTES);
    return level == 8 ? sealed_tile(prover->ledger, number, ret) : E_NOTFOUND;
}

/* The largest power of two below n, n > 1. */
static uint64_t
half_of(uint64_t n)
{
    return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

enum result
prove_root(struct prover *prover, uint64_t first, uint64_t count,
           uint8_t ret_root[HASH_BYTES])
{
    uint8_t left[HASH_BYTES], right[HASH_BYTES];
    const bool aligned = (count & (count - 1)) == 0 && first % count == 0;
    enum result result = E_NOTFOUND;
    uint64_t half;

    if (count == 1)
        return leaf_of(prover, first, ret_root);
    if (aligned && count == UINT64_C(1) << 8)
        result = stored(prover, 8, first >> 8, ret_root);
    if (aligned && count == UINT64_C(1) << 16)
        result = stored(prover, 16, first >> 16, ret_root);
    if (result != E_NOTFOUND)
        return result;
    half = half_of(count); /* no deeper than there are levels */
    result = prove_root(prover, first, half, left);
    if (result == OK)
        result = prove_root(prover, first + half, count - half, right);
    if (result == OK)
        merkle_node(left, right, ret_root);
    return result;
}

static enum result
add(struct prover *prover, uint64_t first, uint64_t count, struct proof *proof)
{
    enum result result;

    if (proof->count == PROVE_STEPS_MAX)
        return E_LIMIT;
    result = prove_root(prover, first, count, proof->hash[proof->count]);
    proof->count += result == OK ? 1 : 0;
    return result;
}

/* What stands beside the way down, turned round: the deepest comes first. */
struct step {
    uint64_t first, count;
};

static enum result
add_steps(struct prover *prover, const struct step *steps, size_t count,
          struct proof *proof)
{
    enum result result = OK;

    while (count > 0 && result == OK) {
        count--;
        result = add(prover, steps[count].first, steps[count].count, proof);
    }
    return result;
}

enum result
prove_inclusion(struct prover *prover, uint64_t row, uint64_t size,
                struct proof *ret_proof)
{
    struct step steps[PROVE_STEPS_MAX];
    uint64_t first = 0, count = size;
    size_t depth = 0;

    if (row >= size || size > ledger_count(prover->ledger))
        return E_ARGUMENT;
    ret_proof->count = 0;
    while (count > 1) {
        const uint64_t half = half_of(count);

        if (row - first < half) {
            steps[depth++] = (struct step){first + half, count - half};
            count = half;
        } else {
            steps[depth++] = (struct step){first, half};
            first += half;
            count -= half;
        }
    }
    return add_steps(prover, steps, depth, ret_proof);
}

enum result
prove_consistency(struct prover *prover, uint64_t size1, uint64_t size2,
                  struct proof *ret_proof)
{
    struct step steps[PROVE_STEPS_MAX];
    uint64_t first = 0, count = size2;
    size_t depth = 0;
    enum result result = OK;

    if (size1 == 0 || size1 > size2 || size2 > ledger_count(prover->ledger))
        return E_ARGUMENT;
    ret_proof->count = 0;
    /* down to the subtree that ends where the old tree ended */
    while (first + count != size1) {
        const uint64_t half = half_of(count);

        if (size1 - first <= half) {
            steps[depth++] = (struct step){first + half, count - half};
            count = half;
        } else {
            steps[depth++] = (struct step){first, half};
            first += half;
            count -= half;
        }
    }
    /* the whole old tree is known to who asks: §2.1.4.1, b = true */
    if (first != 0)
        result = add(prover, first, count, ret_proof);
    return result == OK ? add_steps(prover, steps, depth, ret_proof) : result;
}

/* Hashes [at, end) of one level, appended. */
static enum result
keep_level(struct prover *prover, unsigned i, uint64_t end)
{
    struct kept *kept = &prover->kept[i];
    struct buffer bytes = {0};
    enum result result = OK;

    while (kept->count < end && result == OK) {
        uint64_t at = kept->count;
        uint64_t stop = end - at < WRITE_AT_ONCE ? end : at + WRITE_AT_ONCE;

        buffer_clear(&bytes);
        for (; at < stop && result == OK; at++) {
            uint8_t hash[HASH_BYTES];

            result = prove_root(prover, at << kept_level[i],
                                UINT64_C(1) << kept_level[i], hash);
            if (result == OK)
                result = buffer_append(&bytes, hash, HASH_BYTES);
        }
        if (result == OK)
            result = file_write_at(kept->fd, bytes.bytes, bytes.length,
                                   HEAD_BYTES + kept->count * HASH_BYTES);
        if (result == OK)
            kept->count = stop;
    }
    buffer_free(&bytes);
    return result;
}

enum result
prove_keep(const char *data_dir, struct ledger *ledger)
{
    struct prover *prover = NULL;
    enum result result = prover_new(data_dir, ledger, false, &prover);

    for (unsigned i = 0; i < KEPT_LEVELS && result == OK; i++) {
        struct kept *kept = &prover->kept[i];
        uint8_t head[HEAD_BYTES];

        result = open_kept(data_dir, ledger, i, O_RDWR | O_CREAT, kept);
        if (result == OK && kept->count == 0) {
            head_of(ledger, kept_level[i], head);
            result = file_truncate(kept->fd, 0);
            if (result == OK)
                result = file_write_at(kept->fd, head, HEAD_BYTES, 0);
        } else if (result == OK) {
            /* half a hash of a write that was cut short */
            result =
                file_truncate(kept->fd, HEAD_BYTES + kept->count * HASH_BYTES);
        }
        if (result == OK)
            result =
                keep_level(prover, i, ledger_count(ledger) >> kept_level[i]);
    }
    prover_free(prover);
    return result;
}
