/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * --sources FILE: which host, site or OID is which service, of which
 * controller (FINESS), and whether using it reveals health by itself.
 * CSV with a header line: match,service,controller,context_reveals_health
 * (`;` serves as well; yes/oui/true/1 for the last; '#' starts a comment).
 */
#ifndef VIGIE_CORE_SOURCES_H
#define VIGIE_CORE_SOURCES_H

#include <stdbool.h>

#include "base/result.h"
#include "base/text.h"

struct sources;

struct source_entry {
    struct text match, service, controller; /* borrowed from the sources */
    bool context_reveals_health;
};

/* E_FORMAT with the line number in why->offset. */
enum result sources_parse(struct text text, struct reason *why,
                          struct sources **ret_sources) MUST_USE;
void sources_free(struct sources *sources);
/* By host (case does not matter; a port and a scheme are passed over), site
 * or OID ("urn:oid:" or not). NULL: unknown. */
const struct source_entry *sources_find(const struct sources *sources,
                                        struct text name);

#endif
