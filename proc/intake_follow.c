/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A batch of whole lines is read at a place, and the next one only when core
 * has answered all of it: the place then moves on. The position file names
 * inode and place, so that a file that was renamed meanwhile is found as
 * PATH.1 and read to its end first.
 */
#include "proc/intake_follow.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/say.h"

#define BATCHES_A_TICK 64

struct followed {
    const char *path;
    int fd;
    uint64_t inode, at; /* of what is open; all before `at` is stored */
    uint64_t next;      /* where `at` goes once nothing is pending */
    uint32_t pending;
    bool changed, looked; /* the position file was read */
};

struct intake_follow {
    const char *folder;
    size_t count;
    struct followed files[INTAKE_FOLLOWED_MAX];
    char bytes[SYSLOG_FRAME_BYTES_MAX];
};

enum result
intake_follow_new(const char *folder, const char *const *paths, size_t count,
                  struct intake_follow **ret_follow)
{
    struct intake_follow *follow;

    if (count > INTAKE_FOLLOWED_MAX)
        return E_LIMIT;
    follow = calloc(1, sizeof(*follow));
    if (follow == NULL)
        return E_NOMEM;
    follow->folder = folder;
    follow->count = count;
    for (size_t i = 0; i < count; i++)
        follow->files[i] = (struct followed){.path = paths[i], .fd = -1};
    *ret_follow = follow;
    return OK;
}

void
intake_follow_free(struct intake_follow *follow)
{
    if (follow == NULL)
        return;
    for (size_t i = 0; i < follow->count; i++)
        file_close(&follow->files[i].fd);
    free(follow);
}

/* Named by the path's digest: a path has slashes. */
static void
position_path(const struct intake_follow *follow, const struct followed *file,
              char out[4096])
{
    uint8_t digest[HASH_BYTES];
    char hex[33];

    hash_sha256(file->path, strlen(file->path), digest);
    hash_hex(digest, 16, hex);
    (void)snprintf(out, 4096, "%s/%s", follow->folder, hex);
}

static enum result
save(const struct intake_follow *follow, struct followed *file)
{
    char path[4096], text[64];
    int length = snprintf(text, sizeof(text), "%" PRIu64 " %" PRIu64 "\n",
                          file->inode, file->at);
    enum result result;

    position_path(follow, file, path);
    result = file_replace(path, text, (size_t)length, 0600);
    if (result == OK)
        file->changed = false;
    return result;
}

static bool
open_as(struct followed *file, const char *path)
{
    struct stat status;

    if (file_open(path, O_RDONLY | O_NONBLOCK, 0, &file->fd) != OK)
        return false;
    if (fstat(file->fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        file_close(&file->fd);
        return false;
    }
    file->inode = status.st_ino;
    file->at = file->next = 0;
    return true;
}

static void
open_first(const struct intake_follow *follow, struct followed *file)
{
    char path[4096];
    struct buffer text = {0};
    struct text inode, at;
    uint64_t old_inode = 0, old_at = 0;
    bool known;

    position_path(follow, file, path);
    known = file_load(path, 64, &text) == OK &&
            text_split(text_trim(buffer_as_text(&text)), ' ', &inode, &at) &&
            text_to_u64(inode, UINT64_MAX, &old_inode) == OK &&
            text_to_u64(at, INT64_MAX, &old_at) == OK;
    buffer_free(&text);
    if (known) {
        (void)snprintf(path, sizeof(path), "%s.1", file->path);
        if (open_as(file, file->path) && file->inode != old_inode) {
            file_close(&file->fd);
            if (open_as(file, path) && file->inode != old_inode)
                file_close(&file->fd);
        }
        if (file->fd >= 0)
            file->at = file->next = old_at;
    }
    file->looked = true;
}

static void
on_told(void *context, uint64_t token, bool stored)
{
    struct followed *file = context;

    (void)token;
    (void)stored; /* what can never be is no reason to stand still */
    if (file->pending > 0 && --file->pending == 0) {
        file->at = file->next;
        file->changed = true;
    }
}

static enum result
take_line(struct intake_loop *loop, struct followed *file, struct text line)
{
    const struct intake_owner owner = {on_told, file, 0};
    struct intake_parsed parsed;
    enum result result;

    line = text_trim(line);
    if (line.length == 0)
        return OK;
    result =
        intake_parse(loop->parser, INTAKE_LINE, line, loop->now_us, &parsed);
    if (result == OK) {
        file->pending += parsed.event_count;
        result = intake_hand_on(loop, &parsed, true, &owner);
    }
    if (result == OK && parsed.refused_count > 0)
        result = intake_refused(loop, line, parsed.refused_count, &parsed.why);
    return result;
}

/* *ret_more: something was read. */
static enum result
read_batch(struct intake_follow *follow, struct intake_loop *loop,
           struct followed *file, bool *ret_more)
{
    struct text rest = {follow->bytes, 0}, line;
    ssize_t got =
        pread(file->fd, follow->bytes, sizeof(follow->bytes), (off_t)file->at);
    const struct reason why = {.rule = "syslog-frame-max"};
    enum result result = OK;

    *ret_more = false;
    if (got <= 0)
        return OK;
    rest.length = (size_t)got;
    file->pending++; /* until all of the batch is handed on */
    while (result == OK && text_find_byte(rest, '\n') < rest.length) {
        (void)text_split(rest, '\n', &line, &rest);
        result = take_line(loop, file, line);
        *ret_more = true;
    }
    if (result == OK && !*ret_more && rest.length == sizeof(follow->bytes)) {
        result = intake_refused(loop, rest, 1, &why);
        rest.length = 0;
        *ret_more = true;
    }
    file->next = file->at + (uint64_t)got - rest.length;
    on_told(file, 0, true);
    return result;
}

/* At the end of what is open: is something else there by that name? */
static void
look_for_rotation(struct followed *file)
{
    struct stat named, open;

    if (fstat(file->fd, &open) != 0)
        return;
    if ((uint64_t)open.st_size < file->at) {
        file->at = file->next = 0; /* truncated: it starts again */
        file->changed = true;
        return;
    }
    if (stat(file->path, &named) != 0 || named.st_ino == open.st_ino)
        return;
    file_close(&file->fd);
    if (open_as(file, file->path))
        file->changed = true;
}

enum result
intake_follow_tick(struct intake_follow *follow, struct intake_loop *loop)
{
    enum result result = OK;

    for (size_t i = 0; i < follow->count && result == OK; i++) {
        struct followed *file = &follow->files[i];
        bool more = true;

        if (!file->looked)
            open_first(follow, file);
        if (file->fd < 0 && open_as(file, file->path))
            file->changed = true;
        for (int n = 0; n < BATCHES_A_TICK && more && file->fd >= 0 &&
                        file->pending == 0 && result == OK &&
                        intake_queue_room(loop->queue);
             n++)
            result = read_batch(follow, loop, file, &more);
        if (result == OK && !more && file->fd >= 0 && file->pending == 0)
            look_for_rotation(file);
        if (result == OK && file->changed && file->fd >= 0)
            result = save(follow, file);
    }
    return result;
}
