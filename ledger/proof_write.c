/* SPDX-License-Identifier: EUPL-1.2 */
#include "ledger/proof_write.h"

#include <inttypes.h>

#include "base/base64.h"

enum result
proof_write_hashes(const struct proof *proof, struct buffer *out)
{
    enum result result = OK;

    for (size_t i = 0; i < proof->count && result == OK; i++) {
        result = base64_write(proof->hash[i], HASH_BYTES, out);
        if (result == OK)
            result = buffer_byte(out, '\n');
    }
    return result;
}

static enum result
write_end(const struct proof *proof, struct text note, struct buffer *out)
{
    enum result result = proof_write_hashes(proof, out);

    if (result == OK)
        result = buffer_byte(out, '\n');
    return result == OK ? buffer_text(out, note) : result;
}

enum result
proof_write_inclusion(uint64_t row_number, const struct row *row,
                      const struct proof *proof, struct text note,
                      struct buffer *out)
{
    uint8_t bytes[ROW_BYTES];
    enum result result = buffer_string(out, "c2sp.org/tlog-proof@v1\nextra ");

    row_encode(row, bytes);
    if (result == OK)
        result = base64_write(bytes, ROW_BYTES, out);
    if (result == OK)
        result = buffer_format(out, "\nindex %" PRIu64 "\n", row_number);
    return result == OK ? write_end(proof, note, out) : result;
}

enum result
proof_write_consistency(struct text old_note, uint64_t old_size,
                        const struct proof *proof, struct text note,
                        struct buffer *out)
{
    enum result result =
        buffer_string(out, "vigie/consistency-proof@v1\nextra ");

    if (result == OK)
        result = base64_write(old_note.bytes, old_note.length, out);
    if (result == OK)
        result = buffer_format(out, "\nold %" PRIu64 "\n", old_size);
    return result == OK ? write_end(proof, note, out) : result;
}
