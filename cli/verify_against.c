/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/verify_against.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/say.h"
#include "cli/cli.h"
#include "ledger/backup.h"
#include "ledger/roots.h"

static const char *
relation_name(enum roots_relation relation)
{
    static const char *const names[] = {"other", "same", "ahead", "behind",
                                        "parted"};

    return names[relation];
}

static void
print_words(enum roots_relation relation, uint64_t rows)
{
    const unsigned long long count = rows;

    switch (relation) {
    case ROOTS_SAME:
        (void)printf(_("Both have the same rows: %llu.\n"), count);
        break;
    case ROOTS_AHEAD:
        (void)printf(_("One history: the other has the first %llu rows.\n"),
                     count);
        break;
    case ROOTS_BEHIND:
        (void)printf(_("The other has rows beyond these %llu.\n"), count);
        break;
    case ROOTS_PARTED:
        if (rows > 0)
            (void)printf(_("Two histories of one ledger: they share %llu rows, "
                           "then a copy went on elsewhere.\n"),
                         count);
        else
            (void)printf(_("Two histories of one ledger: they part somewhere "
                           "before the end of the backup.\n"));
        break;
    case ROOTS_OTHER:
        (void)printf(_("Two ledgers that were never one.\n"));
        break;
    }
}

static enum result
compare_folders(struct ledger *ledger, const char *folder,
                enum roots_relation *ret_relation, uint64_t *ret_rows)
{
    struct ledger *other = NULL;
    enum result result = ledger_open(folder, LEDGER_READ, NULL, NULL, &other);

    if (result == OK)
        result = roots_compare(ledger, other, ret_relation, ret_rows);
    ledger_free(other);
    return result;
}

int
verify_against(const char *data_dir, const char *other, bool json)
{
    enum roots_relation relation = ROOTS_OTHER;
    struct ledger *ledger = NULL;
    const char *place = data_dir;
    uint64_t rows = 0;
    bool backup = false;
    enum result result =
        ledger_open(data_dir, LEDGER_READ, NULL, NULL, &ledger);

    if (result == OK) {
        place = other;
        result = backup_compare(ledger, other, &relation, &rows);
        backup = result == OK;
    }
    if (result == E_NOTFOUND && place == other)
        result = compare_folders(ledger, other, &relation, &rows);
    ledger_free(ledger);
    if (result != OK) {
        say_error("verify", "%s: %s", place,
                  result == E_NOTFOUND ? _("there is no ledger here")
                                       : _(result_name(result)));
        return EXIT_REFUSED;
    }
    if (json) {
        (void)printf(
            "{\"kind\":\"against\",\"relation\":\"%s\",\"rows\":%" PRIu64 "}\n",
            relation_name(relation), rows);
    } else {
        print_words(relation, rows);
    }
    /* a ledger that lacks what its own backup has went back */
    return relation == ROOTS_OTHER || relation == ROOTS_PARTED ||
                   (backup && relation == ROOTS_BEHIND)
               ? EXIT_FOUND
               : EXIT_DONE;
}
