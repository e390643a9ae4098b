/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the refused one reads: an RFC 9470 challenge for programs, a page in
 * French and English for browsers. It says what to do and whom to call;
 * never who is suspected, nor of what.
 */
#include "door/door.h"

typedef struct {
    ngx_uint_t status;
    const char *title_fr, *title_en, *text_fr, *text_en;
} door_words_t;

static const door_words_t door_step_up = {
    NGX_HTTP_UNAUTHORIZED,
    "Identification \xc3\xa0 refaire",
    "Please sign in again",
    "Pour continuer, identifiez-vous de nouveau (e-CPS ou carte CPS), puis "
    "reprenez votre recherche. Les dossiers que vous suiviez d\xc3\xa9j\xc3"
    "\xa0 restent accessibles.",
    "To go on, sign in again (e-CPS or CPS card), then take up your work. "
    "The records that you already followed stay within reach."
};

static const door_words_t door_cut = {
    NGX_HTTP_FORBIDDEN,
    "Session ferm\xc3\xa9""e",
    "Session closed",
    "Cette session a \xc3\xa9t\xc3\xa9 ferm\xc3\xa9""e. Appelez l\xe2\x80\x99"
    "assistance pour la faire rouvrir.",
    "This session has been closed. Call the help desk to have it reopened."
};

static const door_words_t door_refuse = {
    NGX_HTTP_FORBIDDEN,
    "Demande refus\xc3\xa9""e",
    "Request refused",
    "Cette demande ne peut pas aboutir ici. Si le soin l\xe2\x80\x99""exige, "
    "appelez l\xe2\x80\x99""assistance.",
    "This request cannot be served here. If care needs it, call the help "
    "desk."
};

static const door_words_t door_away = {
    NGX_HTTP_SERVICE_UNAVAILABLE,
    "Service momentan\xc3\xa9ment indisponible",
    "Service unavailable for the moment",
    "R\xc3\xa9""essayez dans une minute. Si le soin l\xe2\x80\x99""exige, "
    "appelez l\xe2\x80\x99""assistance.",
    "Try again in a minute. If care needs it, call the help desk."
};


static const door_words_t *
door_words(const door_ctx_t *ctx)
{
    if (ctx->decision == ANSWER_STEP_UP) {
        return &door_step_up;
    }

    if (ctx->decision == ANSWER_CUT) {
        return &door_cut;
    }

    return ctx->missing ? &door_away : &door_refuse;
}


static ngx_int_t
door_set_header(ngx_http_request_t *r, const char *name, const ngx_str_t *value,
                ngx_table_elt_t **ret_header)
{
    ngx_table_elt_t *h = ngx_list_push(&r->headers_out.headers);

    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(*h));
    h->hash = 1;
    h->key.data = (u_char *) (uintptr_t) name;
    h->key.len = ngx_strlen(name);
    h->value = *value;

    if (ret_header != NULL) {
        *ret_header = h;
    }

    return NGX_OK;
}


/* RFC 9470 §3: signed in since the alert, whenever the client comes back. */
static ngx_int_t
door_challenge(ngx_http_request_t *r, const door_ctx_t *ctx)
{
    int64_t age = ctx->since_s > 0 ? (int64_t) ngx_time() - ctx->since_s : 0;
    ngx_str_t value;

    value.data = ngx_pnalloc(r->pool, 160);
    if (value.data == NULL) {
        return NGX_ERROR;
    }

    value.len = ngx_sprintf(value.data,
                            "Bearer error=\"insufficient_user_authentication\""
                            ", error_description=\"A newer authentication is "
                            "needed\", max_age=%L",
                            (int64_t) ngx_max(age, 0))
                - value.data;

    return door_set_header(r, "WWW-Authenticate", &value,
                           &r->headers_out.www_authenticate);
}


static u_char *
door_escaped(u_char *p, const ngx_str_t *string)
{
    return (u_char *) ngx_escape_html(p, string->data, string->len);
}


static u_char *
door_page_text(u_char *p, const door_ctx_t *ctx, const char *lang,
               const char *title, const char *text, const char *call,
               const char *login)
{
    p = ngx_sprintf(p, "<section lang=\"%s\"><h1>%s</h1><p>%s</p>", lang,
                    title, text);

    if (ctx->decision == ANSWER_STEP_UP && ctx->conf->login.len > 0) {
        p = ngx_sprintf(p, "<p><a href=\"");
        p = door_escaped(p, &ctx->conf->login);
        p = ngx_sprintf(p, "\">%s</a></p>", login);
    }

    if (ctx->conf->contact.len > 0) {
        p = ngx_sprintf(p, "<p>%s ", call);
        p = door_escaped(p, &ctx->conf->contact);
        p = ngx_sprintf(p, "</p>");
    }

    return ngx_sprintf(p, "</section>");
}


static u_char *
door_page(u_char *p, const door_ctx_t *ctx, const door_words_t *words)
{
    p = ngx_sprintf(p, "<!DOCTYPE html><html lang=\"fr\"><head><meta "
                       "charset=\"utf-8\"><title>%s</title></head><body>",
                    words->title_fr);
    p = door_page_text(p, ctx, "fr", words->title_fr, words->text_fr,
                       "Assistance\xc2\xa0:", "S\xe2\x80\x99identifier");
    p = door_page_text(p, ctx, "en", words->title_en, words->text_en,
                       "Help desk:", "Sign in");

    return ngx_sprintf(p, "</body></html>\n");
}


static u_char *
door_problem(u_char *p, const door_words_t *words)
{
    return ngx_sprintf(p, "{\"type\":\"about:blank\",\"title\":\"%s\","
                          "\"status\":%ui,\"detail\":\"%s\"}\n",
                       words->title_en, words->status, words->text_en);
}


static ngx_int_t
door_set(ngx_http_request_t *r, ngx_uint_t status, const char *type,
         ngx_buf_t *b)
{
    ngx_str_t no_store = ngx_string("no-store");

    ngx_http_clean_header(r);
    r->headers_out.status = status;
    r->headers_out.content_type.data = (u_char *) (uintptr_t) type;
    r->headers_out.content_type.len = ngx_strlen(type);
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_length_n = b->last - b->pos;
    r->allow_ranges = 0;
    b->memory = 1;
    b->last_buf = 1;
    b->last_in_chain = 1;

    return door_set_header(r, "Cache-Control", &no_store, NULL);
}


static ngx_chain_t *
door_page_chain(ngx_http_request_t *r, size_t bytes)
{
    ngx_chain_t *cl = ngx_alloc_chain_link(r->pool);

    if (cl == NULL) {
        return NULL;
    }

    cl->next = NULL;
    cl->buf = ngx_create_temp_buf(r->pool, bytes);

    return cl->buf == NULL ? NULL : cl;
}


ngx_int_t
door_refusal_make(ngx_http_request_t *r, door_ctx_t *ctx,
                  ngx_chain_t **ret_page)
{
    const door_words_t *words = door_words(ctx);
    ngx_chain_t *cl;
    ngx_buf_t *b;

    /* "&quot;" is the longest that one byte becomes, twice over */
    cl = door_page_chain(r, 2048 + 12 * (ctx->conf->login.len
                                         + ctx->conf->contact.len));
    if (cl == NULL) {
        return NGX_ERROR;
    }

    b = cl->buf;
    b->last = ctx->wants_page ? door_page(b->last, ctx, words)
                              : door_problem(b->last, words);
    if (door_set(r, words->status, ctx->wants_page
                                   ? "text/html; charset=utf-8"
                                   : "application/problem+json", b) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ctx->decision == ANSWER_STEP_UP && door_challenge(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    *ret_page = cl;

    return NGX_OK;
}


ngx_int_t
door_refusal_plain(ngx_http_request_t *r, ngx_uint_t status,
                   ngx_chain_t **ret_page)
{
    ngx_chain_t *cl = door_page_chain(r, 64);

    if (cl == NULL) {
        return NGX_ERROR;
    }

    cl->buf->last = ngx_sprintf(cl->buf->last, "%ui\n", status);
    if (door_set(r, status, "text/plain", cl->buf) != NGX_OK) {
        return NGX_ERROR;
    }

    *ret_page = cl;

    return NGX_OK;
}
