/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie simulate: a region's audit trail on a file or stdout, the truth on
 * another, what an operator knows in a folder. The region itself is
 * demo/region.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/say.h"
#include "base/time.h"
#include "cli/cli.h"
#include "cli/thief_list.h"
#include "demo/region.h"

#define FLUSH_BYTES (1u << 20)

struct simulation {
    struct region_options region;
    const char *out, *truth, *context;
    uint64_t size; /* bytes at which to stop; 0: at the last day */
    uint64_t lines, bytes;
};

static void
usage(FILE *out)
{
    (void)fprintf(
        out, "%s",
        _("Usage: vigie simulate [OPTION]…\n"
          "Writes the audit trail (IHE BALP, one AuditEvent a line) of an\n"
          "invented region, in time order, and the truth about its thieves.\n"
          "\n"
          "  --seed N           another region for every number (1)\n"
          "  --days N           how long (28)\n"
          "  --professionals N  how many (400)\n"
          "  --start DATE       first day, YYYY-MM-DD (2026-03-02)\n"
          "  --thieves LIST     none, all, or some of night, paged, quiet,\n"
          "                     fast, slow-pages, ring, hijack, exits, "
          "dormant,\n"
          "                     own-machine, poisoner, newcomer, mimic, "
          "insider,\n"
          "                     separated by commas (night,paged,quiet)\n"
          "  --size N[k|M|G]    stop after that many bytes\n"
          "  --out FILE         the trail (-: standard output)\n"
          "  --truth FILE       the truth, a JSON line a thief's session\n"
          "  --context DIR      what an operator knows of the region, for\n"
          "                     vigie replay --context (docs/context.md)\n"));
}

static bool
number(const char *text, uint64_t most, uint64_t *ret_number)
{
    return text_to_u64(text_of(text), most, ret_number) == OK;
}

static bool
size_of(const char *text, uint64_t *ret_size)
{
    static const char units[] = "kMG";
    struct text t = text_of(text);
    uint64_t unit = 1;
    if (t.length > 0) {
        const char *at = strchr(units, t.bytes[t.length - 1]);
        if (at != NULL && *at != '\0') {
            unit = UINT64_C(1) << (10 * (at - units + 1));
            t.length--;
        }
    }
    if (text_to_u64(t, UINT64_C(1) << 30, ret_size) != OK || *ret_size == 0)
        return false;
    *ret_size *= unit;
    return true;
}

static bool
thieves(const char *given, struct region_options *options)
{
    struct thief_list list;

    if (thief_list_parse(text_of(given), &list) != OK)
        return false;
    memcpy(options->thieves, list.kinds, sizeof(options->thieves));
    options->thief_count = list.count;
    return true;
}

static bool
start_day(const char *date, struct region_options *options)
{
    struct civil civil = {0};
    char rest;
    if (sscanf(date, "%4d-%2d-%2d%c", &civil.year, &civil.month, &civil.day,
               &rest) != 3 ||
        !time_civil_valid(&civil) || civil.year < 1990 || civil.year > 2090)
        return false;
    options->start_day = (int32_t)time_days(civil.year, civil.month, civil.day);
    return true;
}

static bool
option(struct simulation *s, int letter, const char *value)
{
    uint64_t n = 0;
    bool good = true;
    switch (letter) {
    case 's':
        return number(value, UINT64_MAX, &s->region.seed);
    case 'd':
        good = number(value, REGION_DAYS_MAX, &n) && n > 0;
        s->region.days = (unsigned)n;
        return good;
    case 'p':
        good = number(value, REGION_PROFESSIONALS_MAX, &n) && n > 0;
        s->region.professionals = (unsigned)n;
        return good;
    case 'b':
        return start_day(value, &s->region);
    case 't':
        return thieves(value, &s->region);
    case 'z':
        return size_of(value, &s->size);
    case 'o':
        s->out = value;
        return true;
    case 'c':
        s->context = value;
        return true;
    default:
        s->truth = value;
        return true;
    }
}

/* 0: go on; else the exit code + 1. */
static int
options(struct simulation *s, int argc, char **argv)
{
    static const struct option names[] = {
        {"seed", required_argument, NULL, 's'},
        {"days", required_argument, NULL, 'd'},
        {"professionals", required_argument, NULL, 'p'},
        {"start", required_argument, NULL, 'b'},
        {"thieves", required_argument, NULL, 't'},
        {"size", required_argument, NULL, 'z'},
        {"out", required_argument, NULL, 'o'},
        {"truth", required_argument, NULL, 'w'},
        {"context", required_argument, NULL, 'c'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0}};
    int letter, index = 0;
    optind = 0;
    opterr = 0;
    while ((letter = getopt_long(argc, argv, ":", names, &index)) != -1) {
        if (letter == 'h') {
            usage(stdout);
            return EXIT_DONE + 1;
        }
        if (letter == '?' || letter == ':') {
            say_error("simulate", "%s",
                      letter == '?' ? _("unknown option (--help lists them)")
                                    : _("an option lacks its value"));
            return EXIT_REFUSED + 1;
        }
        if (!option(s, letter, optarg)) {
            say_error("simulate", _("--%s: “%s” is not understood"),
                      names[index].name, optarg);
            return EXIT_REFUSED + 1;
        }
    }
    if (optind < argc) {
        say_error("simulate", _("“%s” is one argument too many"), argv[optind]);
        return EXIT_REFUSED + 1;
    }
    return 0;
}

static enum result
write_days(struct simulation *s, struct region *region, int fd)
{
    struct buffer out = {0};
    const struct region_event *events;
    size_t count;
    enum result r = OK;
    while (r == OK && (s->size == 0 || s->bytes < s->size)) {
        r = region_day(region, &events, &count);
        for (size_t i = 0; i < count && r == OK; i++) {
            r = region_balp(region, &events[i], &out);
            s->lines++;
            bool enough = s->size > 0 && s->bytes + out.length >= s->size;
            if (r == OK &&
                (enough || out.length >= FLUSH_BYTES || i + 1 == count)) {
                r = file_write(fd, out.bytes, out.length);
                s->bytes += out.length;
                buffer_clear(&out);
            }
            if (enough)
                break;
        }
    }
    buffer_free(&out);
    return r == E_END ? OK : r;
}

static enum result
write_truth(const struct simulation *s, const struct region *region)
{
    struct buffer out = {0};
    if (s->truth == NULL)
        return OK;
    enum result r = region_truth(region, &out);
    if (r == OK)
        r = file_replace(s->truth, out.bytes == NULL ? "" : out.bytes,
                         out.length, 0600);
    buffer_free(&out);
    return r;
}

static enum result
write_context(const struct simulation *s, const struct region *region)
{
    struct buffer out = {0};
    char path[PATH_MAX];
    enum result r = OK;

    if (s->context == NULL)
        return OK;
    r = file_make_folder(s->context);
    for (unsigned i = 0; i < REGION_FILES && r == OK; i++) {
        enum region_context file = (enum region_context)i;
        int length = snprintf(path, sizeof(path), "%s/%s", s->context,
                              region_context_name(file));

        buffer_clear(&out);
        r = length < 0 || (size_t)length >= sizeof(path)
                ? E_LIMIT
                : region_context(region, file, &out);
        if (r == OK)
            r = file_replace(path, out.bytes, out.length, 0600);
    }
    buffer_free(&out);
    return r;
}

static enum result
simulate(struct simulation *s)
{
    struct region *region = NULL;
    int fd = -1;
    bool standard = strcmp(s->out, "-") == 0;
    enum result r = region_new(&s->region, &region);
    if (r == OK)
        r = write_context(s, region);
    if (r != OK)
        goto out;
    if (standard)
        fd = STDOUT_FILENO;
    else
        r = file_open(s->out, O_WRONLY | O_CREAT | O_TRUNC, 0600, &fd);
    if (r == OK)
        r = write_days(s, region, fd);
    if (r == OK)
        r = write_truth(s, region);
out:
    if (!standard)
        file_close(&fd);
    region_free(region);
    return r;
}

int
cli_simulate(int argc, char **argv)
{
    struct simulation s = {.out = "-"};
    region_options_default(&s.region);
    (void)thieves("night,paged,quiet", &s.region);
    int done = options(&s, argc, argv);
    if (done != 0)
        return done - 1;
    enum result r = simulate(&s);
    if (r != OK) {
        say_error("simulate", "%s%s%s", _(result_name(r)),
                  r == E_IO || r == E_DENIED || r == E_NOTFOUND ? ": " : "",
                  r == E_IO || r == E_DENIED || r == E_NOTFOUND
                      ? strerror(errno)
                      : "");
        return EXIT_REFUSED;
    }
    if (strcmp(s.out, "-") != 0)
        (void)printf(_("%llu events, %llu MB, %u professionals, %u days, "
                       "%u thieves: %s\n"),
                     (unsigned long long)s.lines,
                     (unsigned long long)(s.bytes / 1000000),
                     s.region.professionals, s.region.days,
                     s.region.thief_count, s.out);
    return EXIT_DONE;
}
