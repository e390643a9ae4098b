/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The checkpoints of a core that is at work: one every so many seconds where
 * there are new rows, one at the end; then on to each destination through
 * outside, which is not believed: what comes back is checked again. That none
 * can be signed or sent is said each time, and stops nothing: care goes on.
 */
#include <inttypes.h>
#include <string.h>

#include "base/say.h"
#include "base/time.h"
#include "core/evidence.h"
#include "ledger/note_check.h"
#include "ledger/proof_write.h"
#include "proc/core_loop.h"
#include "proc/seqpacket.h"
#include "wire/publish.h"

#define FIRST_US TIME_SECOND_US
#define RETRY_US TIME_MINUTE_US
/* outside gives up before; else it has died. */
#define FLIGHT_US (2 * TIME_MINUTE_US)
#define AGAIN_MAX 3
#define ANSWERS_AT_ONCE 16
#define RULE_SHOWN 60

static void
sign(struct core_loop *loop)
{
    struct reason why = {0};
    bool made = false;
    enum result result = core_checkpoint(live_core(loop->live), &why, &made);

    if (result != OK)
        say_error("core", _("PAGE: no checkpoint was signed: %s %s"),
                  _(result_name(result)), why.rule == NULL ? "" : why.rule);
}

/* "old N" and the hashes that lead from there to the checkpoint. */
static enum result
prove_from(struct core_loop *loop, const struct evidence_to *to, uint64_t size,
           struct buffer *out)
{
    struct prover *prover = NULL;
    struct proof proof = {.count = 0};
    enum result result =
        prover_new(loop->process->live->core.data_dir,
                   core_ledger(live_core(loop->live)), !to->compute, &prover);

    if (result == OK && to->known > 0)
        result = prove_consistency(prover, to->known, size, &proof);
    if (result == OK)
        result = buffer_format(out, "old %" PRIu64 "\n", to->known);
    if (result == OK)
        result = proof_write_hashes(&proof, out);
    prover_free(prover);
    return result;
}

static enum result
send_to(struct core_loop *loop, size_t i, struct text note, uint64_t size)
{
    struct evidence_to *to = &loop->to[i];
    struct buffer proof = {0};
    struct wire_publish publish = {
        .destination = (uint16_t)i, .size = size, .note = note};
    size_t length = 0;
    enum result result = OK;

    if (loop->process->destinations[i].kind == SETTINGS_WITNESS)
        result = prove_from(loop, to, size, &proof);
    publish.proof = buffer_as_text(&proof);
    if (result == OK)
        result = wire_publish_write(&publish, loop->packet, &length);
    if (result == OK)
        result = seqpacket_send(loop->process->outside, loop->packet, length);
    buffer_free(&proof);
    if (result == OK) {
        to->flying = size;
        to->next_us = loop->now_us + FLIGHT_US;
    } else {
        to->next_us = loop->now_us + RETRY_US;
    }
    return result;
}

static void
send_all(struct core_loop *loop)
{
    struct checkpoints *checkpoints = core_checkpoints(live_core(loop->live));
    uint64_t size = 0;
    struct text note;

    if (checkpoints == NULL || loop->process->outside < 0)
        return;
    note = checkpoints_latest(checkpoints, &size);
    for (size_t i = 0; i < loop->process->destination_count && size > 0; i++) {
        struct evidence_to *to = &loop->to[i];

        if (to->done >= size || loop->now_us < to->next_us)
            continue;
        if (send_to(loop, i, note, size) != OK)
            say_error("core", _("checkpoint-destination %zu: not sent"), i + 1);
    }
}

/* Letters, digits and hyphens: outside read it, a stranger may have made it. */
static void
complain(struct core_loop *loop, const struct wire_published *published)
{
    char rule[RULE_SHOWN + 1];
    size_t length = 0;

    while (length < published->bytes.length && length < RULE_SHOWN &&
           strchr("abcdefghijklmnopqrstuvwxyz0123456789-",
                  published->bytes.bytes[length]) != NULL &&
           published->bytes.bytes[length] != '\0')
        length++;
    memcpy(rule, published->bytes.bytes, length);
    rule[length] = '\0';
    loop->to[published->destination].next_us = loop->now_us + RETRY_US;
    loop->to[published->destination].compute = true;
    say_error("core", _("checkpoint-destination %u: %s (%llu)"),
              published->destination + 1u, rule,
              (unsigned long long)published->known);
}

static void
conflict(struct core_loop *loop, const struct wire_published *published)
{
    struct evidence_to *to = &loop->to[published->destination];

    if (published->known > published->size) {
        say_error("core",
                  _("PAGE: checkpoint-destination %u has seen a later state of "
                    "this ledger: it was set back, or a copy goes on "
                    "elsewhere"),
                  published->destination + 1u);
        to->next_us = loop->now_us + RETRY_US;
        return;
    }
    to->known = published->known;
    to->next_us = to->again < AGAIN_MAX ? 0 : loop->now_us + RETRY_US;
    to->again = to->again < AGAIN_MAX ? to->again + 1 : 0;
}

/* Checked again under the key of vigie.conf: core believes no other. */
static enum result
check_cosignature(const struct settings_destination *destination,
                  struct text latest, struct text lines)
{
    struct note_checked checked;
    struct note note, signatures;
    struct note_key key;
    enum result result = note_key_parse(text_of(destination->key), NULL, &key);

    if (result == OK)
        result = note_parse(latest, NULL, &note);
    if (result == OK)
        result = note_parse_signatures(lines, NULL, &signatures);
    if (result == OK && signatures.signature_count > 4)
        result = E_LIMIT;
    if (result == OK)
        result = note_check(note.text, &signatures, &key, 1, NULL, &checked);
    if (result == OK &&
        checked.lines != (UINT64_C(1) << signatures.signature_count) - 1)
        result = E_DENIED;
    return result;
}

static void
keep(struct core_loop *loop, const struct wire_published *published)
{
    const struct settings_destination *destination =
        &loop->process->destinations[published->destination];
    struct checkpoints *checkpoints = core_checkpoints(live_core(loop->live));
    struct evidence_to *to = &loop->to[published->destination];
    uint64_t size = 0;
    struct text latest = checkpoints_latest(checkpoints, &size);
    enum result result = OK;

    if (size == published->size && destination->kind == SETTINGS_WITNESS) {
        result = check_cosignature(destination, latest, published->bytes);
        if (result == OK)
            result = checkpoints_cosigned(checkpoints, size, published->bytes);
    }
    if (size == published->size && destination->kind == SETTINGS_TIMESTAMP)
        result = checkpoints_timestamped(checkpoints, size, published->bytes);
    if (result != OK) {
        say_error("core", _("checkpoint-destination %u: %s"),
                  published->destination + 1u, _(result_name(result)));
        to->next_us = loop->now_us + RETRY_US;
        return;
    }
    to->done = to->known = published->size;
    to->again = 0;
    to->next_us = 0;
    to->compute = false;
}

static void
take(struct core_loop *loop, size_t length)
{
    struct wire_published published;

    if (wire_published_read(loop->received, length, &published) != OK ||
        published.destination >= loop->process->destination_count ||
        published.size == 0 ||
        loop->to[published.destination].flying != published.size)
        return; /* of before a restart */
    loop->to[published.destination].flying = 0;
    if (published.outcome == PUBLISH_DONE)
        keep(loop, &published);
    else if (published.outcome == PUBLISH_CONFLICT)
        conflict(loop, &published);
    else
        complain(loop, &published);
}

enum result
evidence_read(struct core_loop *loop)
{
    for (int i = 0; i < ANSWERS_AT_ONCE; i++) {
        size_t length = 0;
        enum result result =
            seqpacket_receive(loop->process->outside, loop->received,
                              sizeof(loop->received), &length);

        if (result == OK)
            take(loop, length);
        else if (result != E_LIMIT)
            return OK; /* main keeps the other end: none is ever lost */
    }
    return OK;
}

void
evidence_turn(struct core_loop *loop)
{
    const int64_t every_us =
        (int64_t)loop->process->checkpoint_seconds * TIME_SECOND_US;

    if (every_us == 0)
        return;
    if (loop->checkpoint_us == 0)
        loop->checkpoint_us = loop->now_us + FIRST_US;
    /* a clock that was set back does not put it off for longer */
    if (loop->checkpoint_us > loop->now_us + every_us)
        loop->checkpoint_us = loop->now_us + every_us;
    if (loop->now_us >= loop->checkpoint_us) {
        loop->checkpoint_us = loop->now_us + every_us;
        sign(loop);
    }
    send_all(loop);
}

void
evidence_end(struct core_loop *loop)
{
    sign(loop);
}
