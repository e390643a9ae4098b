/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/bench_print.h"

#include "base/say.h"

static const struct {
    const char *name, *title;
} holders[KIND_COUNT] = {
    [KIND_DOCTOR] = {"doctor", N_("doctor")},
    [KIND_NURSE] = {"nurse", N_("nurse")},
    [KIND_PHARMACIST] = {"pharmacist", N_("pharmacist")},
    [KIND_HOSPITAL] = {"hospital", N_("hospital doctor")},
    [KIND_SECRETARY] = {"secretary", N_("secretary")},
    [KIND_ON_CALL] = {"on-call", N_("doctor on call")},
    [KIND_SUBSTITUTE] = {"substitute", N_("substitute")},
    [KIND_PART_TIME] = {"part-time", N_("part-timer")},
    [KIND_EMERGENCY] = {"emergency", N_("emergency doctor")},
    [KIND_REGULATOR] = {"regulator", N_("regulator of calls")},
    [KIND_RECORDS] = {"records", N_("medical records")},
    [KIND_IMAGING] = {"imaging", N_("imaging")},
    [KIND_POLLER] = {"poller", N_("polling software")},
};

const char *
bench_holder_name(enum region_kind kind)
{
    const char *name = kind < KIND_COUNT ? holders[kind].name : NULL;

    return name == NULL ? "other" : name;
}

const char *
bench_holder_title(enum region_kind kind)
{
    const char *title = kind < KIND_COUNT ? holders[kind].title : NULL;

    return _(title == NULL ? N_("other") : title);
}

const char *bench_class_title(enum region_thief_class class)
{
    switch (class) {
    case REGION_LOUD:
        return _("loud and medium");
    case REGION_QUIET:
        return _("quiet");
    case REGION_REPORTED:
        return _("reported, no bar");
    default:
        return region_class_name(class);
    }
}

const char *
bench_place_title(enum bench_place place)
{
    return place == BENCH_KNOWN ? _("the holder's machine and line")
                                : _("a machine and a line of his own");
}

enum result
bench_way_title(const struct bench_way *way, struct buffer *out)
{
    static const char *const covers[COVERS] = {
        [COVER_NONE] = N_("strangers alone"),
        [COVER_CARE] = N_("care written for each"),
        [COVER_KNOWN] = N_("care written, a known person before each")};

    return buffer_format(out, "%s, %s",
                         way->one_session ? _("one session")
                                          : _("a session for four"),
                         _(covers[way->cover]));
}

enum result
bench_rule_title(const struct bench_rule *rule, struct buffer *out)
{
    return buffer_format(out, _(">%u in %u h"), rule->persons, rule->hours);
}

enum result
bench_signs(uint32_t signs, struct buffer *out)
{
    bool first = true;
    enum result result = OK;

    for (unsigned code = 1; code <= SIGN_LAST && result == OK; code++) {
        if (!(signs >> code & 1))
            continue;
        result = buffer_format(out, "%s%s", first ? "" : ",",
                               sign_name((uint16_t)code));
        first = false;
    }
    return result;
}
