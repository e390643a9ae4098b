/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Looks as the user that the processes become: rights are reckoned from the
 * modes, since doctor may run as root, to whom everything is open.
 */
#include "proc/doctor.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/say.h"
#include "base/time.h"
#include "proc/operator_client.h"
#include "proc/sandbox.h"
#include "proc/seqpacket.h"
#include "proc/settings.h"

struct looking {
    const char *conf_path;
    const struct doctor_teller *teller;
    size_t found;
    uid_t uid;
    gid_t gid;
};

static void found(struct looking *looking, const char *what, const char *format,
                  ...) __attribute__((format(printf, 3, 4)));

static void
found(struct looking *looking, const char *what, const char *format, ...)
{
    char why[1024];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(why, sizeof(why), format, arguments);
    va_end(arguments);
    looking->found++;
    looking->teller->found(looking->teller->context, what, why);
}

static void
on_wrong(void *context, uint32_t line, const char *directive, const char *what)
{
    struct looking *looking = context;

    if (line == 0)
        found(looking, looking->conf_path, "%s: %s", directive, _(what));
    else
        found(looking, looking->conf_path, _("line %u: %s: %s"), line,
              directive, _(what));
}

static void
look_at_users(struct looking *looking, const struct settings *settings)
{
    looking->uid = geteuid();
    looking->gid = getegid();
    if (settings->user != NULL && geteuid() == 0) {
        const struct passwd *user = getpwnam(settings->user);

        if (user == NULL) {
            found(looking, looking->conf_path, _("no such user: %s"),
                  settings->user);
        } else {
            looking->uid = user->pw_uid;
            looking->gid = user->pw_gid;
        }
    } else if (settings->user == NULL && geteuid() == 0) {
        found(looking, looking->conf_path, "%s",
              _("user: is not given: started as root, core stays root"));
    }
    if (settings->operator_count == 0)
        found(looking, looking->conf_path, "%s",
              _("operators: nobody can cut or restore"));
    for (size_t i = 0; i < settings->operator_count; i++) {
        if (getpwnam(settings->operators[i].name) == NULL)
            found(looking, looking->conf_path, _("line %u: no such user: %s"),
                  settings->operators[i].line, settings->operators[i].name);
    }
}

static bool
may(const struct looking *looking, const struct stat *status, unsigned rights)
{
    unsigned mode = (unsigned)status->st_mode;

    if (looking->uid == 0)
        return true;
    if (status->st_uid == looking->uid)
        return (mode >> 6 & rights) == rights;
    if (status->st_gid == looking->gid)
        return (mode >> 3 & rights) == rights;
    return (mode & rights) == rights;
}

/* True where the folder, or the nearest one above it that is there, can be
 * looked at. */
static void
look_at_folder(struct looking *looking, const char *what, const char *path)
{
    struct stat status;

    if (path == NULL)
        return;
    if (stat(path, &status) != 0) {
        if (errno != ENOENT)
            found(looking, path, "%s: %s", what, strerror(errno));
        else if (geteuid() != 0)
            found(looking, path, _("%s: the folder is not there"), what);
        return; /* root makes it */
    }
    if (!S_ISDIR(status.st_mode))
        found(looking, path, _("%s: is no folder"), what);
    else if (!may(looking, &status, 7) && geteuid() != 0)
        found(looking, path, _("%s: uid %u may not write there"), what,
              (unsigned)looking->uid);
    else if ((status.st_mode & 0007) != 0)
        found(looking, path, _("%s: others may look into it (chmod 0700)"),
              what);
}

/* Files that another user made there (an import as root) cannot be opened. */
static void
look_at_own(struct looking *looking, const char *what, const char *folder,
            const char *name)
{
    char path[4096];
    struct stat status;

    if (folder == NULL ||
        snprintf(path, sizeof(path), "%s/%s", folder, name) >=
            (int)sizeof(path) ||
        stat(path, &status) != 0)
        return; /* it is made */
    if (status.st_uid != looking->uid)
        found(looking, path, _("%s: belongs to uid %u, core runs as %u"), what,
              (unsigned)status.st_uid, (unsigned)looking->uid);
}

/* What opens every person's name belongs to two holders, not here. */
static void
look_at_vault(struct looking *looking, const struct settings *settings)
{
    char path[4096];
    struct stat status;

    if (settings->keys != NULL &&
        snprintf(path, sizeof(path), "%s/vault.key", settings->keys) <
            (int)sizeof(path) &&
        stat(path, &status) == 0)
        found(looking, path, "%s",
              _("the key of all persons' names lies on this machine: vigie "
                "vault split gives its halves to two holders"));
}

static void
look_at_keys(struct looking *looking, const struct settings *settings)
{
    size_t length = settings->data == NULL ? 0 : strlen(settings->data);

    look_at_folder(looking, "data", settings->data);
    look_at_folder(looking, "keys", settings->keys);
    look_at_own(looking, "data", settings->data, "ledger");
    look_at_own(looking, "data", settings->data, "lookup");
    look_at_own(looking, "keys", settings->keys, "machine.key");
    look_at_vault(looking, settings);
    if (settings->data != NULL && settings->keys != NULL &&
        strncmp(settings->keys, settings->data, length) == 0 &&
        (settings->keys[length] == '/' || settings->keys[length] == '\0'))
        found(looking, settings->keys, "%s",
              _("keys: lie inside the data folder, and go into its backups"));
}

static void
look_at_socket(struct looking *looking, const char *what, const char *path,
               const char *group)
{
    char folder[4096];
    struct stat status;
    char *slash;

    if (path == NULL)
        return;
    if (group != NULL && getgrnam(group) == NULL)
        found(looking, looking->conf_path, _("%s: no such group: %s"), what,
              group);
    if (strlen(path) > 100 || strlen(path) >= sizeof(folder)) {
        found(looking, path, _("%s: the path is too long for a socket"), what);
        return;
    }
    (void)strcpy(folder, path);
    slash = strrchr(folder, '/');
    *(slash == folder ? slash + 1 : slash) = '\0';
    if (stat(folder, &status) != 0)
        found(looking, folder, _("%s: the folder is not there"), what);
    else if (access(folder, W_OK | X_OK) != 0)
        found(looking, folder, _("%s: uid %u may not write there"), what,
              (unsigned)geteuid());
    if (lstat(path, &status) == 0 && !S_ISSOCK(status.st_mode))
        found(looking, path, _("%s: something that is no socket is there"),
              what);
}

static void
look_at_files(struct looking *looking, const struct settings *settings)
{
    if (settings->sources != NULL && access(settings->sources, R_OK) != 0)
        found(looking, settings->sources, "sources: %s", strerror(errno));
    for (size_t i = 0; i < settings->told_count; i++) {
        if (access(settings->told[i].path, R_OK) != 0)
            found(looking, looking->conf_path, _("line %u: %s: %s"),
                  settings->told[i].line, settings->told[i].path,
                  strerror(errno));
    }
    if (settings->timezone != NULL && time_zone_set(settings->timezone) != OK)
        found(looking, settings->timezone, "%s", _("no such time zone"));
}

static void
look_at_intake(struct looking *looking, const struct settings *settings)
{
    const char *files[] = {settings->tls.certificate, settings->tls.key,
                           settings->tls.ca};

    look_at_folder(looking, "intake-folder", settings->intake_folder);
    look_at_socket(looking, "audit-feed", settings->feed, settings->feed_group);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if (files[i] != NULL && access(files[i], R_OK) != 0)
            found(looking, files[i], "syslog-tls: %s", strerror(errno));
    }
    for (size_t i = 0; i < settings->followed_count; i++) {
        struct stat status;

        if (stat(settings->followed[i], &status) != 0)
            found(looking, settings->followed[i], "follow: %s",
                  strerror(errno));
        else if (!may(looking, &status, 4))
            found(looking, settings->followed[i], "follow: %s",
                  strerror(EACCES));
    }
}

static bool
am_operator(const struct settings *settings)
{
    for (size_t i = 0; i < settings->operator_count; i++) {
        const struct passwd *user = getpwnam(settings->operators[i].name);

        if (user != NULL && user->pw_uid == geteuid())
            return true;
    }
    return false;
}

static enum result
on_posture(void *context, struct text line)
{
    static const char name[] = "\"glass_overdue\":";
    struct looking *looking = context;
    size_t at = text_find(line, name);

    if (at < line.length && line.bytes[at + sizeof(name) - 1] != '0')
        found(looking, "break-glass", "%s",
              _("uses that nobody reviewed within a day (vigie orders "
                "--break-glass)"));
    return OK;
}

/* What a core that runs says of itself, where this user may ask. */
static void
look_at_running(struct looking *looking, const struct settings *settings)
{
    const struct wire_command command = {.kind = COMMAND_POSTURE};
    enum result outcome;

    if (settings->operator_socket != NULL && am_operator(settings))
        (void)!operator_client_ask(settings->operator_socket, &command, looking,
                                   on_posture, &outcome);
}

enum result
doctor_look(const char *conf_path, const struct doctor_teller *teller,
            size_t *ret_found)
{
    struct looking looking = {.conf_path = conf_path, .teller = teller};
    const struct settings_teller wrong = {&looking, on_wrong};
    struct settings *settings = NULL;
    enum result result = settings_load(conf_path, &wrong, &settings);

    if (result == OK) {
        look_at_users(&looking, settings);
        look_at_keys(&looking, settings);
        look_at_socket(&looking, "door", settings->door_socket,
                       settings->door_group);
        look_at_socket(&looking, "operator-socket", settings->operator_socket,
                       settings->operator_group);
        look_at_files(&looking, settings);
        look_at_intake(&looking, settings);
        look_at_running(&looking, settings);
        if (!sandbox_has_landlock())
            found(&looking, "landlock", "%s",
                  _("the kernel lacks it: core's files are guarded by its "
                    "user alone"));
    }
    settings_free(settings);
    if (result == OK || result == E_FORMAT) {
        *ret_found = looking.found;
        return OK;
    }
    return result;
}
