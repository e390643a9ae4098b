/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * An index, byte by byte. All numbers little endian. Ids are mixed
 * (key_mix); the top b bits of a mixed id say its bucket (2^b buckets, about
 * 16 entries each), the next f its fingerprint. An entry is 3 bytes:
 *
 *   fingerprint (f = 24 - c bits, high) | chunk (c bits, low)
 *
 * where c is the width of the segment's largest chunk number, at least 1.
 * Buckets lie in pages of 32 (the whole index in one where there are fewer):
 *
 *    0  8  checksum64 of the rest of the page, seed: the page's number
 *    8  4  × (buckets + 1): number of the first entry of each bucket in this
 *          page; the last is how many entries there are
 *    …  3  × entries, rising within a bucket
 *    …     zeros up to a multiple of 8
 *
 * The directory (in the segment's own, segment.c) has the offset of each
 * page, 4 bytes, and that of the end. What page an id is in, and that it is
 * not there, is thus read from one page of about 2 kB.
 */
#include "ledger/segment_index.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/checksum.h"
#include "ledger/invariant.h"

#define BUCKET_ENTRIES 16
#define PAGE_BUCKETS 32
#define RADIX_BITS 11
#define ENTRY_BITS 24
#define ENTRY_BYTES 3

uint32_t
index_pages(uint32_t buckets)
{
    return buckets < PAGE_BUCKETS ? 1 : buckets / PAGE_BUCKETS;
}

static unsigned
bits_of(uint32_t power_of_two)
{
    return (unsigned)__builtin_ctz(power_of_two);
}

static unsigned
chunk_bits(uint32_t chunks)
{
    return chunks <= 2 ? 1 : 32 - (unsigned)__builtin_clz(chunks - 1);
}

static uint32_t
bucket_of(uint64_t mixed, unsigned bits)
{
    return bits == 0 ? 0 : (uint32_t)(mixed >> (64 - bits));
}

static uint32_t
fingerprint(uint64_t mixed, unsigned bits, unsigned chunk_width)
{
    return (uint32_t)((mixed << bits) >> (64 - ENTRY_BITS + chunk_width));
}

static void
sort_pass(const struct index_entry *from, size_t count, unsigned shift,
          struct index_entry *to)
{
    const uint64_t mask = (1u << RADIX_BITS) - 1;
    uint32_t starts[1 << RADIX_BITS] = {0};
    uint32_t sum = 0;

    for (size_t i = 0; i < count; i++)
        starts[from[i].mixed >> shift & mask]++;
    for (size_t i = 0; i <= mask; i++) {
        uint32_t n = starts[i];

        starts[i] = sum;
        sum += n;
    }
    for (size_t i = 0; i < count; i++)
        to[starts[from[i].mixed >> shift & mask]++] = from[i];
}

/* Stable, by the top 33 bits of the mixed id; chunks rise already. What two
 * ids share more than that, pack_bucket sorts. */
static void
sort_entries(struct index_entry *entries, size_t count,
             struct index_entry *scratch)
{
    sort_pass(entries, count, 31, scratch);
    sort_pass(scratch, count, 42, entries);
    sort_pass(entries, count, 53, scratch);
    memcpy(entries, scratch, count * sizeof(*entries));
}

static int
compare_packed(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return (left > right) - (left < right);
}

/* The entries of one bucket as they are stored: sorted, each once. */
static size_t
pack_bucket(const struct index_entry *entries, size_t count, unsigned bits,
            unsigned chunk_width, uint32_t *ret_packed)
{
    size_t kept = 0;
    int sorted = 1;

    for (size_t i = 0; i < count; i++) {
        uint32_t packed = fingerprint(entries[i].mixed, bits, chunk_width)
                              << chunk_width |
                          entries[i].chunk;

        sorted = sorted && (i == 0 || packed >= ret_packed[i - 1]);
        ret_packed[i] = packed;
    }
    if (!sorted)
        qsort(ret_packed, count, sizeof(*ret_packed), compare_packed);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || ret_packed[i] != ret_packed[kept - 1])
            ret_packed[kept++] = ret_packed[i];
    }
    return kept;
}

/* From whole words to entries as they are stored, in place. */
static void
put_entries(uint8_t *at, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t entry;

        memcpy(&entry, at + 4 * i, sizeof(entry));
        at[ENTRY_BYTES * i] = (uint8_t)entry;
        at[ENTRY_BYTES * i + 1] = (uint8_t)(entry >> 8);
        at[ENTRY_BYTES * i + 2] = (uint8_t)(entry >> 16);
    }
}

static uint32_t
entry_at(const uint8_t *entries, size_t i)
{
    const uint8_t *at = entries + ENTRY_BYTES * i;

    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16;
}

struct page_source {
    const struct index_entry *entries;
    size_t count, at; /* the next entry that is not packed yet */
    unsigned bits, chunk_width;
    uint32_t buckets; /* a page */
};

static enum result
pack_page(struct page_source *source, uint32_t page, struct buffer *out,
          uint32_t *ret_kept)
{
    const size_t start = out->length;
    uint32_t first = page * source->buckets;
    size_t end = source->at, kept = 0, bytes;
    uint8_t *at;
    enum result result;

    while (end < source->count &&
           bucket_of(source->entries[end].mixed, source->bits) <
               first + source->buckets)
        end++;
    bytes = 8 + 4 * ((size_t)source->buckets + 1) + 4 * (end - source->at);
    result = buffer_reserve(out, bytes + 8);
    if (result != OK)
        return result;
    at = (uint8_t *)out->bytes + start;
    for (uint32_t b = 0; b < source->buckets; b++) {
        size_t from = source->at;
        uint32_t *packed =
            (void *)(at + 8 + 4 * ((size_t)source->buckets + 1) + 4 * kept);

        while (source->at < end && bucket_of(source->entries[source->at].mixed,
                                             source->bits) == first + b)
            source->at++;
        le32_put(at + 8 + 4 * b, (uint32_t)kept);
        kept += pack_bucket(source->entries + from, source->at - from,
                            source->bits, source->chunk_width, packed);
    }
    le32_put(at + 8 + 4 * source->buckets, (uint32_t)kept);
    bytes = 8 + 4 * ((size_t)source->buckets + 1);
    put_entries(at + bytes, kept);
    bytes += ENTRY_BYTES * kept;
    for (; bytes % 8 != 0; bytes++)
        at[bytes] = 0;
    le64_put(at, checksum64(at + 8, bytes - 8, page));
    out->length += bytes;
    *ret_kept += (uint32_t)kept;
    return OK;
}

static enum result
put_offset(struct buffer *directory, size_t offset)
{
    uint8_t bytes[4];

    le32_put(bytes, (uint32_t)offset);
    return buffer_append(directory, bytes, sizeof(bytes));
}

enum result
index_pack(struct index_entry *entries, size_t count,
           struct index_entry *scratch, uint32_t chunks, struct buffer *out,
           struct buffer *directory, struct index_shape *ret_shape)
{
    const size_t start = out->length;
    struct page_source source = {
        .entries = entries,
        .count = count,
        .chunk_width = chunk_bits(chunks),
    };
    uint32_t buckets = 1, kept = 0;
    enum result result = OK;

    while ((size_t)buckets * BUCKET_ENTRIES < count)
        buckets *= 2;
    source.bits = bits_of(buckets);
    source.buckets = buckets < PAGE_BUCKETS ? buckets : PAGE_BUCKETS;
    if (count > 0)
        sort_entries(entries, count, scratch);
    for (uint32_t page = 0; page < index_pages(buckets) && result == OK;
         page++) {
        result = put_offset(directory, out->length - start);
        if (result == OK)
            result = pack_page(&source, page, out, &kept);
    }
    if (result == OK)
        result = put_offset(directory, out->length - start);
    if (result != OK)
        return result;
    INVARIANT(8, source.at == count);
    ret_shape->entries = kept;
    ret_shape->buckets = buckets;
    return OK;
}

enum result
index_check(const struct index *index)
{
    uint32_t buckets = index->shape.buckets;
    uint32_t pages;

    if (buckets == 0 || (buckets & (buckets - 1)) != 0 || buckets > 1u << 24)
        return E_CORRUPT;
    pages = index_pages(buckets);
    if (le32_get(index->directory) != 0 ||
        le32_get(index->directory + 4 * (size_t)pages) != index->length)
        return E_CORRUPT;
    for (uint32_t i = 0; i < pages; i++) {
        if (le32_get(index->directory + 4 * (size_t)i) >
            le32_get(index->directory + 4 * (size_t)i + 4))
            return E_CORRUPT;
    }
    return OK;
}

static uint32_t
page_buckets(const struct index *index)
{
    return index->shape.buckets < PAGE_BUCKETS ? index->shape.buckets
                                               : PAGE_BUCKETS;
}

size_t
index_page(const struct index *index, uint64_t mixed, size_t *ret_length)
{
    const uint32_t page =
        bucket_of(mixed, bits_of(index->shape.buckets)) / page_buckets(index);
    const size_t offset = le32_get(index->directory + 4 * (size_t)page);

    *ret_length = le32_get(index->directory + 4 * (size_t)page + 4) - offset;
    return offset;
}

/* The entries of the mixed id's bucket. */
static enum result
bucket_find(const struct index *index, uint64_t mixed, unsigned bits,
            const uint8_t **ret_entries, uint32_t *ret_count)
{
    const uint32_t buckets = page_buckets(index);
    const uint32_t bucket = bucket_of(mixed, bits);
    size_t length = 0;
    const uint8_t *at = index->pages + index_page(index, mixed, &length);
    const size_t heads = 8 + 4 * ((size_t)buckets + 1);
    uint32_t from, to;

    if (length < heads)
        return E_CORRUPT;
    if (index->checked == NULL || index->checked[bucket / buckets] == 0) {
        if (checksum64(at + 8, length - 8, bucket / buckets) != le64_get(at))
            return E_CORRUPT;
        if (index->checked != NULL)
            index->checked[bucket / buckets] = 1;
    }
    from = le32_get(at + 8 + 4 * (size_t)(bucket % buckets));
    to = le32_get(at + 12 + 4 * (size_t)(bucket % buckets));
    if (from > to || to > (length - heads) / ENTRY_BYTES)
        return E_CORRUPT;
    *ret_entries = at + heads + ENTRY_BYTES * (size_t)from;
    *ret_count = to - from;
    return OK;
}

enum result
index_find(const struct index *index, uint64_t mixed, index_visit *visit,
           void *context)
{
    const unsigned bits = bits_of(index->shape.buckets);
    const unsigned width = chunk_bits(index->chunks);
    const uint32_t wanted = fingerprint(mixed, bits, width);
    const uint8_t *entries = NULL;
    uint32_t count = 0;
    enum result result = bucket_find(index, mixed, bits, &entries, &count);

    for (uint32_t i = 0; i < count && result == OK; i++) {
        uint32_t entry = entry_at(entries, i);
        uint32_t chunk = entry & ((1u << width) - 1);

        if (entry >> width != wanted)
            continue;
        result = chunk < index->chunks ? visit(context, chunk) : E_CORRUPT;
    }
    return result;
}
