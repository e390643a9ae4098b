/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What nginx looks up in a module's file: its modules, their names, and
 * before which filter they stand. Nothing else of the file is visible.
 */
#include "door/door.h"

#define DOOR_VISIBLE __attribute__((visibility("default")))

extern ngx_module_t *ngx_modules[];
extern char *ngx_module_names[];
extern char *ngx_module_order[];

DOOR_VISIBLE ngx_module_t *ngx_modules[] = {
    &ngx_http_vigie_module,
    NULL
};

DOOR_VISIBLE char *ngx_module_names[] = {
    (char *) "ngx_http_vigie_module",
    NULL
};

/* The whole body passes here as upstream sent it, uncompressed. */
DOOR_VISIBLE char *ngx_module_order[] = {
    (char *) "ngx_http_vigie_module",
    (char *) "ngx_http_copy_filter_module",
    NULL
};
