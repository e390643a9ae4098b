/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Other JSON, by declared rules (label_rules.h). Only label/ includes it. A
 * node is a step's number and one; 0 is passed over.
 */
#ifndef VIGIE_LABEL_LABEL_RULED_H
#define VIGIE_LABEL_LABEL_RULED_H

#include "label/label_state.h"

uint8_t label_ruled_start(struct label *label);
uint8_t label_ruled_member(struct label *label, uint8_t node, const char *key,
                           size_t length);
void label_ruled_open(struct label *label, uint8_t node);
void label_ruled_close(struct label *label, uint8_t node);
void label_ruled_value(struct label *label, uint8_t node, struct text text);
bool label_ruled_reads(const struct label *label, uint8_t node);
/* No more bytes: where no rule fitted, it is unclassified. */
void label_ruled_end(struct label *label);

#endif
