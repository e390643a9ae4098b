/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What leaves the machine with a checkpoint: a file, a question to a witness,
 * to a timestamp authority. Answers are hostile: bounded, read and checked
 * here, before core sees a byte of them.
 */
#ifndef VIGIE_PROC_OUTSIDE_SEND_H
#define VIGIE_PROC_OUTSIDE_SEND_H

#include "base/buffer.h"
#include "base/result.h"
#include "proc/settings.h"
#include "wire/publish.h"

/* Once a process. */
enum result outside_start(void) MUST_USE;
/* Never fails: what went wrong is the outcome. `room` keeps what the outcome
 * borrows. */
void outside_send(const struct settings_destination *destination,
                  const struct wire_publish *publish, struct buffer *room,
                  struct wire_published *ret_published);

/* What a witness answered to a checkpoint. E_FORMAT, E_LIMIT, E_DENIED. */
enum result outside_witness_read(const char *vkey, struct text note,
                                 unsigned status, struct text body,
                                 struct reason *why, struct buffer *room,
                                 struct wire_published *published) MUST_USE;

#endif
