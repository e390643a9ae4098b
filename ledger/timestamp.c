/* SPDX-License-Identifier: EUPL-1.2 */
#include "ledger/timestamp.h"

#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ts.h>
#include <openssl/x509_vfy.h>
#include <string.h>
#include <time.h>

#include "base/hash.h"

#define NONCE_BYTES 8

static enum result
set_imprint(TS_REQ *request, const uint8_t digest[HASH_BYTES])
{
    TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
    X509_ALGOR *algorithm = X509_ALGOR_new();
    uint8_t copy[HASH_BYTES];
    enum result result = E_NOMEM;

    memcpy(copy, digest, HASH_BYTES);
    if (imprint != NULL && algorithm != NULL &&
        X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL,
                        NULL) == 1 &&
        TS_MSG_IMPRINT_set_algo(imprint, algorithm) == 1 &&
        TS_MSG_IMPRINT_set_msg(imprint, copy, HASH_BYTES) == 1 &&
        TS_REQ_set_msg_imprint(request, imprint) == 1)
        result = OK;
    X509_ALGOR_free(algorithm);
    TS_MSG_IMPRINT_free(imprint);
    return result;
}

static enum result
set_nonce(TS_REQ *request)
{
    uint8_t bytes[NONCE_BYTES];
    ASN1_INTEGER *nonce = ASN1_INTEGER_new();
    enum result result = E_NOMEM;

    hash_random(bytes, sizeof(bytes));
    bytes[0] = (uint8_t)((bytes[0] & 0x7f) | 0x40); /* positive, shortest */
    if (nonce != NULL && ASN1_STRING_set(nonce, bytes, sizeof(bytes)) == 1 &&
        TS_REQ_set_nonce(request, nonce) == 1)
        result = OK;
    ASN1_INTEGER_free(nonce);
    return result;
}

enum result
timestamp_request(struct text text, struct buffer *ret_der)
{
    TS_REQ *request = TS_REQ_new();
    uint8_t digest[HASH_BYTES];
    unsigned char *der = NULL;
    int length = 0;
    enum result result = E_NOMEM;

    hash_sha256(text.bytes, text.length, digest);
    if (request != NULL && TS_REQ_set_version(request, 1) == 1 &&
        TS_REQ_set_cert_req(request, 1) == 1)
        result = set_imprint(request, digest);
    if (result == OK)
        result = set_nonce(request);
    if (result == OK)
        length = i2d_TS_REQ(request, &der);
    if (result == OK && length <= 0)
        result = E_NOMEM;
    if (result == OK)
        result = buffer_append(ret_der, der, (size_t)length);
    OPENSSL_free(der);
    TS_REQ_free(request);
    return result;
}

static enum result
parse(struct text bytes, struct reason *why, TS_RESP **ret_response)
{
    const unsigned char *at = (const unsigned char *)bytes.bytes;

    if (bytes.length > TIMESTAMP_BYTES_MAX)
        return reason_set(why, E_LIMIT, "timestamp-bytes-max", "response",
                          bytes.length);
    *ret_response = d2i_TS_RESP(NULL, &at, (long)bytes.length);
    if (*ret_response == NULL ||
        at != (const unsigned char *)bytes.bytes + bytes.length)
        return reason_set(why, E_FORMAT, "timestamp-der", "response", 0);
    return OK;
}

/* With a request everything in it, the nonce too; else the imprint. */
static TS_VERIFY_CTX *
context_of(struct text request, uint8_t digest[HASH_BYTES])
{
    const unsigned char *at = (const unsigned char *)request.bytes;
    TS_VERIFY_CTX *context = NULL;
    TS_REQ *parsed;
    unsigned char *imprint;

    if (request.length > 0) {
        parsed = d2i_TS_REQ(NULL, &at, (long)request.length);
        if (parsed != NULL)
            context = TS_REQ_to_TS_VERIFY_CTX(parsed, NULL);
        TS_REQ_free(parsed);
        return context;
    }
    context = TS_VERIFY_CTX_new();
    imprint = OPENSSL_memdup(digest, HASH_BYTES);
    if (context == NULL || imprint == NULL) {
        TS_VERIFY_CTX_free(context);
        OPENSSL_free(imprint);
        return NULL;
    }
    (void)TS_VERIFY_CTX_set_imprint(context, imprint, HASH_BYTES);
    (void)TS_VERIFY_CTX_set_flags(context, TS_VFY_VERSION | TS_VFY_IMPRINT);
    return context;
}

static enum result
time_of(TS_RESP *response, int64_t *ret_seconds)
{
    TS_TST_INFO *info = TS_RESP_get_tst_info(response);
    struct tm tm;

    if (info == NULL || ASN1_TIME_to_tm(TS_TST_INFO_get_time(info), &tm) != 1)
        return E_FORMAT;
    *ret_seconds = (int64_t)timegm(&tm);
    return OK;
}

/* OpenSSL puts the imprint's algorithm beside it only from a request. */
static bool
is_sha256(TS_RESP *response)
{
    TS_TST_INFO *info = TS_RESP_get_tst_info(response);
    const ASN1_OBJECT *object = NULL;

    if (info == NULL)
        return false;
    X509_ALGOR_get0(&object, NULL, NULL,
                    TS_MSG_IMPRINT_get_algo(TS_TST_INFO_get_msg_imprint(info)));
    return object != NULL && OBJ_obj2nid(object) == NID_sha256;
}

static enum result
verify(TS_RESP *response, struct text request, uint8_t digest[HASH_BYTES],
       const char *ca_file, struct reason *why)
{
    TS_VERIFY_CTX *context = context_of(request, digest);
    X509_STORE *store = X509_STORE_new();
    enum result result = OK;

    if (context == NULL || store == NULL)
        result = E_NOMEM;
    if (result == OK && X509_STORE_load_file(store, ca_file) != 1)
        result = reason_set(why, E_NOTFOUND, "timestamp-ca", "ca", 0);
    if (result == OK) {
        (void)TS_VERIFY_CTX_add_flags(context, TS_VFY_SIGNATURE);
        (void)TS_VERIFY_CTX_set_store(context, store); /* owns it now */
        store = NULL;
        if (TS_RESP_verify_response(context, response) != 1)
            result = reason_set(why, E_DENIED, "timestamp-not-verified",
                                "response", 0);
    }
    TS_VERIFY_CTX_free(context);
    X509_STORE_free(store);
    ERR_clear_error();
    return result;
}

enum result
timestamp_check(struct text text, struct text response, struct text request,
                const char *ca_file, struct reason *why, int64_t *ret_seconds)
{
    TS_RESP *parsed = NULL;
    uint8_t digest[HASH_BYTES];
    int64_t seconds = 0;
    enum result result = parse(response, why, &parsed);

    hash_sha256(text.bytes, text.length, digest);
    if (result == OK && !is_sha256(parsed))
        result =
            reason_set(why, E_DENIED, "timestamp-not-granted", "response", 0);
    if (result == OK)
        result = verify(parsed, request, digest, ca_file, why);
    if (result == OK && time_of(parsed, &seconds) != OK)
        result = reason_set(why, E_FORMAT, "timestamp-time", "response", 0);
    if (result == OK)
        *ret_seconds = seconds;
    TS_RESP_free(parsed);
    return result;
}
