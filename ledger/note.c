/* SPDX-License-Identifier: EUPL-1.2 */
#include "ledger/note.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/file.h"
#include "ledger/keys.h"

#define TYPE_ED25519 0x01
#define TYPE_COSIGNATURE 0x04
#define NAME_BYTES 200

struct note_signer {
    char name[NAME_BYTES + 1];
    uint8_t type;
    uint8_t id[4];
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
    uint8_t secret_key[crypto_sign_SECRETKEYBYTES];
};

static enum result
make_id(struct note_signer *signer)
{
    struct buffer message = {0};
    uint8_t digest[HASH_BYTES];
    enum result result = buffer_format(&message, "%s\n", signer->name);

    if (result == OK)
        result = buffer_byte(&message, (char)signer->type);
    if (result == OK)
        result = buffer_append(&message, signer->public_key,
                               sizeof(signer->public_key));
    if (result == OK) {
        hash_sha256(message.bytes, message.length, digest);
        memcpy(signer->id, digest, sizeof(signer->id));
    }
    buffer_free(&message);
    return result;
}

enum result
note_signer_open(const char *keys_dir, const char *file, const char *name,
                 bool cosigner, bool make, struct note_signer **ret_signer)
{
    struct note_signer *signer = calloc(1, sizeof(*signer));
    uint8_t seed[KEY_BYTES];
    enum result result = signer == NULL ? E_NOMEM : OK;

    if (result == OK && (name[0] == '\0' || strlen(name) > NAME_BYTES ||
                         strpbrk(name, "+ \n\t\r") != NULL))
        result = E_ARGUMENT;
    if (result != OK)
        goto out;
    memcpy(signer->name, name, strlen(name));
    signer->type = cosigner ? TYPE_COSIGNATURE : TYPE_ED25519;
    result = keys_load(keys_dir, file, true, seed);
    if (result == E_NOTFOUND && make) {
        result = file_make_folder(keys_dir);
        hash_random(seed, sizeof(seed));
        if (result == OK)
            result = keys_store(keys_dir, file, true, seed);
    }
    if (result == OK && crypto_sign_seed_keypair(signer->public_key,
                                                 signer->secret_key, seed) != 0)
        result = E_CORRUPT;
    if (result == OK)
        result = make_id(signer);
    if (result == OK) {
        *ret_signer = signer;
        signer = NULL;
    }
out:
    hash_wipe(seed, sizeof(seed));
    note_signer_free(signer);
    return result;
}

void
note_signer_free(struct note_signer *signer)
{
    if (signer == NULL)
        return;
    hash_wipe(signer, sizeof(*signer));
    free(signer);
}

enum result
note_signer_key(const struct note_signer *signer, struct buffer *out)
{
    uint8_t material[1 + sizeof(signer->public_key)];
    char hex[2 * sizeof(signer->id) + 1];
    enum result result;

    hash_hex(signer->id, sizeof(signer->id), hex);
    material[0] = signer->type;
    memcpy(material + 1, signer->public_key, sizeof(signer->public_key));
    result = buffer_format(out, "%s+%s+", signer->name, hex);
    return result == OK ? base64_write(material, sizeof(material), out)
                        : result;
}

enum result
note_write_checkpoint(const char *origin, uint64_t size,
                      const uint8_t root[HASH_BYTES], struct buffer *out)
{
    enum result result = buffer_format(out, "%s\n%" PRIu64 "\n", origin, size);

    if (result == OK)
        result = base64_write(root, HASH_BYTES, out);
    return result == OK ? buffer_byte(out, '\n') : result;
}

/* What a cosigner signs before the text. */
static enum result
message_of(const struct note_signer *signer, struct text text, uint64_t seconds,
           struct buffer *message)
{
    enum result result = OK;

    if (signer->type == TYPE_COSIGNATURE)
        result = buffer_format(message, "cosignature/v1\ntime %" PRIu64 "\n",
                               seconds);
    return result == OK ? buffer_text(message, text) : result;
}

enum result
note_sign(const struct note_signer *signer, struct text text, uint64_t seconds,
          struct buffer *out)
{
    uint8_t signature[sizeof(signer->id) + 8 + crypto_sign_BYTES];
    struct buffer message = {0};
    const size_t before = out->length;
    size_t length = sizeof(signer->id);
    enum result result = message_of(signer, text, seconds, &message);

    if (result != OK)
        goto out;
    memcpy(signature, signer->id, sizeof(signer->id));
    for (unsigned i = 0; signer->type == TYPE_COSIGNATURE && i < 8; i++)
        signature[length++] = (uint8_t)(seconds >> (56 - 8 * i));
    (void)crypto_sign_detached(signature + length, NULL,
                               (const uint8_t *)message.bytes, message.length,
                               signer->secret_key);
    length += crypto_sign_BYTES;
    result = buffer_format(out, "\xe2\x80\x94 %s ", signer->name);
    if (result == OK)
        result = base64_write(signature, length, out);
    if (result == OK)
        result = buffer_byte(out, '\n');
out:
    if (result != OK)
        out->length = before;
    buffer_free(&message);
    return result;
}
