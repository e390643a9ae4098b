/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The live demo's FHIR service: HTTP/1.1 on a socket that listens on loopback,
 * one request a connection, one connection at a time. Reads, searches
 * (_count, _offset, patient), $everything, letters, one kind of write. Requests
 * are read within fixed room and time. Must not know the door before it.
 */
#ifndef VIGIE_DEMO_FHIR_SERVICE_H
#define VIGIE_DEMO_FHIR_SERVICE_H

#include "base/buffer.h"
#include "base/text.h"
#include "demo/fhir_book.h"

#define FHIR_REQUEST_BYTES_MAX 65536

/* Serves until the process is ended. */
void fhir_service_run(int listener, struct fhir_book *book);
/* The answer to one request: a method, a target, a body. Appends the body to
 * `out` (cleared first) and gives the status. For tests, too. */
unsigned fhir_service_answer(struct fhir_book *book, struct text method,
                             struct text target, struct text body,
                             struct buffer *out);

/* The parts of a request as it was received, borrowed. E_END: not all of it is
 * there yet; E_LIMIT, E_FORMAT: it never will be. */
enum result fhir_service_split(struct text received, struct text *ret_method,
                               struct text *ret_target,
                               struct text *ret_body) MUST_USE;

#endif
