/* SPDX-License-Identifier: EUPL-1.2 */
/* What a witness is sent: an HTTP request, or (first byte odd) the body of
 * add-checkpoint, for a log whose key it has. */
#include <stdlib.h>
#include <string.h>

#include "proc/witness_process.h"

#define EXAMPLE_KEY \
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static struct witness *witness;

static void
start(void)
{
    static char folder[] = "/tmp/vigie-wfuzz-XXXXXX";
    static struct note_key key;
    struct note_signer *signer = NULL;

    if (hash_start() != OK || mkdtemp(folder) == NULL ||
        note_key_parse(TEXT(EXAMPLE_KEY), NULL, &key) != OK ||
        note_signer_open(folder, "key", "w.test", true, true, &signer) != OK ||
        witness_open(folder, signer, &key, 1, &witness) != OK)
        abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct witness_answer answer = {0};
    struct witness_request request;
    struct reason why;
    struct text text;

    if (witness == NULL)
        start();
    if (length < 1)
        return 0;
    text = (struct text){(const char *)bytes + 1, length - 1};
    if (bytes[0] % 2 == 0) {
        if (witness_request_parse(text, &why, &request) == OK &&
            (request.head_bytes > text.length ||
             request.body_bytes > WITNESS_BODY_MAX))
            abort();
        return 0;
    }
    /* its key signs nothing of this: never cosigned */
    if (witness_add(witness, text, 1, &answer) != OK || answer.status == 200)
        abort();
    buffer_free(&answer.body);
    return 0;
}
