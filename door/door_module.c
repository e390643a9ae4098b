/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Directives, their inheritance, the places where nginx calls us, and the
 * list of requests under way. docs/door.md tells of every directive;
 * tools/check-door compares.
 */
#include "door/door.h"

#include "base/hash.h"

static ngx_queue_t door_flight;

static ngx_conf_enum_t door_modes[] = {
    { ngx_string("off"), DOOR_OFF },
    { ngx_string("on"), DOOR_ON },
    { ngx_string("observe"), DOOR_OBSERVE },
    { ngx_null_string, 0 }
};

static ngx_conf_enum_t door_failures[] = {
    { ngx_string("open"), DOOR_OPEN },
    { ngx_string("closed"), DOOR_CLOSED },
    { ngx_null_string, 0 }
};


#define DOOR_ANYWHERE NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF
#define DOOR_LOC(type, name, set, field, post) \
    { ngx_string(name), DOOR_ANYWHERE|NGX_HTTP_LIF_CONF|NGX_CONF_##type, set, \
      NGX_HTTP_LOC_CONF_OFFSET, offsetof(door_loc_conf_t, field), post }

static ngx_command_t door_commands[] = {
    { ngx_string("vigie_socket"), NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_str_slot, NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(door_main_conf_t, socket), NULL },

    DOOR_LOC(TAKE1, "vigie", ngx_conf_set_enum_slot, mode, door_modes),
    DOOR_LOC(TAKE1, "vigie_professional", ngx_http_set_complex_value_slot,
             professional, NULL),
    DOOR_LOC(TAKE1, "vigie_session", ngx_http_set_complex_value_slot,
             session, NULL),
    DOOR_LOC(TAKE1, "vigie_auth_time", ngx_http_set_complex_value_slot,
             auth_time, NULL),
    DOOR_LOC(TAKE1, "vigie_service", ngx_conf_set_str_slot, service, NULL),
    DOOR_LOC(TAKE1, "vigie_controller", ngx_conf_set_str_slot, controller,
             NULL),
    DOOR_LOC(1MORE, "vigie_types", door_declared_types, types, NULL),
    DOOR_LOC(TAKE1, "vigie_rules", door_declared_rules, rules, NULL),
    DOOR_LOC(TAKE1, "vigie_person", ngx_http_set_complex_value_slot,
             person, NULL),
    DOOR_LOC(1MORE, "vigie_shows", door_declared_shows, shows, NULL),
    DOOR_LOC(TAKE1, "vigie_hold", ngx_conf_set_size_slot, hold, NULL),
    DOOR_LOC(TAKE1, "vigie_failure", ngx_conf_set_enum_slot, failure,
             door_failures),
    DOOR_LOC(TAKE1, "vigie_timeout", ngx_conf_set_msec_slot, timeout, NULL),
    DOOR_LOC(FLAG, "vigie_durable", ngx_conf_set_flag_slot, durable, NULL),
    DOOR_LOC(TAKE1, "vigie_private_cap", ngx_conf_set_num_slot, private_cap,
             NULL),
    DOOR_LOC(TAKE1, "vigie_worst_case", ngx_conf_set_num_slot, worst_case,
             NULL),
    DOOR_LOC(FLAG, "vigie_break_glass", ngx_conf_set_flag_slot, break_glass,
             NULL),
    DOOR_LOC(TAKE1, "vigie_reason", ngx_http_set_complex_value_slot, reason,
             NULL),
    DOOR_LOC(TAKE1, "vigie_contact", ngx_conf_set_str_slot, contact, NULL),
    DOOR_LOC(TAKE1, "vigie_login", ngx_conf_set_str_slot, login, NULL),
    ngx_null_command
};


static void *
door_create_main_conf(ngx_conf_t *cf)
{
    door_main_conf_t *mcf = ngx_pcalloc(cf->pool, sizeof(door_main_conf_t));

    if (mcf == NULL
        || ngx_array_init(&mcf->locations, cf->pool, 8,
                          sizeof(door_loc_conf_t *)) != NGX_OK)
    {
        return NULL;
    }

    return mcf;
}


static char *
door_init_main_conf(ngx_conf_t *cf, void *conf)
{
    door_main_conf_t *mcf = conf;
    ngx_str_t name = ngx_string("request_id");

    if (mcf->socket.len == 0) {
        ngx_str_set(&mcf->socket, "/run/vigie/door.sock");
    }

    if (mcf->socket.len >= sizeof(((struct sockaddr_un *) 0)->sun_path)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"vigie_socket\": the path is too long");
        return NGX_CONF_ERROR;
    }

    mcf->request_id = ngx_http_get_variable_index(cf, &name);

    return mcf->request_id == NGX_ERROR ? NGX_CONF_ERROR : NGX_CONF_OK;
}


static void *
door_create_loc_conf(ngx_conf_t *cf)
{
    door_loc_conf_t *lcf = ngx_pcalloc(cf->pool, sizeof(door_loc_conf_t));

    if (lcf == NULL) {
        return NULL;
    }

    lcf->mode = NGX_CONF_UNSET_UINT;
    lcf->failure = NGX_CONF_UNSET_UINT;
    lcf->hold = NGX_CONF_UNSET_SIZE;
    lcf->timeout = NGX_CONF_UNSET_MSEC;
    lcf->durable = NGX_CONF_UNSET;
    lcf->break_glass = NGX_CONF_UNSET;
    lcf->private_cap = NGX_CONF_UNSET_UINT;
    lcf->worst_case = NGX_CONF_UNSET_UINT;

    return lcf;
}


static char *
door_check(ngx_conf_t *cf, door_loc_conf_t *lcf)
{
    if (lcf->professional == NULL && lcf->session == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"vigie\" needs \"vigie_professional\" or "
                           "\"vigie_session\"");
        return NGX_CONF_ERROR;
    }

    if (lcf->service.len == 0 || lcf->service.len > ASK_NAME_BYTES_MAX
        || lcf->controller.len > ASK_NAME_BYTES_MAX)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"vigie\" needs \"vigie_service\", and names of "
                           "at most %d bytes", ASK_NAME_BYTES_MAX);
        return NGX_CONF_ERROR;
    }

    if (lcf->worst_case == 0 || lcf->worst_case > UINT32_MAX
        || lcf->private_cap > DOOR_PRIVATE_CAP_MAX
        || lcf->hold < DOOR_HOLD_BYTES_MIN)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"vigie_worst_case\" is never 0, "
                           "\"vigie_private_cap\" at most %d, "
                           "\"vigie_hold\" at least %d", DOOR_PRIVATE_CAP_MAX,
                           DOOR_HOLD_BYTES_MIN);
        return NGX_CONF_ERROR;
    }

    return door_declared_check(cf, lcf);
}


static char *
door_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    door_loc_conf_t *prev = parent, *lcf = child, **slot;
    door_main_conf_t *mcf;

    ngx_conf_merge_uint_value(lcf->mode, prev->mode, DOOR_OFF);
    ngx_conf_merge_str_value(lcf->service, prev->service, "");
    ngx_conf_merge_str_value(lcf->controller, prev->controller, "");
    ngx_conf_merge_str_value(lcf->contact, prev->contact, "");
    ngx_conf_merge_str_value(lcf->login, prev->login, "");
    ngx_conf_merge_size_value(lcf->hold, prev->hold, 1024 * 1024);
    ngx_conf_merge_uint_value(lcf->failure, prev->failure, DOOR_CLOSED);
    ngx_conf_merge_msec_value(lcf->timeout, prev->timeout, 2000);
    ngx_conf_merge_value(lcf->durable, prev->durable, 0);
    ngx_conf_merge_value(lcf->break_glass, prev->break_glass, 0);
    ngx_conf_merge_uint_value(lcf->private_cap, prev->private_cap, 20);
    ngx_conf_merge_uint_value(lcf->worst_case, prev->worst_case, 20);

    if (lcf->professional == NULL) {
        lcf->professional = prev->professional;
    }
    if (lcf->session == NULL) {
        lcf->session = prev->session;
    }
    if (lcf->auth_time == NULL) {
        lcf->auth_time = prev->auth_time;
    }
    if (lcf->reason == NULL) {
        lcf->reason = prev->reason;
    }

    if (door_declared_merge(cf, prev, lcf) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    if (lcf->mode == DOOR_OFF) {
        return NGX_CONF_OK;
    }

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_vigie_module);
    slot = ngx_array_push(&mcf->locations);
    if (slot == NULL) {
        return NGX_CONF_ERROR;
    }

    *slot = lcf;

    return door_check(cf, lcf);
}


static ngx_int_t
door_postconfiguration(ngx_conf_t *cf)
{
    ngx_http_core_main_conf_t *cmcf;
    ngx_http_handler_pt *h;

    /* Behind every module that says who asks, whatever "satisfy" says, and
     * for subrequests too: the access phase has none of the three. */
    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
    h = ngx_array_push(&cmcf->phases[NGX_HTTP_PRECONTENT_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = door_request_handler;
    door_hold_start();

    return NGX_OK;
}


static ngx_int_t
door_init_process(ngx_cycle_t *cycle)
{
    door_main_conf_t *mcf;

    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NGX_OK;
    }

    mcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_vigie_module);
    ngx_queue_init(&door_flight);
    if (mcf == NULL || mcf->locations.nelts == 0) {
        return NGX_OK;
    }

    if (hash_start() != OK) {
        return NGX_ERROR;
    }

    door_id_start();
    door_ask_start(mcf, cycle->log);
    door_refused_start(cycle->log);
    if (door_orders_start(cycle->log) != NGX_OK
        || door_cap_start(cycle->log) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return door_link_start(cycle, mcf);
}


static void
door_exit_process(ngx_cycle_t *cycle)
{
    (void) cycle;
    door_refused_stop();
    door_link_stop();
}


static ngx_http_module_t door_http = {
    NULL,
    door_postconfiguration,
    door_create_main_conf,
    door_init_main_conf,
    NULL,
    NULL,
    door_create_loc_conf,
    door_merge_loc_conf
};

ngx_module_t ngx_http_vigie_module = {
    NGX_MODULE_V1,
    &door_http,
    door_commands,
    NGX_HTTP_MODULE,
    NULL,
    NULL,
    door_init_process,
    NULL,
    NULL,
    door_exit_process,
    NULL,
    NGX_MODULE_V1_PADDING
};


static void
door_cleanup(void *data)
{
    door_ctx_t *ctx = data;

    door_ask_forget(ctx);
    ngx_queue_remove(&ctx->flight);
    door_held_free(ctx);
    door_label_give(ctx->label);
    ctx->label = NULL;
}


/* Redirects forget the contexts of all modules; the pool does not. */
door_ctx_t *
door_find(ngx_http_request_t *r)
{
    door_ctx_t *ctx = ngx_http_get_module_ctx(r, ngx_http_vigie_module);
    ngx_pool_cleanup_t *cln;

    if (ctx != NULL || !(r->internal || r->filter_finalize)) {
        return ctx;
    }

    for (cln = r->pool->cleanup; cln; cln = cln->next) {
        ctx = cln->data;

        if (cln->handler == door_cleanup && ctx->request == r) {
            ngx_http_set_ctx(r, ctx, ngx_http_vigie_module);
            return ctx;
        }
    }

    return NULL;
}


door_ctx_t *
door_create(ngx_http_request_t *r, door_loc_conf_t *conf)
{
    ngx_pool_cleanup_t *cln;
    door_ctx_t *ctx;

    cln = ngx_pool_cleanup_add(r->pool, sizeof(door_ctx_t));
    if (cln == NULL) {
        return NULL;
    }

    ctx = cln->data;
    ngx_memzero(ctx, sizeof(door_ctx_t));
    ctx->request = r;
    ctx->conf = conf;
    ctx->held_last = &ctx->held;
    ngx_queue_insert_tail(&door_flight, &ctx->flight);
    cln->handler = door_cleanup;
    ngx_http_set_ctx(r, ctx, ngx_http_vigie_module);

    return ctx;
}


static void
door_flight_end(door_ctx_t *ctx)
{
    ngx_uint_t before = ctx->asked && ctx->phase == ASK_BEFORE;

    door_ask_forget(ctx);
    ctx->decided = 1;
    ctx->decision = ANSWER_CUT;

    if (before) {
        door_request_resume(ctx);
    } else {
        door_hold_resume(ctx);
    }
}


void
door_flight_cut(void)
{
    ngx_queue_t *q = ngx_queue_head(&door_flight);
    door_ctx_t *ctx;
    int64_t since_s;

    while (q != ngx_queue_sentinel(&door_flight)) {
        ctx = ngx_queue_data(q, door_ctx_t, flight);
        q = ngx_queue_next(q);

        if (ctx->conf->mode != DOOR_ON
            || !((ctx->asked && ctx->phase == ASK_BEFORE)
                 || (!ctx->write && (ctx->state == DOOR_PASS
                                     || ctx->state == DOOR_HOLD)))
            || door_orders_verdict(ctx, &since_s) != VERDICT_CUT)
        {
            continue;
        }

        /* others of its connection may go with it: from the start */
        door_flight_end(ctx);
        q = ngx_queue_head(&door_flight);
    }
}
