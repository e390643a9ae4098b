/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The CSV files of --context: the first byte chooses the file. What holds for
 * every input is asserted: what is refused is told, what was told as refused
 * refuses the set, and a set that stands can be asked.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/time.h"
#include "core/context_load.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const char *const names[] = {
    "roster.csv", "absences.csv",  "sites.csv",     "staff.csv", "roles.csv",
    "shared.csv", "campaigns.csv", "countries.csv", "lures.csv",
};

static void
on_tell(void *context, const char *path, const struct reason *why, bool warning)
{
    unsigned *refusals = context;

    assert(path != NULL && why->rule != NULL && why->rule[0] != '\0');
    *refusals += !warning;
}

static void
ask(const struct context_load *load)
{
    const struct context_told *told = context_load_told(load);
    uint32_t count = context_told_count(told, TOLD_PROFESSIONAL);
    struct facts facts;

    for (uint32_t who = 1; who <= count && who < 50; who++) {
        for (int64_t day = 0; day < 3; day++)
            context_told_facts(
                told, who, (time_days(2026, 3, 2) + day) * TIME_DAY_US, &facts);
    }
    for (size_t i = 0; i < context_load_lure_count(load) && i < 50; i++) {
        struct context_lure lure;

        context_load_lure(load, i, &lure);
        assert(lure.person.length > 0);
    }
    for (uint8_t i = 0; i < 8; i++) {
        struct address address = {{0x20, 0x01, 0x0d, 0xb8, i}};

        (void)address_facts_site(context_load_addresses(load), &address, i);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    unsigned refusals = 0;
    const struct context_teller teller = {&refusals, on_tell};
    struct context_load *load = NULL;
    struct text text;
    enum result result;

    if (length == 0 || hash_start() != OK ||
        context_load_new(&teller, &load) != OK)
        return 0;
    text = (struct text){(const char *)bytes + 1, length - 1};
    result = context_load_bytes(
        load, names[bytes[0] % (sizeof(names) / sizeof(names[0]))], "f", text);
    assert(result == OK || result == E_FORMAT);
    assert((result == OK) == (refusals == 0));
    result = context_load_finish(load);
    assert((result == OK) == (refusals == 0));
    if (result == OK)
        ask(load);
    context_load_free(load);
    return 0;
}
