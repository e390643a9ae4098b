/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Sessions under a step-up: how often new persons were refused to them, since
 * when, and how many they went on asking for. One screen that asks for the
 * same list again and again is no more than one ask; neither is a page that
 * opens ten at once. Bounded; the longest silent session makes room. Knows no
 * verdict and no name.
 */
#ifndef VIGIE_CONTAIN_UNANSWERED_H
#define VIGIE_CONTAIN_UNANSWERED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

/* Persons told apart for one session: more is not needed to decide. */
#define UNANSWERED_PERSONS_MAX 32
/* Asks nearer to each other are one: a page that loads. */
#define UNANSWERED_APART_US (10 * (int64_t)1000000)

struct unanswered;

struct unanswered_counts {
    uint32_t refused; /* asks for new persons, 10 s apart */
    uint32_t asks;    /* the same, and those that were let in since the first
                         refusal */
    uint32_t persons; /* new ones in them */
    int64_t first_us; /* of the first refusal */
    int64_t last_us;  /* of the last ask that counted */
    bool spared;
};

enum result unanswered_new(size_t sessions,
                           struct unanswered **ret_unanswered) MUST_USE;
void unanswered_free(struct unanswered *unanswered);
/* A person whom the account had not seen was asked for under the step-up of
 * `since_us`; another step-up starts anew. */
void unanswered_ask(struct unanswered *unanswered, uint64_t session,
                    uint64_t professional, int64_t since_us, uint64_t person,
                    bool refused, int64_t time_us);
/* An operator said that the session (0: all of the professional) goes on. */
void unanswered_spare(struct unanswered *unanswered, uint64_t session,
                      uint64_t professional);
/* All 0 where nothing was refused under that step-up. */
struct unanswered_counts unanswered_of(const struct unanswered *unanswered,
                                       uint64_t session, int64_t since_us);

#endif
