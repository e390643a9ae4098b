/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The state of one labelling. Only label/ includes it. Everything is in here:
 * what label_begin does not clear is never read before it is written.
 *
 *   bytes → label_scan* (grammar, depth) → label_walk (which member is this)
 *         → label_fhir / label_rules (what does it show, of whom)
 *         → label_names (who is who)
 */
#ifndef VIGIE_LABEL_LABEL_STATE_H
#define VIGIE_LABEL_LABEL_STATE_H

#include "label/label.h"
#include "label/label_table.h"

#define LABEL_COLD __attribute__((cold, noinline))
#define LABEL_INDEX (2 * LABEL_NAMES_MAX) /* a power of two */
#define LABEL_INDEX_FIRST 256u            /* of it, at the beginning */
#define LABEL_NOBODY 0u                   /* the name of who is not nameable */

enum label_name_kind {
    LABEL_NAME_OPEN, /* may be a patient: not known yet */
    LABEL_NAME_PATIENT,
    LABEL_NAME_OTHER, /* known to be none */
};

/* A name; names of one person form a tree by `up`, its root stands for it. */
struct label_name {
    uint64_t hash;
    uint32_t text; /* in label->texts; length 0: kept by its hash alone */
    uint32_t identifier;
    uint16_t length;
    uint16_t identifier_length;
    uint16_t up;
    uint16_t seen;   /* categories, high byte: possible */
    uint16_t told;   /* of them, by label_window */
    uint16_t third;  /* third persons */
    uint16_t lonely; /* shown of nobody if it is no patient */
    uint32_t alias;  /* of the fullUrl that it stands under */
    uint8_t kind;
    uint8_t rank;   /* which of two names is shown */
    uint8_t strong; /* presumed a patient while it is open */
    uint8_t join;   /* was told, then joined: to be said */
};

struct label_pending {
    uint16_t name;
    uint8_t path;
    uint8_t flags;
};
#define LABEL_SHOWN 1 /* with a display */
#define LABEL_SELF 2  /* a contained person that nobody outside can name */

/* A resource that is open, or complete in an entry that is not. */
struct label_frame {
    uint64_t seen[LABEL_WORDS]; /* its members by key number */
    uint64_t serial;            /* names #… inside it */
    uint32_t pending;           /* its first reference */
    uint32_t identifier, ins;   /* in label->texts */
    uint16_t identifier_length, ins_length;
    uint16_t type;
    uint16_t extensions; /* categories by url */
    uint16_t third;
    uint8_t node;
    uint8_t typed, named; /* resourceType, id were there */
    uint8_t complete;
    uint8_t unknown;     /* a member that no table names */
    uint8_t nir, plain;  /* identifiers: a NIR, another one */
    uint8_t nir_address; /* MSSanté: the NIR of the person */
    uint8_t data;        /* of an attachment */
    uint8_t values;      /* Parameters that hold some */
    uint8_t url_given;
    uint16_t id_length, url_length; /* url: of the entry that is open */
    char id[LABEL_ID_BYTES_MAX];
    char url[LABEL_URL_BYTES_MAX];
};

/* The reference, or the identifier, that is open. */
struct label_value {
    uint16_t reference_length, system_length, value_length;
    uint8_t given;          /* members that were there, by bit */
    uint8_t patient, other; /* by Reference.type */
    uint8_t shown;
    uint8_t ins_type, billing; /* Identifier.type */
    uint8_t path;              /* of the reference */
    char reference[LABEL_VALUE_BYTES_MAX];
    char system[LABEL_VALUE_BYTES_MAX];
    char value[LABEL_VALUE_BYTES_MAX];
};

/* What was found in an entry of a Bundle: where the next one has the same
 * brackets, colons and names, the same is done with it (label_scan_shape.c). */
#define LABEL_SHAPES 64u
#define LABEL_SHAPE_WAYS 2u
#define LABEL_SHAPE_CODES 192u
#define LABEL_SHAPE_CHECKS 40u
#define LABEL_SHAPE_ACTS 56u
#define LABEL_SHAPE_BYTES 32u
/* However its brackets stand, an entry is not deeper. */
#define LABEL_SHAPE_DEPTH (LABEL_DEPTH_MAX / 2)

/* Bytes that have to be there. */
struct label_shape_check {
    uint8_t bytes[LABEL_SHAPE_BYTES];
    uint32_t others; /* the ones that do not matter, a bit each */
    uint8_t colon;   /* which bracket or colon */
    int8_t from;     /* where they are from it: before, or at it */
    uint8_t quote;   /* they begin with a quote, so far before it */
};

struct label_shape_act {
    uint8_t what, node, key;
    uint8_t at; /* which bracket or colon */
};

struct label_shape {
    uint8_t codes[LABEL_SHAPE_CODES];
    uint32_t codes_count, checks_count, acts_count;
    uint32_t last_type; /* the colon before the last resource's type */
    struct label_shape_act acts[LABEL_SHAPE_ACTS];
    struct label_shape_check checks[LABEL_SHAPE_CHECKS];
};

/* Where the byte scanner stands; label_scan.c names the states. */
struct label_scanner {
    uint64_t kinds;  /* bit 0: the open container is an object; above: outer */
    uint64_t offset; /* bytes taken so far */
    uint32_t depth;
    uint32_t pass; /* above 0: passed over while depth is at least this */
    uint8_t state;
    uint8_t key;  /* the string is a member's name */
    uint8_t take; /* the string (or number) is collected */
    uint8_t escaped;
    uint8_t left, low, high; /* UTF-8 */
    uint8_t literal;         /* which, and `left` of it */
    uint8_t lines;           /* a line end behind the last text */
    uint8_t mute;            /* looks for the error only */
    uint8_t member;          /* node of the value that is next */
    uint8_t nodes[LABEL_DEPTH_MAX + 1];
    uint32_t collected;
    char text[LABEL_VALUE_BYTES_MAX * 6];
};

struct label {
    /* cleared by label_prepare: they outlive a body */
    uint8_t shape_of[LABEL_SHAPES];    /* by its codes: 1 + which; 0: none */
    uint8_t shape_seen[LABEL_SHAPES];  /* such codes came, and were not noted */
    uint8_t shapes_count, shape_spare; /* the spare one is noted next */
    uint8_t shape_turn;                /* which of a pair is replaced */
    /* cleared by label_begin */
    enum label_body type;
    enum label_scan scan;
    const struct label_rules *rules;
    enum result failed;
    struct reason why;
    uint64_t settled;
    uint64_t serials;
    bool ruled; /* a rule fitted */
    uint32_t names_count, texts_length, pending_count, frames_count;
    uint32_t base_text, base_length; /* of the first server in a fullUrl */
    uint32_t index_length; /* a power of two; twice the names, or more */
    uint64_t seed;
    /* not cleared */
    struct label_scanner at;
    struct label_value value;
    uint16_t index[LABEL_INDEX]; /* cleared up to index_length */
    struct label_frame frames[LABEL_RESOURCES_MAX];
    struct label_pending pending[LABEL_REFERENCES_MAX];
    struct label_name names[LABEL_NAMES_MAX];
    struct label_shape shapes[LABEL_SHAPES + 1]; /* one is being noted */
    char texts[LABEL_NAME_BYTES_MAX];
    char scratch[LABEL_VALUE_BYTES_MAX * 3];
};

/* Notes the first failure; `at` in bytes from the start. */
enum result label_fail(struct label *label, enum result code, const char *rule,
                       const char *field, uint64_t at) LABEL_COLD;

/* -- label_names.c: who is who -- */
/* Nobody has a name but LABEL_NOBODY. */
void label_names_start(struct label *label);
/* Finds or adds. UINT32_MAX (and the failure noted) where a table is full.
 * `keep` stores the text: without it the name can be found, not shown. */
uint32_t label_name_of(struct label *label, uint64_t space, struct text text,
                       uint8_t rank, bool keep);
/* The same, 0 where it is not there. */
uint32_t label_name_find(const struct label *label, uint64_t space,
                         struct text text);
uint32_t label_name_root(struct label *label, uint32_t name);
/* Says that both are one person; the root that stands for it. */
uint32_t label_name_join(struct label *label, uint32_t a, uint32_t b);
/* What kind of thing the name is; moves what was seen of a presumed patient
 * to nobody where it is none. */
void label_name_is(struct label *label, uint32_t name,
                   enum label_name_kind kind);
/* Bytes kept in label->texts; UINT32_MAX where full. */
uint32_t label_text_keep(struct label *label, struct text text);
#define LABEL_RANK_LOCAL 0
#define LABEL_RANK_URN 1
#define LABEL_RANK_URL 2
#define LABEL_RANK_IDENTIFIER 3
#define LABEL_RANK_RELATIVE 4

/* -- label_walk.c: called by the scanners; node 0 is passed over -- */
/* The node of the member's value; the key is unescaped. */
uint8_t label_walk_member(struct label *label, uint8_t node, const char *key,
                          size_t length);
/* An object opens, closes at a node above 0. */
void label_walk_open(struct label *label, uint8_t node);
void label_walk_close(struct label *label, uint8_t node);
/* A string (unescaped) or, in ruled JSON, a number's text. */
void label_walk_value(struct label *label, uint8_t node, const char *bytes,
                      size_t length);
/* A text begins, is complete. */
uint8_t label_walk_start(struct label *label, bool object);
void label_walk_end(struct label *label);
/* True where strings at the node are read. */
bool label_walk_reads(const struct label *label, uint8_t node);

/* -- label_fhir.c -- */
void label_fhir_open(struct label *label, uint8_t node);
void label_fhir_complete(struct label *label);
/* Says what the top frame shows, of whom, and takes it off. */
void label_fhir_settle(struct label *label);
/* The same, the frame stays; not complete: for a window in the middle. */
void label_fhir_tell(struct label *label, uint32_t frame, bool complete);

/* -- label_reference.c -- */
/* The reference object, or the identifier of a person, is complete. */
void label_reference_close(struct label *label, uint8_t path);
void label_identifier_close(struct label *label);
/* The name of a person by what a reference says of it. */
uint32_t label_reference_name(struct label *label, struct text reference,
                              bool strong, bool patient);
/* resource_number(), sooner. */
uint16_t label_type_number(struct text name);
/* The categories that an extension shows by its url. */
uint16_t label_extension_shows(struct text url);
/* <INS>@patient.mssante.fr */
bool label_telecom_is_nir(struct text address);
/* A URL of a fullUrl that names a server: "https://s/fhir/Patient/1". */
bool label_reference_split(struct text reference, struct text *ret_base,
                           struct text *ret_relative, struct text *ret_type);

/* -- label_scan*.c -- */
void label_scan_start(struct label *label);
enum result label_scan_end(struct label *label);

#endif
