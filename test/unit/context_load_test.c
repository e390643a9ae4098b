/* SPDX-License-Identifier: EUPL-1.2 */
/* What the operator tells: each bad line refused with its line, rule and
 * column; then what good ones mean at a moment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/time.h"
#include "core/context_load.h"

struct heard {
    struct context_load *load;
    unsigned refusals, warnings;
    uint64_t line;
    char rule[64], column[64], path[256];
};

static void
on_tell(void *context, const char *path, const struct reason *why, bool warning)
{
    struct heard *heard = context;

    if (warning)
        heard->warnings++;
    else
        heard->refusals++;
    heard->line = why->offset;
    (void)snprintf(heard->rule, sizeof(heard->rule), "%s", why->rule);
    (void)snprintf(heard->column, sizeof(heard->column), "%s", why->field);
    (void)snprintf(heard->path, sizeof(heard->path), "%s", path);
}

static void
heard_open(struct heard *heard)
{
    struct context_teller teller = {heard, on_tell};

    *heard = (struct heard){0};
    assert_int_equal(hash_start(), OK);
    assert_int_equal(time_zone_set("Europe/Paris"), OK);
    assert_int_equal(context_load_new(&teller, &heard->load), OK);
}

static enum result
give(struct heard *heard, const char *name, const char *text)
{
    return context_load_bytes(heard->load, name, name, text_of(text));
}

static void
refuses(const char *name, const char *text, uint64_t line, const char *rule,
        const char *column)
{
    struct heard heard;

    heard_open(&heard);
    assert_int_equal(give(&heard, name, text), E_FORMAT);
    assert_string_equal(heard.rule, rule);
    assert_int_equal(heard.refusals, 1);
    assert_int_equal(heard.line, line);
    assert_string_equal(heard.column, column);
    assert_string_equal(heard.path, name);
    assert_int_equal(context_load_finish(heard.load), E_FORMAT);
    context_load_free(heard.load);
}

#define ROSTER "professional,from,to,kind\n"
#define CAMPAIGNS "from,to,professional,site,reason\n"

static void
each_bad_line_is_refused_with_line_rule_and_column(void **state)
{
    (void)state;
    refuses("roster.csv", "", 0, "header-missing", "");
    refuses("roster.csv", "# none\n\n", 2, "header-missing", "");
    refuses("roster.csv", "professional,from\nA,2026-03-02\n", 1,
            "column-missing", "to");
    refuses("roster.csv", "professional,from,to,from\n", 1, "column-twice",
            "from");
    refuses("roster.csv", ROSTER "A,2026-02-30,2026-03-02,duty\n", 2,
            "time-malformed", "from");
    refuses("roster.csv", ROSTER "A,2026-03-02,demain,duty\n", 2,
            "time-malformed", "to");
    refuses("roster.csv", ROSTER "A,09:00,10:00,duty\n", 2, "time-malformed",
            "from");
    refuses("roster.csv", ROSTER "A,2026-03-03,2026-03-02,duty\n", 2,
            "end-before-start", "to");
    refuses("roster.csv", ROSTER "A,2026-03-02,2026-03-03,conges\n", 2,
            "kind-unknown", "kind");
    refuses("roster.csv",
            ROSTER "A,2026-03-02,2026-03-03,duty\n\n"
                   ",2026-03-02,2026-03-03,duty\n",
            4, "cell-empty", "professional");
    refuses("roster.csv", ROSTER "A,2026-03-02,2026-03-03,duty,more\n", 2,
            "cells-too-many", "");
    refuses("roster.csv", ROSTER "\"A,2026-03-02,2026-03-03,duty\n", 2,
            "csv-quote", "");
    refuses("roster.csv", ROSTER "A\x01,2026-03-02,2026-03-03,duty\n", 2,
            "cell-control-byte", "professional");
    refuses("absences.csv", "professional,from\nA,2026-03-02\n", 1,
            "column-missing", "to");
    refuses("sites.csv", "site,exit\nX,192.0.2.300\n", 2, "address-malformed",
            "exit");
    refuses("sites.csv", "site,exit\nX,192.0.2.0/33\n", 2, "prefix-malformed",
            "exit");
    refuses("sites.csv", "site,exit\nX,192.0.2.1/24\n", 2, "bits-behind-prefix",
            "exit");
    refuses("sites.csv", "site,exit\nX,0.0.0.0/0\n", 2, "prefix-too-short",
            "exit");
    refuses("staff.csv", "professional,site,role\nA,,\n", 2,
            "site-or-role-needed", "site");
    refuses("roles.csv", "role,persons_hour,persons_day\nnurse,0,\n", 2,
            "number-malformed", "persons_hour");
    refuses("roles.csv", "role,persons_hour,persons_day\nnurse,9,-1\n", 2,
            "number-malformed", "persons_day");
    refuses("roles.csv", "role\nnurse\nnurse\n", 3, "role-twice", "role");
    refuses("shared.csv", "professional\n\"\"\nA\nC,B\n", 4, "cells-too-many",
            "");
    refuses("campaigns.csv", CAMPAIGNS "2026-03-02,2026-03-03,,,flu\n", 2,
            "professional-or-site-needed", "professional");
    refuses("campaigns.csv", CAMPAIGNS "2026-03-02,2026-03-03,A,X,flu\n", 2,
            "professional-and-site", "site");
    refuses("countries.csv", "country\nFRA\n", 2, "country-malformed",
            "country");
    refuses("lures.csv", "person\nPatient/1\x7f\n", 2, "cell-control-byte",
            "person");
}

static void
all_bad_lines_of_all_files_are_told_in_one_run(void **state)
{
    struct heard heard;

    (void)state;
    heard_open(&heard);
    assert_int_equal(give(&heard, "roster.csv",
                          ROSTER "A,x,y,\nB,2026-03-02,2026-03-03,\nC,x,y,\n"),
                     E_FORMAT);
    assert_int_equal(give(&heard, "countries.csv", "country\n1\n"), E_FORMAT);
    assert_int_equal(heard.refusals, 3);
    assert_int_equal(give(&heard, "other.csv", "a\n"), E_NOTFOUND);
    context_load_free(heard.load);
}

static void
a_thousand_bad_lines_are_told_a_hundred_times(void **state)
{
    struct heard heard;
    struct buffer text = {0};

    (void)state;
    heard_open(&heard);
    assert_int_equal(buffer_string(&text, ROSTER), OK);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(buffer_string(&text, "A,x,y,\n"), OK);
    assert_int_equal(context_load_bytes(heard.load, "roster.csv", "roster.csv",
                                        buffer_as_text(&text)),
                     E_FORMAT);
    assert_int_equal(heard.refusals, CONTEXT_REFUSALS_MAX);
    buffer_free(&text);
    context_load_free(heard.load);
}

static void
what_only_the_whole_set_can_tell_is_refused_at_its_line(void **state)
{
    struct heard heard;

    (void)state;
    heard_open(&heard);
    assert_int_equal(give(&heard, "campaigns.csv",
                          CAMPAIGNS "2026-03-02,2026-03-03,,Centre,\n"
                                    "2026-03-02,2026-03-03,,Center,\n"),
                     OK);
    assert_int_equal(give(&heard, "staff.csv", "professional,site\nA,Centre\n"),
                     OK);
    assert_int_equal(context_load_finish(heard.load), E_FORMAT);
    assert_int_equal(heard.refusals, 1);
    assert_string_equal(heard.rule, "site-unknown");
    assert_int_equal(heard.line, 3);
    assert_string_equal(heard.path, "campaigns.csv");
    context_load_free(heard.load);
    heard_open(&heard);
    assert_int_equal(give(&heard, "roles.csv", "role\nnurse\n"), OK);
    assert_int_equal(
        give(&heard, "staff.csv", "professional,role\nA,nurse\nB,nurze\n"), OK);
    assert_int_equal(context_load_finish(heard.load), E_FORMAT);
    assert_string_equal(heard.rule, "role-unknown");
    assert_int_equal(heard.line, 3);
    context_load_free(heard.load);
}

/* UTC */
static int64_t
utc(int month, int day, int hour, int minute)
{
    struct civil civil = {2026, month, day, hour, minute, 0, 0};

    return time_from_civil_utc(&civil);
}

static struct facts
facts_of(const struct heard *heard, const char *professional, int64_t time_us)
{
    const struct context_told *told = context_load_told(heard->load);
    uint32_t number =
        context_told_find(told, TOLD_PROFESSIONAL, text_of(professional));
    struct facts facts = {0};

    if (number != 0)
        context_told_facts(told, number, time_us, &facts);
    return facts;
}

static bool
has(const struct heard *heard, const char *professional, int64_t time_us,
    uint32_t bit)
{
    return (facts_of(heard, professional, time_us).bits & bit) != 0;
}

static void
given(struct heard *heard, const char *name, const char *text)
{
    heard_open(heard);
    assert_int_equal(give(heard, name, text), OK);

    assert_int_equal(context_load_finish(heard->load), OK);
}

static void
a_roster_says_on_and_off_between_its_first_and_last_duty(void **state)
{
    struct heard heard;

    (void)state;
    given(&heard, "roster.csv",
          ROSTER "A,2026-03-02T08:00:00Z,2026-03-02T12:00:00Z,duty\n"
                 "A,2026-03-02T11:00:00Z,2026-03-02T14:00:00Z,on-call\n"
                 "A,2026-03-03T08:00:00Z,2026-03-03T12:00:00Z,\n");
    assert_false(has(&heard, "A", utc(3, 2, 7, 59), FACT_ROSTERED));
    assert_true(has(&heard, "A", utc(3, 2, 8, 0), FACT_ON_DUTY));
    assert_true(has(&heard, "A", utc(3, 2, 13, 59), FACT_ON_DUTY));
    assert_int_equal(facts_of(&heard, "A", utc(3, 2, 14, 0)).bits,
                     FACT_ROSTERED);
    assert_true(has(&heard, "A", utc(3, 3, 8, 0), FACT_ON_DUTY));
    assert_int_equal(facts_of(&heard, "A", utc(3, 3, 12, 0)).bits, 0);
    assert_int_equal(facts_of(&heard, "B", utc(3, 2, 9, 0)).bits, 0);
    context_load_free(heard.load);
}

static void
french_dates_and_headers_are_local_time_and_a_last_day_counts_whole(
    void **state)
{
    struct heard heard;

    (void)state;
    /* Windows-1252, as a spreadsheet writes it */
    given(&heard, "campaigns.csv",
          "du;au;professionnel;motif\r\n"
          "02/03/2026;04/03/2026;\"A\";\"d\xe9pistage;\n suite\"\r\n"
          "10/03/2026 08:00;10/03/2026 12h30;A;\r\n;;;\r\n");
    assert_int_equal(heard.warnings, 0);
    assert_false(has(&heard, "A", utc(3, 1, 22, 59), FACT_CAMPAIGN));
    assert_true(has(&heard, "A", utc(3, 1, 23, 0), FACT_CAMPAIGN));
    assert_true(has(&heard, "A", utc(3, 4, 22, 59), FACT_CAMPAIGN));
    assert_false(has(&heard, "A", utc(3, 4, 23, 0), FACT_CAMPAIGN));
    assert_true(has(&heard, "A", utc(3, 10, 7, 0), FACT_CAMPAIGN));
    assert_true(has(&heard, "A", utc(3, 10, 11, 29), FACT_CAMPAIGN));
    assert_false(has(&heard, "A", utc(3, 10, 11, 30), FACT_CAMPAIGN));
    context_load_free(heard.load);
}

static void
a_duty_through_the_change_of_hour_is_as_long_as_it_may_be(void **state)
{
    struct heard heard;

    (void)state;
    /* on 25 October 02:30 comes twice: 00:30 and 01:30 UTC; on 29 March never:
     * then as if the clock had not been moved */
    given(&heard, "roster.csv",
          ROSTER "A,2026-10-24 20:00,2026-10-25 02:30,duty\n"
                 "B,2026-10-25 02:30,2026-10-25 08:00,duty\n"
                 "C,2026-03-28 20:00,2026-03-29 02:30,duty\n"
                 "D,2026-10-25,2026-10-25,duty\n");
    assert_true(has(&heard, "A", utc(10, 25, 1, 29), FACT_ON_DUTY));
    assert_false(has(&heard, "A", utc(10, 25, 1, 30), FACT_ON_DUTY));
    assert_false(has(&heard, "B", utc(10, 25, 0, 29), FACT_ON_DUTY));
    assert_true(has(&heard, "B", utc(10, 25, 0, 30), FACT_ON_DUTY));
    assert_true(has(&heard, "B", utc(10, 25, 6, 59), FACT_ON_DUTY));
    assert_false(has(&heard, "B", utc(10, 25, 7, 0), FACT_ON_DUTY));
    assert_true(has(&heard, "C", utc(3, 29, 1, 29), FACT_ON_DUTY));
    assert_false(has(&heard, "C", utc(3, 29, 1, 30), FACT_ON_DUTY));
    /* that day has 25 hours */
    assert_true(has(&heard, "D", utc(10, 24, 22, 0), FACT_ON_DUTY));
    assert_true(has(&heard, "D", utc(10, 25, 22, 59), FACT_ON_DUTY));
    assert_false(has(&heard, "D", utc(10, 25, 23, 0), FACT_ON_DUTY));
    context_load_free(heard.load);
}

static void
an_absence_without_an_end_is_a_departure(void **state)
{
    struct heard heard;

    (void)state;
    given(&heard, "absences.csv",
          "professional,from,to,reason\n"
          "A,2026-03-02,,\nB,2026-03-02,2026-09-01,conge\n");
    assert_int_equal(facts_of(&heard, "A", utc(3, 1, 22, 0)).bits, 0);
    assert_int_equal(facts_of(&heard, "A", utc(3, 2, 0, 0)).bits,
                     FACT_DEPARTED);
    assert_int_equal(facts_of(&heard, "A", utc(12, 31, 0, 0)).bits,
                     FACT_DEPARTED);
    assert_int_equal(facts_of(&heard, "B", utc(3, 2, 0, 0)).bits, FACT_ABSENT);
    assert_int_equal(facts_of(&heard, "B", utc(9, 2, 0, 0)).bits, 0);
    context_load_free(heard.load);
}

static void
a_professional_is_one_however_the_national_id_is_written(void **state)
{
    struct heard heard;
    int64_t now = utc(3, 2, 0, 0);

    (void)state;
    given(&heard, "shared.csv",
          "rpps\nurn:oid:1.2.250.1.71.4.2.1|810100050075\n"
          "10100050083^^^&1.2.250.1.71.4.2.1&ISO\n\"portail, accueil\"\n");
    assert_true(has(&heard, "810100050075", now, FACT_SHARED_ACCOUNT));
    assert_true(has(&heard, "10100050075", now, FACT_SHARED_ACCOUNT));
    assert_true(has(&heard, "810100050083", now, FACT_SHARED_ACCOUNT));
    assert_true(has(&heard, "portail, accueil", now, FACT_SHARED_ACCOUNT));
    assert_false(has(&heard, "710100050075", now, FACT_SHARED_ACCOUNT));
    assert_false(has(&heard, "10100050084", now, FACT_SHARED_ACCOUNT));
    context_load_free(heard.load);
}

static void
roles_give_ceilings_and_sites_their_campaigns(void **state)
{
    struct heard heard;
    struct facts facts;

    (void)state;
    heard_open(&heard);
    assert_int_equal(give(&heard, "campaigns.csv",
                          CAMPAIGNS "2026-03-02,2026-03-02,,Centre,\n"),
                     OK);
    assert_int_equal(give(&heard, "roles.csv",
                          "R\xc3\xb4le;personnes heure;Personnes-Jour;note\n"
                          "secr\xc3\xa9taire;60;;\nm\xc3\xa9"
                          "decin;;200;\n"),
                     OK);
    assert_int_equal(heard.warnings, 1); /* the fourth column */
    assert_string_equal(heard.column, "4");
    assert_int_equal(give(&heard, "staff.csv",
                          "professional,site,role\nA,Centre,secr\xc3\xa9taire\n"
                          "A,Autre,\nB,,m\xc3\xa9"
                          "decin\n"),
                     OK);
    assert_int_equal(context_load_finish(heard.load), OK);
    facts = facts_of(&heard, "A", utc(3, 2, 9, 0));
    assert_int_equal(facts.bits, FACT_CAMPAIGN);
    assert_int_equal(facts.role, 1);
    assert_int_equal(facts.ceiling_hour, 60);
    assert_int_equal(facts.ceiling_day, 0);
    facts = facts_of(&heard, "B", utc(3, 2, 9, 0));
    assert_int_equal(facts.bits, 0);
    assert_int_equal(facts.role, 2);
    assert_int_equal(facts.ceiling_day, 200);
    context_load_free(heard.load);
}

static void
a_list_of_lures_needs_no_header(void **state)
{
    struct heard heard;
    struct context_lure lure;

    (void)state;
    given(&heard, "lures.csv", "Patient/1\n# two\nurn:x|2\n");
    assert_int_equal(context_load_lure_count(heard.load), 2);
    context_load_lure(heard.load, 0, &lure);
    assert_true(text_is(lure.person, "Patient/1"));
    context_load_lure(heard.load, 1, &lure);
    assert_true(text_is(lure.person, "urn:x|2"));
    context_load_free(heard.load);
    given(&heard, "lures.csv", "service;patient\nDMP;Patient/1\n");
    assert_int_equal(context_load_lure_count(heard.load), 1);
    context_load_lure(heard.load, 0, &lure);
    assert_true(text_is(lure.person, "Patient/1"));
    assert_true(text_is(lure.service, "DMP"));
    context_load_free(heard.load);
}

static void
write_file(const char *folder, const char *name, const char *text)
{
    char path[256];

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    assert_int_equal(file_replace(path, text, strlen(text), 0600), OK);
}

static void
a_folder_is_read_whole_and_files_that_are_not_its_own_are_named(void **state)
{
    char folder[] = "/tmp/vigie-context-XXXXXX";
    uint8_t digest[HASH_BYTES];
    struct heard heard;

    (void)state;
    assert_non_null(mkdtemp(folder));
    write_file(folder, "shared.csv", "professional\nA\n");
    write_file(folder, "rooster.csv", "professional\nA\n");
    heard_open(&heard);
    assert_int_equal(context_load_folder(heard.load, folder), OK);
    assert_int_equal(heard.warnings, 1);
    assert_string_equal(heard.rule, "file-unknown");
    assert_non_null(strstr(heard.path, "rooster.csv"));
    assert_int_equal(context_load_finish(heard.load), OK);
    memcpy(digest, context_load_digest(heard.load), HASH_BYTES);
    context_load_free(heard.load);
    write_file(folder, "shared.csv", "professional\nB\n");
    heard_open(&heard);
    assert_int_equal(context_load_folder(heard.load, folder), OK);
    assert_int_equal(context_load_finish(heard.load), OK);
    assert_memory_not_equal(digest, context_load_digest(heard.load),
                            HASH_BYTES);
    context_load_free(heard.load);
    write_file(folder, "country.mmdb", "no database\n");
    heard_open(&heard);
    assert_int_equal(context_load_folder(heard.load, folder), E_FORMAT);
    assert_int_equal(heard.refusals, 1);
    assert_int_equal(context_load_finish(heard.load), E_FORMAT);
    context_load_free(heard.load);
    assert_int_equal(file_remove_tree(folder), OK);
    heard_open(&heard);
    assert_int_equal(context_load_folder(heard.load, folder), E_FORMAT);
    assert_string_equal(heard.rule, "folder-unreadable");
    assert_int_equal(context_load_lures(heard.load, folder), E_FORMAT);
    context_load_free(heard.load);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_bad_line_is_refused_with_line_rule_and_column),
        cmocka_unit_test(all_bad_lines_of_all_files_are_told_in_one_run),
        cmocka_unit_test(a_thousand_bad_lines_are_told_a_hundred_times),
        cmocka_unit_test(
            what_only_the_whole_set_can_tell_is_refused_at_its_line),
        cmocka_unit_test(
            a_roster_says_on_and_off_between_its_first_and_last_duty),
        cmocka_unit_test(
            french_dates_and_headers_are_local_time_and_a_last_day_counts_whole),
        cmocka_unit_test(
            a_duty_through_the_change_of_hour_is_as_long_as_it_may_be),
        cmocka_unit_test(an_absence_without_an_end_is_a_departure),
        cmocka_unit_test(
            a_professional_is_one_however_the_national_id_is_written),
        cmocka_unit_test(roles_give_ceilings_and_sites_their_campaigns),
        cmocka_unit_test(a_list_of_lures_needs_no_header),
        cmocka_unit_test(
            a_folder_is_read_whole_and_files_that_are_not_its_own_are_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
