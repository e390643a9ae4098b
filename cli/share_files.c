/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/share_files.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/say.h"
#include "base/text.h"

#define DESCRIPTOR_MAX 1023

int
passphrase_fd_parse(const char *word)
{
    uint64_t number;

    return text_to_u64(text_of(word), DESCRIPTOR_MAX, &number) == OK
               ? (int)number
               : -1;
}

/* Byte by byte: what follows the line belongs to the next holder. */
static enum result
read_line(int fd, struct buffer *line)
{
    for (;;) {
        char byte = '\0';
        size_t got = 0;
        enum result result = file_read(fd, &byte, 1, &got);

        if (result != OK)
            return result;
        if (got == 0 && line->length == 0)
            return E_END;
        if (got == 0 || byte == '\n')
            return OK;
        result = buffer_byte(line, byte);
        if (result != OK)
            return result;
    }
}

static enum result
prompt(bool again, const char *holder, struct buffer *line)
{
    struct termios before, silent;
    char words[256];
    int fd = -1;
    enum result result = file_open("/dev/tty", O_RDWR | O_NOCTTY, 0, &fd);

    if (result != OK)
        return E_NOTFOUND;
    if (again)
        (void)snprintf(words, sizeof(words), _("Passphrase of %s, once more: "),
                       holder);
    else
        (void)snprintf(words, sizeof(words), _("Passphrase of %s: "), holder);
    if (tcgetattr(fd, &before) != 0)
        result = E_IO;
    if (result == OK) {
        silent = before;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        if (tcsetattr(fd, TCSAFLUSH, &silent) != 0)
            result = E_IO;
    }
    if (result == OK) {
        result = file_write(fd, words, strlen(words));
        if (result == OK)
            result = read_line(fd, line);
        (void)tcsetattr(fd, TCSAFLUSH, &before);
        if (result == OK)
            result = file_write(fd, "\n", 1);
    }
    file_close(&fd);
    return result;
}

static void
start(struct buffer *line)
{
    /* reserved at once: growing would leave copies behind */
    *line = (struct buffer){.ceiling = VAULT_PASSPHRASE_BYTES_MAX + 1};
}

static enum result
ask_twice(const char *command, const char *holder, struct buffer *line)
{
    struct buffer again;
    enum result result;

    start(&again);
    result = buffer_reserve(&again, VAULT_PASSPHRASE_BYTES_MAX + 1);
    if (result == OK)
        result = prompt(true, holder, &again);
    if (result == OK &&
        !text_equal(buffer_as_text(line), buffer_as_text(&again))) {
        say_error(command, "%s", _("the two passphrases differ"));
        result = E_ARGUMENT;
    }
    passphrase_free(&again);
    return result;
}

enum result
passphrase_ask(const char *command, int fd, const char *holder, bool twice,
               struct buffer *ret_passphrase)
{
    struct buffer line;
    enum result result;

    start(&line);
    result = buffer_reserve(&line, VAULT_PASSPHRASE_BYTES_MAX + 1);
    if (result == OK)
        result = fd >= 0 ? read_line(fd, &line) : prompt(false, holder, &line);
    if (result == E_NOTFOUND)
        say_error(command, "%s",
                  _("no terminal to ask for a passphrase on "
                    "(--passphrase-fd N reads one line a holder)"));
    else if (result == E_END || result == E_LIMIT || result == E_IO)
        say_error(command, "%s", _("the passphrase cannot be read"));
    if (result == OK && twice && line.length < VAULT_PASSPHRASE_BYTES_MIN) {
        say_error(command, _("a passphrase needs %d characters at least"),
                  VAULT_PASSPHRASE_BYTES_MIN);
        result = E_ARGUMENT;
    }
    if (result == OK && twice && fd < 0)
        result = ask_twice(command, holder, &line);
    if (result != OK) {
        passphrase_free(&line);
        return result;
    }
    *ret_passphrase = line;
    return OK;
}

void
passphrase_free(struct buffer *passphrase)
{
    if (passphrase->bytes != NULL)
        hash_wipe(passphrase->bytes, passphrase->length);
    buffer_free(passphrase);
}

/* ------------------------------------------------------------------ files */

static enum result
share_path(const char *folder, const char *holder, char path[4096])
{
    /* the name becomes a file's */
    if (strchr(holder, '/') != NULL || holder[0] == '.')
        return E_ARGUMENT;
    return snprintf(path, 4096, "%s/%s.share", folder, holder) < 4096 ? OK
                                                                      : E_LIMIT;
}

static enum result
write_share(const char *path, const uint8_t bytes[VAULT_SHARE_BYTES])
{
    int fd = -1;
    enum result result =
        file_open(path, O_WRONLY | O_CREAT | O_EXCL, 0600, &fd);

    if (result == OK)
        result = file_write(fd, bytes, VAULT_SHARE_BYTES);
    if (result == OK)
        result = file_sync_data(fd);
    file_close(&fd);
    return result == OK ? file_sync_folder(path) : result;
}

static enum result
load_share(const char *command, const char *path, struct buffer *ret_bytes,
           struct vault_share *ret_share)
{
    struct buffer bytes = {0};
    enum result result = file_load(path, VAULT_SHARE_BYTES, &bytes);

    if (result == OK)
        result = vault_share_read(bytes.bytes, bytes.length, ret_share);
    if (result == E_FORMAT || result == E_LIMIT)
        say_error(command, _("%s is no share of a vault"), path);
    else if (result != OK)
        say_error(command, "%s: %s", path, _(result_name(result)));
    if (result != OK) {
        buffer_free(&bytes);
        return result;
    }
    *ret_bytes = bytes;
    return OK;
}

/* What is on the disk opens, and makes the key: before vault.key goes. */
static enum result
try_files(char paths[VAULT_HOLDERS][4096],
          const struct text passphrases[VAULT_HOLDERS],
          const uint8_t private_key[KEY_BYTES])
{
    uint8_t halves[VAULT_HOLDERS][KEY_BYTES], joined[KEY_BYTES];
    struct vault_share share = {0};
    enum result result = OK;

    for (size_t i = 0; i < VAULT_HOLDERS && result == OK; i++) {
        struct buffer bytes = {0};

        result = file_load(paths[i], VAULT_SHARE_BYTES, &bytes);
        if (result == OK)
            result = vault_share_read(bytes.bytes, bytes.length, &share);
        if (result == OK)
            result = vault_share_open(bytes.bytes, bytes.length, passphrases[i],
                                      halves[i]);
        buffer_free(&bytes);
    }
    if (result == OK)
        result =
            vault_share_join(halves[0], halves[1], share.public_key, joined);
    if (result == OK && memcmp(joined, private_key, KEY_BYTES) != 0)
        result = E_CORRUPT;
    hash_wipe(halves, sizeof(halves));
    hash_wipe(joined, sizeof(joined));
    return result;
}

static enum result
make_files(const char *command, const uint8_t private_key[KEY_BYTES],
           const struct text holders[VAULT_HOLDERS],
           char paths[VAULT_HOLDERS][4096],
           const struct text passphrases[VAULT_HOLDERS])
{
    uint8_t shares[VAULT_HOLDERS][VAULT_SHARE_BYTES];
    size_t written = 0;
    enum result result = vault_share_make(private_key, holders, passphrases,
                                          &vault_cost_usual, shares);

    if (result == E_ARGUMENT)
        say_error(command, "%s",
                  _("two holders of different names are needed (at most 63 "
                    "bytes each)"));
    while (result == OK && written < VAULT_HOLDERS) {
        result = write_share(paths[written], shares[written]);
        if (result != OK)
            say_error(command, "%s: %s", paths[written],
                      _(result_name(result)));
        else
            written++;
    }
    if (result == OK) {
        result = try_files(paths, passphrases, private_key);
        if (result != OK)
            say_error(command, "%s", _("the shares do not open again"));
    }
    while (result != OK && written > 0) {
        if (file_unlink(paths[--written]) != OK)
            say_error(command, _("%s is of no use"), paths[written]);
    }
    return result;
}

enum result
share_files_make(const char *command, const uint8_t private_key[KEY_BYTES],
                 const char *const holders[VAULT_HOLDERS], const char *folder,
                 int passphrase_fd)
{
    char paths[VAULT_HOLDERS][4096];
    struct buffer given[VAULT_HOLDERS] = {{0}};
    struct text names[VAULT_HOLDERS], passphrases[VAULT_HOLDERS];
    enum result result = OK;

    for (size_t i = 0; i < VAULT_HOLDERS && result == OK; i++) {
        result = share_path(folder, holders[i], paths[i]);
        if (result != OK)
            say_error(command, "%s",
                      _("a holder's name becomes a file's: without /, not "
                        "beginning with a dot"));
    }
    for (size_t i = 0; i < VAULT_HOLDERS && result == OK; i++) {
        result =
            passphrase_ask(command, passphrase_fd, holders[i], true, &given[i]);
        names[i] = text_of(holders[i]);
        passphrases[i] = buffer_as_text(&given[i]);
    }
    if (result == OK)
        result = make_files(command, private_key, names, paths, passphrases);
    for (size_t i = 0; i < VAULT_HOLDERS; i++)
        passphrase_free(&given[i]);
    return result;
}

enum result
share_file_open(const char *command, const char *path, int passphrase_fd,
                struct vault_share *ret_share, uint8_t ret_half[KEY_BYTES])
{
    struct buffer bytes = {0}, passphrase = {0};
    struct vault_share share;
    enum result result = load_share(command, path, &bytes, &share);

    if (result != OK)
        return result;
    result = passphrase_ask(command, passphrase_fd, share.holder, false,
                            &passphrase);
    if (result == OK) {
        result = vault_share_open(bytes.bytes, bytes.length,
                                  buffer_as_text(&passphrase), ret_half);
        if (result != OK)
            say_error(command, "%s: %s", path,
                      result == E_DENIED ? _("this passphrase does not open it")
                                         : _(result_name(result)));
    }
    if (result == OK)
        *ret_share = share;
    passphrase_free(&passphrase);
    buffer_free(&bytes);
    return result;
}

enum result
share_files_open(const char *command, const char *const *paths, size_t count,
                 int passphrase_fd, const uint8_t *public_key,
                 uint8_t ret_private[KEY_BYTES])
{
    uint8_t halves[VAULT_HOLDERS][KEY_BYTES];
    struct vault_share shares[VAULT_HOLDERS] = {{0}};
    enum result result = OK;

    if (count != VAULT_HOLDERS) {
        say_error(command, "%s", _("the vault needs both shares (--share)"));
        return E_ARGUMENT;
    }
    for (size_t i = 0; i < count && result == OK; i++)
        result = share_file_open(command, paths[i], passphrase_fd, &shares[i],
                                 halves[i]);
    if (result == OK)
        result = vault_share_join(halves[0], halves[1],
                                  public_key != NULL ? public_key
                                                     : shares[0].public_key,
                                  ret_private);
    if (result == E_DENIED && shares[0].which != 0 && shares[1].which != 0)
        say_error(command, "%s",
                  _("these two are not the halves of this vault"));
    hash_wipe(halves, sizeof(halves));
    return result;
}
