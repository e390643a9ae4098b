/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Labellers of this worker that wait for the next answer. One is larger than
 * malloc keeps, and most of it stays untouched.
 */
#include "door/door.h"

#define DOOR_LABELS_KEPT 32

static struct label *door_labels[DOOR_LABELS_KEPT];
static ngx_uint_t door_labels_count;


struct label *
door_label_take(ngx_log_t *log)
{
    struct label  *label;

    if (door_labels_count > 0) {
        return door_labels[--door_labels_count];
    }

    label = ngx_memalign(64, label_bytes(), log);
    if (label != NULL) {
        label_prepare(label);
    }

    return label;
}


void
door_label_give(struct label *label)
{
    if (label == NULL) {
        return;
    }

    if (door_labels_count < DOOR_LABELS_KEPT) {
        door_labels[door_labels_count++] = label;
        return;
    }

    ngx_free(label);
}
