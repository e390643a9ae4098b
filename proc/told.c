/* SPDX-License-Identifier: EUPL-1.2 */
#include "proc/told.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/say.h"
#include "base/time.h"

/* Rules and columns are words of docs/context.md; no cell is ever shown. */
static void
on_tell(void *context, const char *path, const struct reason *why, bool warning)
{
    unsigned long long line = why->offset;

    (void)context;
    if (line == 0)
        say_error(path, warning ? _("warning: %s") : "%s", why->rule);
    else if (warning)
        say_error(path, _("warning: line %llu: %s (%s)"), line, why->rule,
                  why->field);
    else
        say_error(path, _("line %llu: %s (%s)"), line, why->rule, why->field);
}

static enum result
load_one(struct context_load *load, const struct settings_told *told)
{
    switch (told->kind) {
    case SETTINGS_CONTEXT:
        return context_load_folder(load, told->path);
    case SETTINGS_CAMPAIGNS:
        return context_load_campaigns(load, told->path);
    default:
        return context_load_lures(load, told->path);
    }
}

enum result
told_context(const struct settings_told *told, size_t count,
             struct context_load **ret_load, const char **ret_failed)
{
    const struct context_teller teller = {NULL, on_tell};
    struct context_load *load = NULL;
    enum result result = context_load_new(&teller, &load), one = OK;

    *ret_failed = NULL;
    for (size_t i = 0; i < count && (result == OK || result == E_FORMAT); i++) {
        one = load_one(load, &told[i]);
        if (one != OK && one != E_FORMAT)
            *ret_failed = told[i].path;
        result = one == OK ? result : one;
    }
    if (result == OK || result == E_FORMAT) {
        one = context_load_finish(load);
        result = one == OK ? result : one;
    }
    if (result != OK) {
        context_load_free(load);
        return result;
    }
    *ret_load = load;
    return OK;
}

static enum result
load_context(const struct settings *settings, struct context_load **ret_load)
{
    const char *failed;
    enum result result =
        told_context(settings->told, settings->told_count, ret_load, &failed);

    if (failed != NULL)
        say_error(failed, "%s", _(result_name(result)));
    return result;
}

static enum result
load_sources(const char *path, struct sources **ret_sources)
{
    struct buffer text = {0};
    struct reason why = {0};
    enum result result = file_load(path, CONF_BYTES_MAX, &text);

    if (result == OK)
        result = sources_parse(buffer_as_text(&text), &why, ret_sources);
    buffer_free(&text);
    if (result == OK)
        return OK;
    if (why.rule != NULL)
        say_error(path, _("line %llu: %s (%s)"), (unsigned long long)why.offset,
                  why.rule, why.field);
    else
        say_error(path, _("cannot be read: %s"), _(result_name(result)));
    return E_FORMAT;
}

enum result
told_load(const struct settings *settings, struct told *ret_told)
{
    const char *zone =
        settings->timezone == NULL ? "Europe/Paris" : settings->timezone;
    struct told told = {0};
    enum result result = time_zone_set(zone);

    if (result != OK)
        say_error(zone, "%s", _("no such time zone"));
    if (result == OK && settings->sources != NULL)
        result = load_sources(settings->sources, &told.sources);
    if (result == OK && settings->told_count > 0)
        result = load_context(settings, &told.load);
    if (result != OK) {
        told_free(&told);
        return result == E_NOTFOUND ? E_FORMAT : result;
    }
    *ret_told = told;
    return OK;
}

void
told_free(struct told *told)
{
    context_load_free(told->load);
    sources_free(told->sources);
    *told = (struct told){0};
}
