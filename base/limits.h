/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Every limit of the program in one place, each with its reason.
 */
#ifndef VIGIE_BASE_LIMITS_H
#define VIGIE_BASE_LIMITS_H

/* A buffer without a ceiling of its own: a run-away printer stops here. */
#define BUFFER_BYTES_MAX (256u << 20)

/* One record of a trail (one AuditEvent, one syslog message, one line).
 * The largest real ones seen are 15 kB; DICOM messages with long instance
 * lists reach hundreds of kB. */
#define RECORD_BYTES_MAX (4u << 20)

/* What is read of a file before its form is decided. */
#define FORM_SNIFF_BYTES (64u << 10)

/* Nesting of JSON and XML: FHIR stays under 20. */
#define JSON_DEPTH_MAX 128
#define XML_DEPTH_MAX 64

/* Attributes of one XML element: DICOM audit messages stay under 10. */
#define XML_ATTRIBUTES_MAX 64

/* Persons of one record: an AuditEvent has one, an ATNA message some. Past
 * it the record is refused, never cut. */
#define EVENT_PERSONS_MAX 64

/* One value of an event (identifier, address, device, URL). */
#define EVENT_VALUE_BYTES_MAX 4096

/* One packed event in the sorter: the sum of its values. */
#define EVENT_PACKED_BYTES_MAX (64u << 10)

/* Anonymous memory of the sorter before a run goes to disk. */
#define SORT_BUFFER_BYTES (32u << 20)

/* Sessions that core keeps in mind before it sweeps out the idle ones. */
#define SESSIONS_SWEEP_MIN 4096

/* Rows of one event: its persons, and a sighting, a token, joins. */
#define EVENT_ROWS_MAX (2 * EVENT_PERSONS_MAX + 4)

/* Uses of one request id for the same person that are told apart; past it
 * a record is counted under its own digest. */
#define REQUEST_USES_MAX 64

/* Events between two commits of an import: what a crash makes one read
 * again. */
#define COMMIT_EVENTS 131072

/* CSV: columns of one table. */
#define CSV_COLUMNS_MAX 512

/* Rules of one mapping file, and its size. */
#define MAPPING_RULES_MAX 256
#define CONF_BYTES_MAX (1u << 20)

/* Blocks inside blocks, and directives, of one configuration file: several
 * times what a region with hundreds of services writes. */
#define CONF_DEPTH_MAX 8
#define CONF_DIRECTIVES_MAX 16384

/* Earliest and latest year believed in a record; outside, the record is
 * refused (a wrong clock must not hide among the rows). */
#define EVENT_YEAR_MIN 1990
#define EVENT_YEAR_MAX 2100

/* How long a session may be silent and still be the same one: rotating
 * tokens, derived sessions, sightings said again (design: sessions). */
#define SESSION_IDLE_MINUTES 30

/* Signs of one alert that are kept and shown. */
#define ALERT_SIGNS_MAX 16

/* What the operator tells (--context, --campaigns, --lures): a file of a
 * region's whole roster for a year stays under 40 MB; lines are counted over
 * all files. */
#define CONTEXT_FILE_BYTES_MAX (64u << 20)
#define CONTEXT_LINES_MAX 2000000u
#define CONTEXT_FILES_MAX 256
#define CONTEXT_COLUMNS_MAX 8
/* One name in them: identifiers stay under 100 bytes. */
#define CONTEXT_NAME_BYTES_MAX 512
/* Refused lines told of one file: enough to mend it by. */
#define CONTEXT_REFUSALS_MAX 100
/* Each lure is looked up under the few names it may have. */
#define CONTEXT_LURES_MAX 100000u
/* Address databases side by side: country, anonymous networks, and spare. */
#define CONTEXT_MMDB_MAX 8
/* Free ones have some 100 MB, the largest sold ones under 2 GB. */
#define CONTEXT_MMDB_BYTES_MAX (4ull << 30)
/* The highest ceiling that an operator may set: it has to be a ceiling. */
#define CONTEXT_CEILING_MAX 1000000u

/* The labeller (label/): what one answer may hold before it is "unlabelled".
 * Nesting: FHIR stays under 20, and 64 are one word of bits. */
#define LABEL_DEPTH_MAX 64
/* Names of persons and of what may turn out to be one, between two windows:
 * a page of a search has some hundreds, two names each. */
#define LABEL_NAMES_MAX 4096
#define LABEL_NAME_BYTES_MAX (192u << 10)
/* Resources inside each other: a Bundle in a Bundle, contained in it. */
#define LABEL_RESOURCES_MAX 12
/* References of the resources that are open: a Group of a cohort. */
#define LABEL_REFERENCES_MAX 2048
/* A reference, a URL, an identifier that is read; FHIR's ids have 64
 * characters, some servers' more. */
#define LABEL_VALUE_BYTES_MAX 2048
#define LABEL_ID_BYTES_MAX 256
#define LABEL_URL_BYTES_MAX 512
/* Rules for JSON that is not FHIR, and the steps of their paths. */
#define LABEL_RULE_NODES_MAX 255

/* Containment (contain/): who saw whom, 16 bytes a pair: a region of 5,000
 * professionals with 2,000 persons each. Past it a known person counts as a
 * new one. */
#define CONTAIN_PAIRS_MAX 10000000u
/* Verdicts that stand at once; a bad week has some hundreds. */
#define CONTAIN_STANDINGS_MAX 65536u
/* Orders that core tells of, 120 bytes each; a region gives some a week. */
#define ORDERS_KEPT_MAX 16384u
/* Sessions under a step-up whose asks are counted, 360 bytes each. */
#define CONTAIN_UNANSWERED_MAX 4096u
/* Sessions, professionals and services with a budget of their own, 320 bytes
 * each: those of a region's day. */
#define CONTAIN_BUDGET_KEYS_MAX 65536u

/* The look-up's journal (ledger/lookup_journal.c), read whole at opening:
 * about 300,000 new names, at full load some seconds. */
#define LOOKUP_JOURNAL_BYTES_MAX (64u << 20)

/* Packets of one window of an answer: 16,384 persons. */
#define LIVE_PARTS_MAX 64
/* Sessions that `vigie sessions` can list; the longest idle one makes room. A
 * power of two. */
#define LIVE_SESSIONS_MAX 16384
/* (session, person) pairs by which their persons are counted. */
#define LIVE_VISITED_MAX 1000000u

/* The door (door/), of one worker. Standing cuts and step-ups: as many as
 * core has. */
#define DOOR_ORDERS_MAX CONTAIN_STANDINGS_MAX
/* Packets for core that wait for room in the socket, and their bytes: core
 * is behind by a second; past it, it counts as away. */
#define DOOR_QUEUE_BYTES_MAX (8u << 20)
/* Sessions whose private cap is kept, and the persons of one. */
#define DOOR_CAP_SESSIONS_MAX 1024
#define DOOR_PRIVATE_CAP_MAX 256
/* A batch that is sent is read up to this; a larger one may hold anything. */
#define DOOR_BATCH_BYTES_MAX (4u << 20)
/* Less than a window of this is held for nothing: FHIR resources are 1 kB. */
#define DOOR_HOLD_BYTES_MIN 4096

/* intake (proc/): one message of a syslog stream, one body of the feed, the
 * head of its request, connections at once, and what may wait for core: a
 * hospital's audit of some minutes. */
#define SYSLOG_FRAME_BYTES_MAX (1u << 20)
#define HTTP_BODY_BYTES_MAX RECORD_BYTES_MAX
#define HTTP_HEAD_BYTES_MAX (16u << 10)
#define INTAKE_CONNECTIONS_MAX 256
#define INTAKE_QUEUE_BYTES_MAX (8u << 20)
#define INTAKE_FOLLOWED_MAX 64

/* Accounts shown at the end of a replay. */
#define SUSPECTS_SHOWN 10

#endif
