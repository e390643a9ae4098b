/* SPDX-License-Identifier: EUPL-1.2 */
#include "proc/outside_process.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/say.h"
#include "proc/outside_send.h"
#include "proc/sandbox.h"
#include "proc/seqpacket.h"

/* Names, resolvers and certificates lie there. */
static const char *const system_folders[] = {"/etc", "/usr", "/run",
                                             "/var/lib/ca-certificates"};
#define SYSTEM_FOLDERS (sizeof(system_folders) / sizeof(system_folders[0]))
#define READABLE_MAX (SYSTEM_FOLDERS + SETTINGS_DESTINATIONS_MAX)

static enum result
confine(const struct settings *settings)
{
    static char kept[SETTINGS_DESTINATIONS_MAX][4096];
    const char *readable[READABLE_MAX];
    struct sandbox sandbox = {.readable = readable, .network = true};
    size_t folders = 0;

    for (size_t i = 0; i < SYSTEM_FOLDERS; i++) {
        if (access(system_folders[i], F_OK) == 0)
            readable[sandbox.readable_count++] = system_folders[i];
    }
    for (size_t i = 0; i < settings->destination_count; i++) {
        const struct settings_destination *to = &settings->destinations[i];
        const char *slash;

        if (to->kind == SETTINGS_FILE) {
            if (folders == SANDBOX_FOLDERS_MAX)
                return E_LIMIT;
            sandbox.folders[folders++] = to->place;
        } else if (to->kind == SETTINGS_TIMESTAMP) {
            slash = strrchr(to->key, '/');
            (void)snprintf(kept[i], sizeof(kept[i]), "%.*s",
                           slash == to->key ? 1 : (int)(slash - to->key),
                           to->key);
            readable[sandbox.readable_count++] = kept[i];
        }
    }
    return sandbox_enter(&sandbox);
}

static enum result
take(int core, const struct settings *settings, const uint8_t *received,
     size_t length, struct buffer *room)
{
    static uint8_t packet[WIRE_PACKET_BYTES_MAX];
    struct wire_published published;
    struct wire_publish publish;
    size_t bytes = 0;

    if (wire_publish_read(received, length, &publish) != OK ||
        publish.destination >= settings->destination_count) {
        say_error("outside", "%s",
                  _("core sent what makes no sense: it is passed over"));
        return OK;
    }
    outside_send(&settings->destinations[publish.destination], &publish, room,
                 &published);
    if (wire_published_write(&published, packet, &bytes) != OK)
        return E_LIMIT;
    return seqpacket_send(core, packet, bytes);
}

enum result
outside_process_run(int core, const struct settings *settings)
{
    static uint8_t received[WIRE_PACKET_BYTES_MAX];
    struct buffer room = {0};
    enum result result = outside_start();

    if (result == E_NOTFOUND)
        say_error("outside", "%s",
                  _("libcurl is not here (Debian's libcurl4)"));
    if (result == OK)
        result = confine(settings);
    while (result == OK) {
        struct pollfd polled = {.fd = core, .events = POLLIN};
        size_t length = 0;

        if (poll(&polled, 1, -1) < 0 && errno != EINTR)
            result = E_IO;
        if (result == OK)
            result =
                seqpacket_receive(core, received, sizeof(received), &length);
        if (result == E_NOTFOUND || result == E_LIMIT)
            result = OK;
        else if (result == OK)
            result = take(core, settings, received, length, &room);
    }
    buffer_free(&room);
    return result == E_END ? OK : result;
}
