/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * URLs, query strings and whole requests as trails write them ("GET
 * /fhir/Patient/42 HTTP/1.1", "https://srv/fhir/Observation?patient=42",
 * "patient=42&_count=10", a POST with its body): split, decoded, and the FHIR
 * search conventions of who is named. Knows neither events nor the list of
 * resource types; never follows, never fetches.
 */
#ifndef VIGIE_CODEC_QUERY_H
#define VIGIE_CODEC_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/result.h"
#include "base/text.h"

/* Persons named by one request: as EVENT_PERSONS_MAX. */
#define QUERY_PERSONS_MAX 64

/* Splits a request or URL. *ret_path has neither method, scheme, host,
 * query nor fragment (a text that is only parameters, "a=b&c=d", gives the
 * empty path). *ret_parameters: behind '?', or the body of a POST _search;
 * may be empty. *ret_base: scheme and host as written, or empty. All borrow
 * `given`. */
void query_split(struct text given, struct text *ret_base,
                 struct text *ret_path, struct text *ret_parameters);
/* The next "name=value" ('&' or ';' between), still encoded; takes it off
 * *parameters. False at the end. Empty ones are passed over. */
bool query_next_parameter(struct text *parameters, struct text *ret_name,
                          struct text *ret_value);
/* The next path segment, still encoded; empty ones are passed over. */
bool query_next_segment(struct text *path, struct text *ret_segment);
/* Percent-decoding, and '+' to blank where `plus`. Borrowed where there is
 * nothing to decode, else appended to `scratch` (at most given.length bytes:
 * reserve beforehand where earlier texts live there). A '%' without two hex
 * digits stands for itself. */
enum result query_decode(struct text given, bool plus, struct buffer *scratch,
                         struct text *ret_text) MUST_USE;

/* Value of a hexadecimal digit, -1 for other bytes. */
int query_hex(char byte);

struct query_person {
    /* One of the two is set. Relative "Patient/42" or absolute, decoded; or
     * "system|value" / bare value of an identifier, decoded. */
    struct text reference;
    struct text identifier;
};

struct query {
    struct text base;      /* URL up to the type, "" where relative */
    struct text type;      /* last resource type named by the path, or "" */
    struct text id;        /* its id, or "" */
    struct text operation; /* "$everything" and the like, or "" */
    struct text method;    /* "GET", or "" where not given */
    bool search;   /* no id: a list was asked for (also Patient/1/Type) */
    bool history;  /* …/_history */
    bool criteria; /* parameters that select by something else than a
                      person (name, birthdate, code…) */
    uint32_t person_count;
    struct query_person persons[QUERY_PERSONS_MAX];
};

/* Reads a FHIR request: /Patient/42, /Patient/42/Observation,
 * /Patient?_id= and identifier=, patient=, subject=Patient/42,
 * subject:Patient=42, patient:identifier= and patient.identifier=,
 * beneficiary and the other parameters of the Patient compartment where the
 * value says Patient. Commas (not "\,") part several values. `known` tells
 * resource types from other path segments; NULL takes any word that starts
 * with a capital. Decoded texts are appended to `scratch` (reserved at once,
 * so that the texts of *ret_query stay; what the caller keeps there may move).
 * Where no type is found, type is empty and the parameters are still read.
 * E_LIMIT: more persons than QUERY_PERSONS_MAX. */
enum result query_read(struct text given, bool (*known)(struct text word),
                       struct buffer *scratch,
                       struct query *ret_query) MUST_USE;

#endif
