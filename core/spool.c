/* SPDX-License-Identifier: EUPL-1.2 */
#include "core/spool.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"

#define BLOCK 16

struct spool {
    int fd;
    uint64_t bytes;
    EVP_CIPHER *cipher;
    EVP_CIPHER_CTX *context;
    uint8_t key[32];
};

static enum result
open_unnamed(int *ret_fd)
{
    const char *folder = getenv("TMPDIR");
    char path[4096];
    enum result result;

    if (folder == NULL || folder[0] == '\0')
        folder = "/tmp";
    if (file_open(folder, O_TMPFILE | O_RDWR, 0600, ret_fd) == OK)
        return OK;
    /* a file system without unnamed files: named for a moment */
    if (snprintf(path, sizeof(path), "%s/vigie-%016llx", folder,
                 (unsigned long long)hash_random_u64()) >= (int)sizeof(path))
        return E_LIMIT;
    result = file_open(path, O_RDWR | O_CREAT | O_EXCL, 0600, ret_fd);
    if (result == OK)
        result = file_unlink(path);
    return result;
}

enum result
spool_new(struct spool **ret_spool)
{
    struct spool *spool = calloc(1, sizeof(*spool));
    enum result result = E_NOMEM;

    if (spool == NULL)
        return E_NOMEM;
    spool->fd = -1;
    spool->cipher = EVP_CIPHER_fetch(NULL, "AES-256-CTR", NULL);
    spool->context = EVP_CIPHER_CTX_new();
    if (spool->cipher == NULL || spool->context == NULL)
        goto out;
    hash_random(spool->key, sizeof(spool->key));
    result = open_unnamed(&spool->fd);
out:
    if (result != OK) {
        spool_free(spool);
        return result;
    }
    *ret_spool = spool;
    return OK;
}

void
spool_free(struct spool *spool)
{
    if (spool == NULL)
        return;
    file_close(&spool->fd);
    EVP_CIPHER_CTX_free(spool->context);
    EVP_CIPHER_free(spool->cipher);
    hash_wipe(spool->key, sizeof(spool->key));
    free(spool);
}

/* CTR is its own inverse. The counter block is the block's number in the
 * file, so that no two places share a key stream. */
static enum result
cipher_at(struct spool *spool, uint64_t at, uint8_t *bytes, size_t length)
{
    uint8_t counter[BLOCK] = {0};
    uint8_t skipped[BLOCK] = {0};
    uint64_t block = at / BLOCK;
    int done = 0;

    for (int i = 0; i < 8; i++)
        counter[15 - i] = (uint8_t)(block >> (8 * i));
    if (EVP_EncryptInit_ex2(spool->context, spool->cipher, spool->key,
                            counter, NULL) != 1)
        return E_IO;
    if (at % BLOCK != 0 &&
        EVP_EncryptUpdate(spool->context, skipped, &done, skipped,
                          (int)(at % BLOCK)) != 1)
        return E_IO;
    while (length > 0) {
        int part = length > (1u << 30) ? 1 << 30 : (int)length;

        if (EVP_EncryptUpdate(spool->context, bytes, &done, bytes, part) != 1)
            return E_IO;
        bytes += part;
        length -= (size_t)part;
    }
    return OK;
}

enum result
spool_append(struct spool *spool, uint8_t *bytes, size_t length)
{
    enum result result = cipher_at(spool, spool->bytes, bytes, length);

    if (result == OK)
        result = file_write_at(spool->fd, bytes, length, spool->bytes);
    if (result == OK)
        spool->bytes += length;
    return result;
}

uint64_t
spool_bytes(const struct spool *spool)
{
    return spool->bytes;
}

enum result
spool_read(struct spool *spool, uint64_t at, uint8_t *ret_bytes,
           size_t length)
{
    enum result result = file_read_at(spool->fd, ret_bytes, length, at);

    if (result == OK)
        result = cipher_at(spool, at, ret_bytes, length);
    return result;
}
