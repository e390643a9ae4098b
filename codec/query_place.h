/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A search, as trails write it, reduced to its place in an order: the first
 * letters of the name asked for, a birth date, an identifier's digits, a
 * page. Must not know sessions, nor what came before; keeps no text.
 */
#ifndef VIGIE_CODEC_QUERY_PLACE_H
#define VIGIE_CODEC_QUERY_PLACE_H

#include "base/text.h"
#include "model/query_step.h"

/* `query`: a request, a URL or parameters alone, as codec/query.h splits
 * them (FHIR R4 search, also chained and with modifiers, and the names that
 * hospital applications use: nom, prenom, ddn, ipp …). Where several orders
 * are in it: a page behind the first one of a search that is not about one
 * person; else a name, a birth date, an identifier; else the first page.
 * kind QUERY_NONE where it has none of them. Allocates nothing, never fails;
 * one pass over the text, a second one for pages. */
void query_place_of(struct text query, struct query_place *ret_place);

#endif
