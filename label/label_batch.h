/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a body that is sent asks of a FHIR server: a batch or transaction may
 * read as well as write (HL7 FHIR R4, http.html#transaction). The labeller
 * reads it by rules of its own, bounded as ever; who sends it is hostile, so
 * that whatever cannot be told is taken for both. Knows no answer.
 *
 * Use: label_batch_begin, for every piece label_feed, label_batch_end.
 */
#ifndef VIGIE_LABEL_LABEL_BATCH_H
#define VIGIE_LABEL_LABEL_BATCH_H

#include "label/label.h"

enum label_batch {
    LABEL_BATCH_NONE,   /* JSON, and no Bundle */
    LABEL_BATCH_READS,  /* GET and HEAD alone */
    LABEL_BATCH_WRITES, /* no entry that reads */
    LABEL_BATCH_MIXED,  /* both, or it cannot be told */
};

void label_batch_begin(struct label *label);
enum label_batch label_batch_end(struct label *label);

#endif
