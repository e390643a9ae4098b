/* SPDX-License-Identifier: EUPL-1.2 */
#include "proc/intake_tls.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

struct intake_tls {
    SSL_CTX *context;
};

struct intake_tls_stream {
    SSL *ssl;
    bool wants_write;
};

static enum result
load(struct intake_tls *tls, const char *certificate, const char *key,
     const char *ca, const char **ret_what)
{
    if (SSL_CTX_use_certificate_chain_file(tls->context, certificate) != 1) {
        *ret_what = certificate;
        return E_FORMAT;
    }
    if (SSL_CTX_use_PrivateKey_file(tls->context, key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(tls->context) != 1) {
        *ret_what = key;
        return E_FORMAT;
    }
    if (ca != NULL &&
        SSL_CTX_load_verify_locations(tls->context, ca, NULL) != 1) {
        *ret_what = ca;
        return E_FORMAT;
    }
    return OK;
}

enum result
intake_tls_new(const char *certificate, const char *key, const char *ca,
               bool required, const char **ret_what,
               struct intake_tls **ret_tls)
{
    struct intake_tls *tls = calloc(1, sizeof(*tls));
    enum result result = OK;

    if (tls == NULL)
        return E_NOMEM;
    tls->context = SSL_CTX_new(TLS_server_method());
    if (tls->context == NULL ||
        SSL_CTX_set_min_proto_version(tls->context, TLS1_2_VERSION) != 1)
        result = E_NOMEM;
    if (result == OK) {
        (void)SSL_CTX_set_options(tls->context, SSL_OP_NO_RENEGOTIATION |
                                                    SSL_OP_NO_COMPRESSION |
                                                    SSL_OP_NO_TICKET);
        (void)SSL_CTX_set_session_cache_mode(tls->context, SSL_SESS_CACHE_OFF);
        (void)SSL_CTX_set_num_tickets(tls->context, 0);
        if (ca != NULL)
            SSL_CTX_set_verify(
                tls->context,
                SSL_VERIFY_PEER |
                    (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                NULL);
        result = load(tls, certificate, key, ca, ret_what);
    }
    ERR_clear_error();
    if (result != OK) {
        intake_tls_free(tls);
        return result;
    }
    *ret_tls = tls;
    return OK;
}

void
intake_tls_free(struct intake_tls *tls)
{
    if (tls == NULL)
        return;
    SSL_CTX_free(tls->context);
    free(tls);
}

enum result
intake_tls_accept(struct intake_tls *tls, int fd,
                  struct intake_tls_stream **ret_stream)
{
    struct intake_tls_stream *stream = calloc(1, sizeof(*stream));

    if (stream == NULL)
        return E_NOMEM;
    stream->ssl = SSL_new(tls->context);
    if (stream->ssl == NULL || SSL_set_fd(stream->ssl, fd) != 1) {
        intake_tls_close(stream);
        return E_NOMEM;
    }
    SSL_set_accept_state(stream->ssl);
    *ret_stream = stream;
    return OK;
}

void
intake_tls_close(struct intake_tls_stream *stream)
{
    if (stream == NULL)
        return;
    if (stream->ssl != NULL && SSL_is_init_finished(stream->ssl))
        (void)SSL_shutdown(stream->ssl);
    ERR_clear_error();
    SSL_free(stream->ssl);
    free(stream);
}

enum result
intake_tls_read(struct intake_tls_stream *stream, void *bytes, size_t room,
                size_t *ret_length)
{
    int got, error;

    if (room > INT_MAX)
        room = INT_MAX;
    ERR_clear_error();
    got = SSL_read(stream->ssl, bytes, (int)room);
    stream->wants_write = false;
    if (got > 0) {
        *ret_length = (size_t)got;
        return OK;
    }
    error = SSL_get_error(stream->ssl, got);
    ERR_clear_error();
    stream->wants_write = error == SSL_ERROR_WANT_WRITE;
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE
               ? E_NOTFOUND
               : E_END;
}

bool
intake_tls_wants_write(const struct intake_tls_stream *stream)
{
    return stream->wants_write;
}

bool
intake_tls_ready(const struct intake_tls_stream *stream)
{
    return SSL_is_init_finished(stream->ssl) == 1;
}

bool
intake_tls_vouched(const struct intake_tls_stream *stream)
{
    X509 *peer = SSL_get1_peer_certificate(stream->ssl);
    bool vouched =
        peer != NULL && SSL_get_verify_result(stream->ssl) == X509_V_OK;

    X509_free(peer);
    return vouched;
}
