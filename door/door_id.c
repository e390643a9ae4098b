/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * $request_id, made here where nobody made it yet: nginx takes each from
 * OpenSSL's generator, which costs more than all else that the module does
 * with a short answer. A keyed hash of a counter is as little to be guessed.
 * Whoever reads the variable afterwards (logs, a header for upstream) reads
 * this one.
 */
#include "door/door.h"

#include "base/hash.h"

#define DOOR_ID_BYTES 16

static uint8_t door_id_key[16];
static uint64_t door_id_count;


void
door_id_start(void)
{
    hash_random(door_id_key, sizeof(door_id_key));
}


void
door_id_make(ngx_http_request_t *r, ngx_uint_t index)
{
    ngx_http_variable_value_t *vv = &r->variables[index];
    struct hash128 hash;
    u_char *id;

    if (vv->valid || vv->not_found) {
        return;
    }

    id = ngx_pnalloc(r->pool, 2 * DOOR_ID_BYTES + 1);
    if (id == NULL) {
        return;
    }

    door_id_count++;
    hash = hash_sip(door_id_key, &door_id_count, sizeof(door_id_count));
    hash_hex((uint8_t *) &hash, DOOR_ID_BYTES, (char *) id);

    vv->data = id;
    vv->len = 2 * DOOR_ID_BYTES;
    vv->valid = 1;
    vv->no_cacheable = 0;
    vv->not_found = 0;
}
