/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Inclusion and consistency proofs, good and corrupted, of
 * transparency-dev/merkle (Apache-2.0). The files are in ../shared/data
 * (VIGIE_SHARED overrides); skipped where they are absent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "ledger/merkle.h"
#include "ledger/proof_check.h"

#define PROOF_MAX 80
#define VECTORS 196

struct vector {
    uint64_t leaf_index, tree_size, size1, size2;
    uint8_t leaf[HASH_BYTES], root[HASH_BYTES], root1[HASH_BYTES],
        root2[HASH_BYTES];
    uint8_t proof[PROOF_MAX * HASH_BYTES];
    size_t proof_count;
    bool hash_wrong; /* a hash that is not of 32 bytes: never acceptable */
    bool want_error;
};

static char folder[512];
static unsigned tried, failed, accepted;

/* What stands behind "name": in such a small, known file. */
static const char *
member(const char *json, const char *name)
{
    char quoted[64];
    const char *at;

    (void)snprintf(quoted, sizeof(quoted), "\"%s\":", name);
    at = strstr(json, quoted);
    return at == NULL ? NULL : at + strlen(quoted);
}

static void
number(const char *json, const char *name, uint64_t *ret_number)
{
    const char *at = member(json, name);

    if (at != NULL)
        *ret_number = strtoull(at, NULL, 10);
}

/* The next "…" as base64; where it ends. */
static const char *
hash(const char *at, size_t least, struct vector *vector,
     uint8_t ret_hash[HASH_BYTES])
{
    const char *start = strchr(at, '"') + 1;
    const char *end = strchr(start, '"');
    uint8_t bytes[256];
    size_t length = 0;

    if (hash_base64_decode((struct text){start, (size_t)(end - start)}, bytes,
                           sizeof(bytes), &length) != OK ||
        length < least || length > HASH_BYTES)
        vector->hash_wrong = true;
    else
        memcpy(ret_hash, bytes, length);
    return end + 1;
}

static void
named_hash(const char *json, const char *name, struct vector *vector,
           uint8_t ret_hash[HASH_BYTES])
{
    const char *at = member(json, name);

    if (at == NULL)
        return;
    while (*at == ' ')
        at++;
    if (*at == '"')
        (void)hash(at, 1, vector, ret_hash); /* some roots are short */
    else
        vector->hash_wrong = true; /* null */
}

static void
read_vector(const char *json, struct vector *vector)
{
    const char *at = member(json, "proof");
    const char *want = member(json, "wantErr");

    number(json, "leafIdx", &vector->leaf_index);
    number(json, "treeSize", &vector->tree_size);
    number(json, "size1", &vector->size1);
    number(json, "size2", &vector->size2);
    named_hash(json, "leafHash", vector, vector->leaf);
    named_hash(json, "root", vector, vector->root);
    named_hash(json, "root1", vector, vector->root1);
    named_hash(json, "root2", vector, vector->root2);
    assert_non_null(want);
    assert_non_null(at);
    vector->want_error = want[1] == 't';
    while (*at == ' ')
        at++;
    if (*at != '[')
        return;
    for (;;) {
        while (*at != '"' && *at != ']')
            at++;
        if (*at == ']')
            return;
        assert_true(vector->proof_count < PROOF_MAX);
        at = hash(at, HASH_BYTES, vector,
                  vector->proof + HASH_BYTES * vector->proof_count++);
    }
}

static int
try_file(const char *path, const struct stat *status, int type)
{
    static struct vector vector;
    struct buffer bytes = {0};
    enum result result;

    (void)status;
    if (type != FTW_F || strstr(path, ".json") == NULL)
        return 0;
    assert_int_equal(file_load(path, 1 << 20, &bytes), OK);
    assert_int_equal(buffer_byte(&bytes, '\0'), OK);
    memset(&vector, 0, sizeof(vector));
    read_vector(bytes.bytes, &vector);
    if (strstr(path, "/inclusion/") != NULL)
        result = proof_check_inclusion(vector.leaf_index, vector.tree_size,
                                       vector.leaf, vector.proof,
                                       vector.proof_count, vector.root);
    else
        result = proof_check_consistency(vector.size1, vector.size2,
                                         vector.root1, vector.root2,
                                         vector.proof, vector.proof_count);
    if (vector.hash_wrong)
        result = E_FORMAT;
    tried++;
    accepted += result == OK;
    if ((result == OK) == vector.want_error) {
        failed++;
        (void)printf("%s: %s\n", path, result_name(result));
    }
    buffer_free(&bytes);
    return 0;
}

static void
test_every_vector(void **state)
{
    (void)state;
    if (folder[0] == '\0')
        skip();
    assert_int_equal(ftw(folder, try_file, 16), 0);
    (void)printf("%u vectors, %u of them accepted\n", tried, accepted);
    assert_int_equal(failed, 0);
    assert_int_equal(tried, VECTORS);
}

static int
find_vectors(void **state)
{
    const char *shared = getenv("VIGIE_SHARED");
    struct stat status;

    (void)state;
    (void)snprintf(folder, sizeof(folder), "%s/data/vectors/merkle/testdata",
                   shared == NULL ? "../shared" : shared);
    if (stat(folder, &status) != 0) {
        (void)printf("skipped: no Merkle vectors in %s\n", folder);
        folder[0] = '\0';
    }
    return hash_start() != OK;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_vector)};

    return cmocka_run_group_tests(tests, find_vectors, NULL);
}
