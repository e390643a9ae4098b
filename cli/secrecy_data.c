/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/secrecy_data.h"

#include "base/say.h"
#include "base/time.h"
#include "scope/step.h"

static enum result
append(void *context, const struct row *row)
{
    struct secrecy_data *data = context;

    return ledger_append(data->ledger, row, 1, NULL);
}

static enum result
commit(void *context)
{
    struct secrecy_data *data = context;
    enum result result = lookup_commit(data->lookup);

    return result == OK ? ledger_sync(data->ledger) : result;
}

static bool
say_why(const char *command, enum result result, const struct reason *why)
{
    if (result == E_DENIED)
        say_error(command, "%s",
                  _("another vigie writes into these data, or the keys are "
                    "not here (--keys DIR)"));
    else
        say_error(command, "%s %s", _(result_name(result)),
                  why->rule == NULL ? "" : why->rule);
    return false;
}

bool
secrecy_data_open(const char *command, const char *data_dir,
                  const char *keys_dir, struct secrecy_data *ret_data)
{
    struct secrecy_data data = {0};
    struct reason why = {0};
    struct ledger *reader = NULL;
    /* writing would make what is not there */
    enum result result =
        ledger_open(data_dir, LEDGER_READ, &why, NULL, &reader);

    ledger_free(reader);
    if (result == E_NOTFOUND) {
        say_error(data_dir, "%s", _("there is no ledger here"));
        return false;
    }
    STEP(ledger_open(data_dir, LEDGER_WRITE, &why, NULL, &data.ledger));
    STEP(lookup_open(data_dir, keys_dir, LOOKUP_WRITE, NULL, &data.lookup));
    if (result != OK) {
        lookup_free(data.lookup);
        ledger_free(data.ledger);
        return say_why(command, result, &why);
    }
    *ret_data = data;
    return true;
}

void
secrecy_data_erasing(struct secrecy_data *data, struct erasing *ret_erasing)
{
    *ret_erasing = (struct erasing){.lookup = data->lookup,
                                    .context = data,
                                    .append = append,
                                    .commit = commit,
                                    .now_us = time_now_us()};
}

enum result
secrecy_data_close(struct secrecy_data *data, enum result result)
{
    STEP(lookup_commit(data->lookup));
    lookup_free(data->lookup);
    if (result == OK)
        return ledger_close(data->ledger);
    ledger_free(data->ledger);
    return result;
}
