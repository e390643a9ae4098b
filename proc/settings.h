/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie.conf (docs/run.md): what `vigie run` needs to know. Reads the whole
 * file and says every line that is wrong, not only the first. Looks at no
 * other file.
 */
#ifndef VIGIE_PROC_SETTINGS_H
#define VIGIE_PROC_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/limits.h"
#include "base/result.h"
#include "contain/contain.h"
#include "detect/detect.h"

#define OPERATORS_MAX 256
#define SETTINGS_TOLD_MAX 64
#define SETTINGS_BEHIND_MAX 128
#define SETTINGS_DESTINATIONS_MAX 16
#define SETTINGS_DEFAULT_PATH "/etc/vigie/vigie.conf"

enum settings_told_kind {
    SETTINGS_CONTEXT,
    SETTINGS_CAMPAIGNS,
    SETTINGS_LURES
};

struct settings_told {
    enum settings_told_kind kind;
    const char *path;
    uint32_t line;
};

struct settings_operator {
    const char *name;
    uint32_t line;
};

/* Where checkpoints go: docs/evidence.md. */
enum settings_destination_kind {
    SETTINGS_FILE,      /* place: a folder */
    SETTINGS_WITNESS,   /* place: a URL; key: its verifier key */
    SETTINGS_TIMESTAMP, /* place: a URL; key: a file of CAs */
};

struct settings_destination {
    enum settings_destination_kind kind;
    const char *place, *key;
};

struct settings_syslog {
    const char *address; /* NULL: none */
    uint16_t port;
    const char *certificate, *key; /* of syslog-tls */
    const char *ca;                /* of clients; NULL: they are not asked */
    bool required;                 /* no client without one */
};

/* Strings live as long as the settings. */
struct settings {
    const char *data, *keys;
    const char *door_socket, *door_group;
    const char *operator_socket, *operator_group;
    struct settings_syslog tls, plain;
    const char *feed, *feed_group; /* AuditEvent, behind nginx */
    const char *intake_folder;     /* positions of followed files */
    const char *followed[INTAKE_FOLLOWED_MAX];
    size_t followed_count;
    const char *behind_door[SETTINGS_BEHIND_MAX]; /* services */
    size_t behind_door_count;
    const char *user; /* whom the processes become, started as root */
    const char *timezone, *sources;
    uint32_t retention_months; /* 0: as usual */
    struct settings_operator operators[OPERATORS_MAX];
    size_t operator_count;
    struct settings_told told[SETTINGS_TOLD_MAX];
    size_t told_count;
    struct settings_destination destinations[SETTINGS_DESTINATIONS_MAX];
    size_t destination_count;
    uint32_t checkpoint_seconds; /* between two checkpoints */
    struct detect_options detect;
    struct contain_options contain;
    char *kept[512]; /* the strings */
    size_t kept_count;
};

struct settings_teller {
    void *context;
    void (*tell)(void *context, uint32_t line, const char *directive,
                 const char *what);
};

/* E_FORMAT where anything is wrong; all of it was told. */
enum result settings_parse(struct text text,
                           const struct settings_teller *teller,
                           struct settings **ret_settings) MUST_USE;
enum result settings_load(const char *path,
                          const struct settings_teller *teller,
                          struct settings **ret_settings) MUST_USE;
void settings_free(struct settings *settings);

#endif
