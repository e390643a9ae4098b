/* SPDX-License-Identifier: EUPL-1.2 */
/* A sign in words: what was seen, and what is usual. Numbers and durations
 * only; no name ever comes here. */
#include <stdio.h>

#include "base/say.h"
#include "base/time.h"
#include "detect/detect.h"
#include "model/query_step.h"

/* Index: enum sign_code. JSON contract: never change a word. */
static const char *const names[] = {
    "none",
    "new-persons-unfamiliar-context",
    "pace-day",
    "pace-hour",
    "ceiling",
    "device-new",
    "network-new",
    "hour-unusual",
    "new-share",
    "identity-only",
    "search-share",
    "regular-step",
    "dormant",
    "shared-context",
    "login-failures",
    "known-persons",
    "familiar-context",
    "writes",
    "concurrent",
    "enumeration",
    "lure",
    "holder-gone",
    "off-duty",
    "on-duty",
    "address-kind",
    "own-site",
    "campaign",
    "peers",
    "strangers-in-a-row",
    "bypass",
};

const char *
sign_name(uint16_t code)
{
    return code < sizeof(names) / sizeof(*names) ? names[code] : "unknown";
}

/* "40 min", "3 h", "2 j": as a person would say it. */
static void
duration(uint32_t minutes, char out[32])
{
    if (minutes < 120)
        snprintf(out, 32, _("%u min"), minutes);
    else if (minutes <= 48 * 60)
        snprintf(out, 32, _("%u h"), (minutes + 30) / 60);
    else
        snprintf(out, 32, _("%u days"), (minutes + 720) / 1440);
}

static enum result
unfamiliar_text(const struct sign *s, struct buffer *out)
{
    char time[32];
    duration(s->window, time);
    if (s->observed == 1)
        return buffer_format(out,
                             _("1 person never seen before, from a place that is "
                               "not the account's own (cap: %u)"),
                             s->usual);
    return buffer_format(
        out,
        _("%u persons never seen before, in all, from places that are not the "
          "account's own (cap: %u; session there for %s)"),
        s->observed, s->usual, time);
}

static enum result
pace_text(const struct sign *s, struct buffer *out)
{
    uint32_t minutes = SIGN_WINDOW_MINUTES(s->window);
    bool day = minutes >= 1440;
    if (s->window & SIGN_WINDOW_ALL_PERSONS)
        return buffer_format(
            out,
            day ? _("%u persons seen in a day; habit: %u at most")
                : _("%u persons seen in an hour; habit: %u at most"),
            s->observed, s->usual);
    return buffer_format(
        out,
        day ? _("%u persons never seen before in a day; habit: %u at most")
            : _("%u persons never seen before in an hour; habit: %u at most"),
        s->observed, s->usual);
}

static enum result
ceiling_text(const struct sign *s, struct buffer *out)
{
    bool day = SIGN_WINDOW_MINUTES(s->window) >= 1440;
    if (!(s->window & SIGN_WINDOW_COLD))
        return buffer_format(
            out,
            day ? _("%u persons in a day, over the fixed ceiling of %u")
                : _("%u persons in an hour, over the fixed ceiling of %u"),
            s->observed, s->usual);
    return buffer_format(
        out,
        day ? _("no habit yet (days known: %u); persons in a day: %u, "
                "fixed ceiling: %u")
            : _("no habit yet (days known: %u); persons in an hour: %u, "
                "fixed ceiling: %u"),
        SIGN_WINDOW_DAYS(s->window), s->observed, s->usual);
}

static enum result
regular_text(const struct sign *s, struct buffer *out)
{
    return buffer_format(out,
                         _("a constant step: %u requests %u.%u s apart, "
                           "within %u %%"),
                         s->window, s->observed / 10, s->observed % 10,
                         s->usual);
}

static enum result
place_text(const struct sign *s, struct buffer *out)
{
    switch (s->code) {
    case SIGN_DEVICE_NEW:
        return buffer_format(out,
                             _("a device that is not the account's own; "
                               "habit: days of activity %u, with a change "
                               "%u"),
                             s->window, s->usual);
    case SIGN_NETWORK_NEW:
        return buffer_format(out,
                             _("a network that is not the account's own; "
                               "habit: days of activity %u, with a change "
                               "%u"),
                             s->window, s->usual);
    case SIGN_SHARED_CONTEXT:
        if (s->observed == 1)
            return buffer_string(
                out, _("another account opened records of unknown persons "
                       "from the same place within a day"));
        return buffer_format(
            out,
            _("%u other accounts opened records of unknown persons from the "
              "same place within a day"),
            s->observed);
    default:
        if (s->observed && s->usual)
            return buffer_string(out,
                                 _("device and network are the account's own"));
        return buffer_string(out, s->observed
                                      ? _("the device is the account's own")
                                      : _("the network is the account's own"));
    }
}

/* The sign's hour is UTC's; people read their own. */
static unsigned
local_hour(uint32_t hour, int64_t time_us)
{
    struct civil civil;
    time_to_civil_local(time_us, &civil);
    unsigned utc = (unsigned)(time_us / TIME_HOUR_US % 24);
    return (hour + (unsigned)civil.hour + 24 - utc) % 24;
}

static enum result
time_text(const struct sign *s, int64_t time_us, struct buffer *out)
{
    char time[32];
    switch (s->code) {
    case SIGN_HOUR_UNUSUAL:
        return buffer_format(out,
                             _("at %u h; habit: days active around this hour "
                               "%u, at the busiest hour %u"),
                             local_hour(s->observed, time_us), s->usual,
                             s->window);
    case SIGN_DORMANT:
        return buffer_format(out, _("the account had slept for %u days"),
                             s->observed);
    case SIGN_LOGIN_FAILURES:
        duration(s->window, time);
        if (s->usual == 1)
            return buffer_format(out,
                                 _("%u refused attempts within %s from one "
                                   "address on this account"),
                                 s->observed, time);
        if (s->usual > 1)
            return buffer_format(out,
                                 _("%u refused attempts within %s from one "
                                   "address, on %u accounts"),
                                 s->observed, time, s->usual);
        return buffer_format(out,
                             _("%u refused attempts within %s before the "
                               "session"),
                             s->observed, time);
    default:
        return buffer_string(
            out, s->usual > 0
                     ? _("the session goes back and forth between two networks "
                         "and two devices: two hands")
                     : _("the session goes back and forth between two "
                         "networks"));
    }
}

static enum result
share_text(const struct sign *s, struct buffer *out)
{
    switch (s->code) {
    case SIGN_NEW_SHARE:
        return buffer_format(out,
                             _("%u %% of %u persons never seen before; "
                               "habit: %u %%"),
                             s->observed, s->window, s->usual);
    case SIGN_IDENTITY_ONLY:
        return buffer_format(out,
                             _("%u %% of %u readings are identity alone; "
                               "habit: %u %%"),
                             s->observed, s->window, s->usual);
    case SIGN_SEARCH_SHARE:
        return buffer_format(out,
                             _("%u %% of %u readings are results of "
                               "searches; habit: %u %%"),
                             s->observed, s->window, s->usual);
    case SIGN_STRANGERS:
        if (s->window & SIGN_WINDOW_COLD)
            return buffer_format(out,
                                 _("no habit yet (days known: %u); persons "
                                   "never seen before one after another: %u, "
                                   "limit: %u"),
                                 SIGN_WINDOW_DAYS(s->window), s->observed,
                                 s->usual);
        return buffer_format(
            out,
            s->window & SIGN_WINDOW_ODD_WAY
                ? _("%u persons never seen before one after another, at an "
                    "unusual hour or searched for in an order; habit: %u at "
                    "most")
                : _("%u persons never seen before one after another; habit: "
                    "%u at most"),
            s->observed, s->usual);
    case SIGN_KNOWN_PERSONS:
        if (s->usual == 0) /* in rows of an older version */
            return buffer_format(out,
                                 _("persons already followed by the account "
                                   "or its practice: %u of %u"),
                                 s->observed, s->window);
        return buffer_format(out,
                             _("persons already followed by the account or "
                               "its practice: %u of %u; habit: %u %% never "
                               "seen before"),
                             s->observed, s->window, s->usual);
    default:
        if (s->observed == 1)
            return buffer_string(out, _("1 writing of care data"));
        return buffer_format(out, _("%u writings of care data"), s->observed);
    }
}

/* usual: enum query_kind; window: the size of a step, where it has one. */
static enum result
enumeration_text(const struct sign *s, struct buffer *out)
{
    switch (s->usual) {
    case QUERY_OFFSET:
        return buffer_format(out,
                             _("%u searches in a row, page after page, by a "
                               "constant step"),
                             s->observed);
    case QUERY_DATE:
        return buffer_format(
            out, _("%u searches in a row, birth date after birth date"),
            s->observed);
    case QUERY_IDENTIFIER:
        return buffer_format(
            out, _("%u searches in a row, identifier after identifier"),
            s->observed);
    default:
        return buffer_format(
            out, _("%u searches in a row, name after name in their order"),
            s->observed);
    }
}

/* observed: SIGN_ADDRESS_ bits; usual: the country's two letters. */
static enum result
address_kind_text(const struct sign *s, struct buffer *out)
{
    if (s->observed & SIGN_ADDRESS_VPN)
        return buffer_string(
            out, _("the address belongs to an anonymising network (VPN)"));
    if (s->observed & SIGN_ADDRESS_HOSTING)
        return buffer_string(
            out, _("the address belongs to a hosting company, not to an "
                   "access line"));
    return buffer_format(out, _("the address is in another country (%c%c)"),
                         (int)(s->usual >> 8 & 0x7f), (int)(s->usual & 0x7f));
}

/* window: minutes | SIGN_WINDOW_ bits */
static enum result
peers_text(const struct sign *s, struct buffer *out)
{
    const char *who = s->window & SIGN_WINDOW_ROLE    ? _("of the same role")
                      : s->window & SIGN_WINDOW_PLACE ? _("of the same place")
                                                      : _("of the region");
    bool day = SIGN_WINDOW_MINUTES(s->window) >= 1440;
    return buffer_format(
        out,
        day ? _("%u persons in a day; colleagues %s: %u at most on 99 days of "
                "100")
            : _("%u persons in an hour; colleagues %s: %u at most on 99 days "
                "of 100"),
        s->observed, who, s->usual);
}

static enum result
facts_text(const struct sign *s, struct buffer *out)
{
    switch (s->code) {
    case SIGN_LURE:
        return buffer_string(
            out, s->observed == 1
                     ? _("a lure person, whom nobody treats, was opened")
                     : _("a lure person, whom nobody treats, was among the "
                         "results of a search"));
    case SIGN_GONE:
        return buffer_string(out, s->observed == 1
                                      ? _("the holder has left")
                                      : _("the holder is announced as away "
                                          "for long"));
    case SIGN_OFF_DUTY:
        return buffer_string(
            out, _("the roster does not have the holder on duty now"));
    case SIGN_ON_DUTY:
        return buffer_string(out, _("the roster has the holder on duty now"));
    case SIGN_OWN_SITE:
        return buffer_string(
            out, _("the address is an exit of one of the holder's sites"));
    default:
        return buffer_string(
            out, _("an announced campaign excuses the pace, nothing else"));
    }
}

/* observed: seconds waited, usual: seconds looked back, window: how far the
 * trail's clock usually is from core's. */
static enum result
bypass_text(const struct sign *s, struct buffer *out)
{
    enum result result = buffer_format(
        out,
        _("the trail of a service behind the door tells of a person shown to "
          "this account; the door has no row of it, from %u s before it was "
          "told to %u s after"),
        s->usual, s->observed);

    return result == OK && s->window > 0
               ? buffer_format(out,
                               _(" (the trail's clock is usually %u s from "
                                 "ours)"),
                               s->window)
               : result;
}

enum result
sign_text(const struct sign *sign, int64_t time_us, struct buffer *out)
{
    switch (sign->code) {
    case SIGN_NEW_PERSONS_UNFAMILIAR:
        return unfamiliar_text(sign, out);
    case SIGN_PACE_DAY:
    case SIGN_PACE_HOUR:
        return pace_text(sign, out);
    case SIGN_CEILING:
        return ceiling_text(sign, out);
    case SIGN_DEVICE_NEW:
    case SIGN_NETWORK_NEW:
    case SIGN_SHARED_CONTEXT:
    case SIGN_FAMILIAR_CONTEXT:
        return place_text(sign, out);
    case SIGN_HOUR_UNUSUAL:
    case SIGN_DORMANT:
    case SIGN_LOGIN_FAILURES:
    case SIGN_CONCURRENT:
        return time_text(sign, time_us < 0 ? 0 : time_us, out);
    case SIGN_NEW_SHARE:
    case SIGN_IDENTITY_ONLY:
    case SIGN_SEARCH_SHARE:
    case SIGN_KNOWN_PERSONS:
    case SIGN_WRITES:
    case SIGN_STRANGERS:
        return share_text(sign, out);
    case SIGN_REGULAR:
        return regular_text(sign, out);
    case SIGN_ENUMERATION:
        return enumeration_text(sign, out);
    case SIGN_ADDRESS_KIND:
        return address_kind_text(sign, out);
    case SIGN_PEERS:
        return peers_text(sign, out);
    case SIGN_BYPASS:
        return bypass_text(sign, out);
    case SIGN_LURE:
    case SIGN_GONE:
    case SIGN_OFF_DUTY:
    case SIGN_ON_DUTY:
    case SIGN_OWN_SITE:
    case SIGN_CAMPAIGN:
        return facts_text(sign, out);
    default:
        return buffer_string(out, sign_name(sign->code));
    }
}
