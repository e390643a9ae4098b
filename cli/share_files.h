/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Passphrases and the two share files of a vault. What fails is said here, on
 * stderr: never a passphrase, never a half.
 */
#ifndef VIGIE_CLI_SHARE_FILES_H
#define VIGIE_CLI_SHARE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/result.h"
#include "ledger/vault_share.h"

/* The next line of the descriptor, or, where fd is -1, asked for on the
 * terminal without echo; `twice` asks there again. To be wiped. */
enum result passphrase_ask(const char *command, int fd, const char *holder,
                           bool twice, struct buffer *ret_passphrase) MUST_USE;
void passphrase_free(struct buffer *passphrase); /* wipes */

/* Two new shares of the private half: `folder`/NAME.share, 0600, never over
 * one that is there. Both are read again and opened before it is OK. */
enum result share_files_make(const char *command,
                             const uint8_t private_key[KEY_BYTES],
                             const char *const holders[VAULT_HOLDERS],
                             const char *folder, int passphrase_fd) MUST_USE;
/* One share: what it says, and its half. */
enum result share_file_open(const char *command, const char *path,
                            int passphrase_fd, struct vault_share *ret_share,
                            uint8_t ret_half[KEY_BYTES]) MUST_USE;
/* Both, one after the other; `public_key` NULL: the pair that they name. */
enum result share_files_open(const char *command, const char *const *paths,
                             size_t count, int passphrase_fd,
                             const uint8_t *public_key,
                             uint8_t ret_private[KEY_BYTES]) MUST_USE;
/* "--passphrase-fd N". -1 where it is no descriptor. */
int passphrase_fd_parse(const char *word);

#endif
