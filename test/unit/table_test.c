/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Tables by mapping: what each line becomes.
 */
#include "table_run.h"

#define HEADER                                                          \
    "Date;Heure;Utilisateur;RPPS;IPP;Nom patient;Action;Poste;Adresse " \
    "IP;Service\r\n"

static struct run run;

static void
a_table_that_no_mapping_fits_is_not_opened(void **state)
{
    (void)state;
    run_table(&run, NULL, TEXT("a;b;c\n1;2;3\n"), false);
    assert_false(run.opened);
    run_expect(&run, "");
}

static void
a_row_with_a_cell_too_many_is_refused(void **state)
{
    (void)state;
    run_table(&run, NULL,
              TEXT(HEADER
                   "02/03/2026;09:14;dr;1;42;A;B;Lecture;P;192.0.2.1;S\n"
                   "02/03/2026;09:14;dr;1;42;AB;Lecture;P;192.0.2.1;S;;\n"),
              false);
    run_expect(&run, "ignored table-header\n"
                     "refused csv-columns \n"
                     "access 2026-03-02T08:14:00Z 1 |42 @192.0.2.1\n");
}

static void
an_impossible_date_is_refused_and_says_which_field(void **state)
{
    (void)state;
    run_table(&run, NULL,
              TEXT(HEADER "30/02/2026;09:14;dr;1;42;A;Lecture;P;192.0.2.1;S\n"
                          "02/03/1899;09:14;dr;1;42;A;Lecture;P;192.0.2.1;S\n"
                          "02/03/2999;09:14;dr;1;42;A;Lecture;P;192.0.2.1;S\n"),
              false);
    run_expect(&run, "ignored table-header\n"
                     "refused time-form date\n"
                     "refused time-year date\n"
                     "refused time-year date\n");
}

static void
a_hospital_export_is_read_without_any_mapping_file(void **state)
{
    (void)state;
    run_table(
        &run, NULL,
        TEXT(HEADER
             "02/03/2026;09:14:07;dr.martin;99700218896;8001;X;Consultation;P1;"
             "192.0.2.10;Cardio\r\n"
             "02/03/2026;09:15;dr.martin;99700218896;8001;X;\"Modif; note\";P1;"
             "192.0.2.10;Cardio\r\n"
             "02/03/2026;09:16;dr.martin;99700218896;;;Recherche patient;P1;"
             "192.0.2.10;Cardio\r\n"
             "02/03/2026;09:17;dr.martin;99700218896;;;Connexion;P1;"
             "192.0.2.10;Cardio\r\n"
             "02/03/2026;09:18;dr.martin;99700218896;8002;X;Acc\xc3\xa8s "
             "refus\xc3\xa9;P1;192.0.2.10;Cardio\r\n"
             "02/03/2026;09:19;dr.martin;99700218896;;;D\xc3\xa9"
             "connexion;P1;192.0.2.10;Cardio\r\n"
             "02/03/2026;09:20;dr.martin;;8003;X;Lecture;P1;P-17;Cardio\r\n"),
        false);
    assert_string_equal(run.name, "hospital-csv");
    assert_int_equal(run.last.grade, GRADE_DECLARED);
    assert_true((run.last.flags & EVENT_TIME_ZONE_ASSUMED) != 0);
    assert_int_equal(run.last.categories,
                     CATEGORY_MEDICAL | CATEGORY_UNCLASSIFIED);
    run_expect(&run,
               "ignored table-header\n"
               "access 2026-03-02T08:14:07Z 99700218896 |8001 @192.0.2.10\n"
               "access 2026-03-02T08:15:00Z 99700218896 |8001 @192.0.2.10\n"
               "access 2026-03-02T08:16:00Z 99700218896 ?Recherche patient "
               "@192.0.2.10\n"
               "login 2026-03-02T08:17:00Z 99700218896 @192.0.2.10\n"
               "refusal 2026-03-02T08:18:00Z 99700218896 |8002 @192.0.2.10\n"
               "logout 2026-03-02T08:19:00Z 99700218896 @192.0.2.10\n"
               "access 2026-03-02T08:20:00Z dr.martin |8003\n");
}

static void
a_column_that_is_not_there_decides_nothing(void **state)
{
    (void)state;
    run_table(&run, NULL,
              TEXT("Date;Utilisateur;IPP;Statut\n"
                   "02/03/2026 09:14;bob;42;Refus\xc3\xa9\n"
                   "02/03/2026 09:15;bob;42;\n"
                   "02/03/2026 09:16;bob;42;N\n"),
              false);
    run_expect(&run, "ignored table-header\n"
                     "refusal 2026-03-02T08:14:00Z bob |42\n"
                     "access 2026-03-02T08:15:00Z bob |42\n"
                     "access 2026-03-02T08:16:00Z bob |42\n");
    run_table(&run, NULL,
              TEXT("Date;Utilisateur;IPP;Succ\xc3\xa8s\n"
                   "02/03/2026 09:14;bob;42;Non\n"),
              false);
    run_expect(&run, "ignored table-header\n"
                     "refusal 2026-03-02T08:14:00Z bob |42\n");
}

static void
a_write_that_names_nobody_shows_nobody(void **state)
{
    (void)state;
    run_table(&run, NULL,
              TEXT("192.0.2.1 - dr1 [02/Mar/2026:09:14:07 +0100] \"POST "
                   "/fhir/Observation HTTP/1.1\" 201 5\n"
                   "192.0.2.1 - dr1 [02/Mar/2026:09:14:07 +0100] \"POST "
                   "/fhir/Patient/_search HTTP/1.1\" 200 5\n"
                   "192.0.2.1 - dr1 [02/Mar/2026:09:14:07 +0100] \"PUT "
                   "/fhir/Patient/42 HTTP/1.1\" 200 5\n"
                   "192.0.2.1 - dr1 [02/Mar/2026:09:14:07 +0100] \"GET "
                   "/fhir/Observation/9 HTTP/1.1\" 403 5\n"),
              false);
    assert_int_equal(run.last.categories, 0);
    run_expect(&run, "ignored no-person\n"
                     "access 2026-03-02T08:14:07Z dr1 "
                     "?/fhir/Patient/_search @192.0.2.1\n"
                     "access 2026-03-02T08:14:07Z dr1 Patient/42 @192.0.2.1\n"
                     "refusal 2026-03-02T08:14:07Z dr1 @192.0.2.1\n");
}

static void
a_declared_person_is_not_named_again_by_the_url(void **state)
{
    (void)state;
    run_table(&run,
              "table t { format csv; time column D; person column P;\n"
              "  url column U; person url fhir; }",
              TEXT("D;P;U\n02/03/2026;7;/fhir/Patient/42/Condition\n"
                   "02/03/2026;7;/fhir/Organization/1\n"
                   "02/03/2026;;/fhir/Patient/42\n"),
              false);
    assert_int_equal(run.last.grade, GRADE_REQUESTED);
    run_expect(&run, "ignored table-header\n"
                     "access 2026-03-01T23:00:00Z  |7\n"
                     "access 2026-03-01T23:00:00Z  |7\n"
                     "access 2026-03-01T23:00:00Z  Patient/42\n");
}

static void
breaking_the_glass_is_marked(void **state)
{
    (void)state;
    run_table(&run, NULL,
              TEXT("Date;Utilisateur;IPP;Motif\n"
                   "02/03/2026 09:14;bob;42;Bris de glace\n"),
              false);
    assert_true((run.last.flags & EVENT_EMERGENCY) != 0);
    buffer_free(&run.told);
    run_table(&run, NULL,
              TEXT("Date;Utilisateur;IPP;Motif\n"
                   "02/03/2026 09:14;bob;42;Suivi\n"),
              false);
    assert_true((run.last.flags & EVENT_EMERGENCY) == 0);
    buffer_free(&run.told);
}

static void
headers_are_found_whatever_their_case_accents_and_marks(void **state)
{
    static const char *const headers[] = {
        "date d'acc\xc3\xa8s,LOGIN,N\xc2\xb0 IPP",
        "Date d'acc\xe8s\tlogin\tN\xb0 IPP",
        "DATE_ACCES|Login|num_ipp",
        "\"Horodatage\";\"Identifiant utilisateur\";\"Identifiant patient\"",
        "\xef\xbb\xbf"
        "Date et heure;Compte;IPP patient",
        "Export du 3 mars\nsep=;\nDate/Heure;Op\xc3\xa9rateur;N.I.P.",
    };
    char lines[256];

    (void)state;
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        const char separator = i == 0   ? ','
                               : i == 1 ? '\t'
                               : i == 2 ? '|'
                                        : ';';

        (void)snprintf(lines, sizeof(lines),
                       "%s\n02/03/2026 09:14:07%cbob%c42\n", headers[i],
                       separator, separator);
        run_table(&run, NULL, text_of(lines), false);
        assert_true(run.opened);
        assert_int_equal(run.events, 1);
        assert_non_null(
            strstr(run.told.bytes, "access 2026-03-02T08:14:07Z bob |42\n"));
        buffer_free(&run.told);
    }
}

static void
a_patient_s_name_is_no_key(void **state)
{
    (void)state;
    run_table(&run, NULL,
              TEXT("Date;Utilisateur;Nom patient\n02/03/2026;bob;X\n"), false);
    assert_false(run.opened);
    buffer_free(&run.told);
}

static void
an_ins_with_blanks_is_one_identifier(void **state)
{
    (void)state;
    run_table(&run, NULL,
              TEXT("Date;Utilisateur;INS\n"
                   "02/03/2026 09:14;bob;2 79 03 51 215 189 89\n"),
              false);
    run_expect(&run, "ignored table-header\n"
                     "access 2026-03-02T08:14:00Z bob "
                     "urn:oid:1.2.250.1.213.1.4.8|279035121518989\n");
}

static void
windows_1252_is_read_as_what_it_means(void **state)
{
    (void)state;
    run_table(&run, NULL,
              TEXT("Date;Utilisateur;IPP;Action\n"
                   "02/03/2026 09:14;Ren\xe9;42;Acc\xe8s refus\xe9\n"),
              false);
    run_expect(&run, "ignored table-header\n"
                     "refusal 2026-03-02T08:14:00Z Ren\xc3\xa9 |42\n");
}

static void
both_changes_of_hour_are_told(void **state)
{
    (void)state;
    run_table(&run, NULL,
              TEXT("Date;Utilisateur;IPP\n29/03/2026 02:30;bob;42\n"), false);
    assert_true((run.last.flags & EVENT_TIME_DOUBTFUL) != 0);
    run_expect(&run, "ignored table-header\n"
                     "access 2026-03-29T01:30:00Z bob |42\n");
    run_table(&run, NULL,
              TEXT("Date;Utilisateur;IPP\n25/10/2026 02:30;bob;42\n"), false);
    assert_true((run.last.flags & EVENT_TIME_DOUBTFUL) != 0);
    run_expect(&run, "ignored table-header\n"
                     "access 2026-10-25T00:30:00Z bob |42\n");
    run_table(&run, NULL,
              TEXT("Date;Utilisateur;IPP\n25/10/2026 03:30;bob;42\n"), false);
    assert_true((run.last.flags & EVENT_TIME_DOUBTFUL) == 0);
    run_expect(&run, "ignored table-header\n"
                     "access 2026-10-25T02:30:00Z bob |42\n");
}

static void
access_logs_give_the_persons_of_fhir_urls(void **state)
{
    (void)state;
    run_table(
        &run, NULL,
        TEXT("192.0.2.1 - dr1 [02/Mar/2026:09:14:07 +0100] \"GET "
             "/fhir/Patient/42 HTTP/1.1\" 200 512 \"-\" \"Mozilla\"\n"
             "192.0.2.1 - dr1 [02/Mar/2026:09:14:08 +0100] \"GET "
             "/fhir/Observation?patient=Patient%2F42 HTTP/1.1\" 304 0 \"-\" "
             "\"Mozilla\"\n"
             "192.0.2.1 - dr1 [02/Mar/2026:09:14:09 +0100] \"GET "
             "/fhir/Patient?family=X HTTP/1.1\" 200 1 \"-\" \"M\"\n"
             "192.0.2.1 - dr1 [02/Mar/2026:09:14:10 +0100] \"GET "
             "/fhir/Patient/43 HTTP/1.1\" 403 1 \"-\" \"M\"\n"
             "192.0.2.1 - dr1 [02/Mar/2026:09:14:10 +0100] \"GET "
             "/fhir/Patient?identifier=urn:oid:1.2.3|77 HTTP/1.1\" 200 1 "
             "\"-\" \"M\"\n"
             "192.0.2.1 - - [02/Mar/2026:09:14:11 +0100] \"GET /style.css "
             "HTTP/1.1\" 200 1 \"-\" \"M\"\n"
             "192.0.2.1 - - [02/Mar/2026:09:14:11 +0100] \"GET "
             "/fhir/Organization/7 HTTP/1.1\" 200 1 \"-\" \"M\"\n"
             "srv:443 2001:db8::1 - a b [02/Mar/2026:09:14:12 +0100] \"GET "
             "/fhir/Patient/44/Condition HTTP/1.1\" 200 1\n"
             "not a line\n"),
        false);
    assert_string_equal(run.name, "access-log");
    assert_int_equal(run.last.grade, GRADE_REQUESTED);
    assert_int_equal(run.last.resource, resource_number(TEXT("Condition")));
    run_expect(&run,
               "access 2026-03-02T08:14:07Z dr1 Patient/42 @192.0.2.1\n"
               "access 2026-03-02T08:14:08Z dr1 Patient/42 @192.0.2.1\n"
               "access 2026-03-02T08:14:09Z dr1 ?/fhir/Patient?family=X "
               "@192.0.2.1\n"
               "refusal 2026-03-02T08:14:10Z dr1 Patient/43 @192.0.2.1\n"
               "access 2026-03-02T08:14:10Z dr1 urn:oid:1.2.3|77 @192.0.2.1\n"
               "ignored other-url\n"
               "ignored other-resource\n"
               "access 2026-03-02T08:14:12Z a b Patient/44 @2001:db8::1\n"
               "refused combined-form \n");
}

static void
a_search_in_an_access_log_has_its_place_and_a_refused_one_has_none(void **state)
{
    (void)state;
    run_table(&run, NULL,
              TEXT("192.0.2.1 - dr1 [02/Mar/2026:09:14:09 +0100] \"GET "
                   "/fhir/Patient?birthdate=1980-01-02 HTTP/1.1\" 403 1 "
                   "\"-\" \"M\"\n"),
              false);
    assert_int_equal(run.last.kind, EVENT_REFUSAL);
    assert_int_equal(run.last.place.kind, QUERY_NONE);
    buffer_free(&run.told);
    run_table(&run, NULL,
              TEXT("192.0.2.1 - dr1 [02/Mar/2026:09:14:09 +0100] \"GET "
                   "/fhir/Patient?family=X HTTP/1.1\" 200 1 \"-\" \"M\"\n"),
              false);
    assert_int_equal(run.last.kind, EVENT_ACCESS);
    assert_int_equal(run.last.place.kind, QUERY_NAME);
    assert_true(run.last.place.at == UINT64_C(0x7800000000000000));
    buffer_free(&run.told);
}

static void
a_user_name_in_an_access_log_decides_neither_time_nor_address(void **state)
{
    (void)state;
    run_table(&run, NULL,
              TEXT("192.0.2.1 - x [01/Jan/2020:00:00:00 +0000] \\\"GET "
                   "/fhir/Patient/6 HTTP/1.1\\\" 200 1 "
                   "[02/Mar/2026:09:14:07 +0100] \"GET /fhir/Patient/42 "
                   "HTTP/1.1\" 200 5 \"-\" \"M\"\n"),
              false);
    run_expect(&run,
               "access 2026-03-02T08:14:07Z x [01/Jan/2020:00:00:00 +0000] "
               "\\\"GET /fhir/Patient/6 HTTP/1.1\\\" 200 1 Patient/42 "
               "@192.0.2.1\n");
}

static void
the_traces_of_the_ans_proxy_are_read(void **state)
{
    (void)state;
    run_table(
        &run, NULL,
        TEXT("{\"type\":\"CONNECT_SUCCESS\",\"clientId\":\"c\",\"IdRPPS\":"
             "\"899700218896\",\"ipAddress\":\"192.0.2.1\",\"ports\":[1],"
             "\"proxy_id_session\":\"p1\",\"session_state\":\"s1\",\"dn\":"
             "\"CN=x\",\"timestamp\":\"2026-03-02T09:14:07+01:00\"}\n"
             "{\"type\":\"SEND\",\"clientId\":\"c\",\"IdRPPS\":"
             "\"899700218896\",\"ipAddress\":\"192.0.2.1\",\"ports\":[1],"
             "\"proxy_id_session\":\"p1\",\"session_state\":\"s1\",\"dn\":"
             "\"CN=x\",\"timestamp\":\"2026-03-02T09:14:08+01:00\","
             "\"apiRequest\":{\"nomApiPsc\":\"dmp\",\"methode\":\"GET\","
             "\"path\":\"/fhir/Observation?patient=42\"}}\n"
             "{\"type\":\"send\",\"clientId\":\"c\",\"IdRPPS\":"
             "\"899700218896\",\"ipAddress\":\"192.0.2.1\",\"ports\":[1],"
             "\"proxy_id_session\":\"p1\",\"session_state\":null,\"dn\":"
             "\"CN=x\",\"timestamp\":\"2026-03-02T09:14:09+01:00\","
             "\"apiRequest\":\"https://api.example.fr/fhir/Patient/43\"}\n"
             "{\"type\":\"DISCONNECT\",\"clientId\":\"c\",\"IdRPPS\":"
             "\"899700218896\",\"ipAddress\":\"192.0.2.1\",\"ports\":[1],"
             "\"proxy_id_session\":\"p1\",\"session_state\":\"s1\",\"dn\":"
             "\"CN=x\",\"timestamp\":\"2026-03-02T09:14:10+01:00\"}\n"
             "{\"type\":\"CONNECT_FAILURE\",\"IdRPPS\":\"899700218896\","
             "\"ipAddress\":\"192.0.2.9\",\"ports\":[],\"proxy_id_session\":"
             "null,\"timestamp\":\"2026-03-02T09:14:11+01:00\"}\n"
             "{\"other\":1}\n"),
        true);
    assert_string_equal(run.name, "ans-proxy");
    run_expect(&run, "login 2026-03-02T08:14:07Z 899700218896 @192.0.2.1\n"
                     "access 2026-03-02T08:14:08Z 899700218896 Patient/42 "
                     "@192.0.2.1\n"
                     "access 2026-03-02T08:14:09Z 899700218896 Patient/43 "
                     "@192.0.2.1\n"
                     "logout 2026-03-02T08:14:10Z 899700218896 @192.0.2.1\n"
                     "refusal 2026-03-02T08:14:11Z 899700218896 @192.0.2.9\n"
                     "none\n");
}

static void
a_mapping_that_misses_a_column_names_it_and_its_line(void **state)
{
    (void)state;
    run_table(&run,
              "table t {\n  format csv;\n  time column Date;\n"
              "  professional column Agent;\n  person column 'Dossier no';\n}",
              TEXT("Date;Agent;Dossier\n02/03/2026;x;1\n"), false);
    assert_false(run.opened);
    assert_true(run.failed);
    assert_string_equal(run.failure.rule, "mapping-column");
    assert_string_equal(run.failure.field, "person column \"Dossier no\"");
    assert_int_equal(run.failure.offset, 1);
    buffer_free(&run.told);
}

static void
a_mapping_whose_patterns_fit_nothing_names_the_first(void **state)
{
    (void)state;
    run_table(&run,
              "table t { format combined; time field time;\n"
              "  person url '/dossier/{person}'; }",
              TEXT("192.0.2.1 - - [02/Mar/2026:09:14:07 +0100] \"GET / "
                   "HTTP/1.1\" 200 5 \"-\" \"M\"\n"),
              false);
    assert_true(run.opened);
    assert_true(run.failed);
    assert_string_equal(run.failure.rule, "other-url");
    assert_string_equal(run.failure.field, "person url \"/dossier/{person}\"");
    buffer_free(&run.told);
}

static void
url_patterns_name_persons_resources_and_categories(void **state)
{
    (void)state;
    run_table(
        &run,
        "table t {\n"
        "  format combined;\n"
        "  time field time; address field address;\n"
        "  ignore url '/dossier/static/**';\n"
        "  person url '/dossier?ipp={person}' categories identity contact;\n"
        "  person url '**/labo/p-{person}.html' resource Observation;\n"
        "  person url '/r/{professional}/{session}/Patient/{person}/**';\n"
        "  person url '/recherche?nom={nom}' action search;\n"
        "}",
        TEXT("192.0.2.1 - - [02/Mar/2026:09:14:07 +0100] \"GET "
             "/dossier?x=1&ipp=4%202&ipp=43 HTTP/1.1\" 200 5\n"
             "192.0.2.1 - - [02/Mar/2026:09:14:07 +0100] \"GET "
             "/a/b/labo/p-44.html HTTP/1.1\" 200 5\n"
             "192.0.2.1 - - [02/Mar/2026:09:14:07 +0100] \"GET "
             "/r/dr1/s1/Patient/45/x/y HTTP/1.1\" 200 5\n"
             "192.0.2.1 - - [02/Mar/2026:09:14:07 +0100] \"GET "
             "/recherche?nom=X HTTP/1.1\" 200 5\n"
             "192.0.2.1 - - [02/Mar/2026:09:14:07 +0100] \"GET "
             "/dossier/static/x HTTP/1.1\" 200 5\n"
             "192.0.2.1 - - [02/Mar/2026:09:14:07 +0100] \"GET "
             "/dossier?ipp= HTTP/1.1\" 200 5\n"),
        false);
    run_expect(&run,
               "access 2026-03-02T08:14:07Z  |4 2 |43 @192.0.2.1\n"
               "access 2026-03-02T08:14:07Z  |44 @192.0.2.1\n"
               "access 2026-03-02T08:14:07Z dr1 Patient/45 @192.0.2.1\n"
               "access 2026-03-02T08:14:07Z  ?/recherche?nom=X @192.0.2.1\n"
               "ignored other-url\n"
               "ignored other-url\n");
}

static void
json_paths_reach_lists_and_odd_keys(void **state)
{
    (void)state;
    run_table(
        &run,
        "table t {\n"
        "  format json;\n"
        "  match path log\\.kind is 'acces';\n"
        "  time path at.ms format epoch-ms;\n"
        "  professional path who[0].id;\n"
        "  person path 'patients[*].ipp' system 'urn:oid:1.2.3';\n"
        "  outcome path status http;\n"
        "}",
        TEXT("{\"log.kind\":\"Acc\\u00e8s\",\"at\":{\"ms\":1772442847120},"
             "\"who\":[{\"id\":\"a\"},{\"id\":\"b\"}],\"patients\":[{\"ipp\":"
             "1},{\"ipp\":\"2\"},{\"x\":0}],\"status\":200}\n"
             "{\"log.kind\":\"autre\"}\n"),
        true);
    run_expect(&run, "access 2026-03-02T09:14:07.120Z a urn:oid:1.2.3|1 "
                     "urn:oid:1.2.3|2\n"
                     "none\n");
}

static void
what_cannot_be_told_is_never_taken_for_harmless(void **state)
{
    (void)state;
    /* an unknown outcome and an unknown action: an access */
    run_table(&run,
              "table t { format csv; time column D; person column P;\n"
              "  action column A { login 'x'; }\n"
              "  outcome column O { refusal 'ko'; } }",
              TEXT("D;P;A;O\n02/03/2026;1;quoi;bof\n;2;quoi;ok\n"), false);
    assert_true((run.last.flags & EVENT_TIME_FROM_FILE) != 0);
    run_expect(&run, "ignored table-header\n"
                     "access 2026-03-01T23:00:00Z  |1\n"
                     "access 2026-03-02T09:14:07Z  |2\n");
}

/* What is proposed for a table reads that very table. */
static void
proposal_reads(const char *lines, bool json, const char *told)
{
    struct buffer out = {0};

    assert_int_equal(table_propose(text_of(lines), &out), OK);
    assert_int_equal(buffer_byte(&out, '\0'), OK);
    run_table(&run, out.bytes, text_of(lines), json);
    buffer_free(&out);
    run_expect(&run, told);
}

static void
a_proposal_reads_the_table_that_it_was_made_from(void **state)
{
    (void)state;
    proposal_reads("Quand|Qui|NumRPPS|Ref patient|Nom du patient|Origine\n"
                   "02/03/2026 09:14|bob|99700218896|P1|X|192.0.2.1\n"
                   "02/03/2026 09:15|eve|99700427869|P2|Y|192.0.2.2\n",
                   false,
                   "ignored table-header\n"
                   "access 2026-03-02T08:14:00Z 99700218896 |P1 @192.0.2.1\n"
                   "access 2026-03-02T08:15:00Z 99700427869 |P2 @192.0.2.2\n");
    proposal_reads("02/03/2026;09:14;99700218896;279035121518989\n"
                   "02/03/2026;09:15;99700218896;279035121518989\n",
                   false,
                   "access 2026-03-02T08:14:00Z 99700218896 "
                   "urn:oid:1.2.250.1.213.1.4.8|279035121518989\n"
                   "access 2026-03-02T08:15:00Z 99700218896 "
                   "urn:oid:1.2.250.1.213.1.4.8|279035121518989\n");
    proposal_reads("{\"t\":\"2026-03-02T09:14:07Z\",\"who\":{\"user.name\":"
                   "\"bob\"},\"patients\":[{\"ipp\":\"7\"}]}\n",
                   true, "access 2026-03-02T09:14:07Z bob |7\n");
}

static void
a_proposal_holds_no_value(void **state)
{
    struct buffer out = {0};

    (void)state;
    assert_int_equal(table_propose(TEXT("DUPONT;02/03/2026;secret\n"
                                        "MARTIN;03/03/2026;secret\n"),
                                   &out),
                     OK);
    assert_int_equal(buffer_byte(&out, '\0'), OK);
    assert_null(strstr(out.bytes, "DUPONT"));
    assert_null(strstr(out.bytes, "secret"));
    buffer_free(&out);
    assert_int_equal(table_propose(TEXT("just a text\n"), &out), E_NOTFOUND);
    buffer_free(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_that_no_mapping_fits_is_not_opened),
        cmocka_unit_test(a_row_with_a_cell_too_many_is_refused),
        cmocka_unit_test(an_impossible_date_is_refused_and_says_which_field),
        cmocka_unit_test(a_hospital_export_is_read_without_any_mapping_file),
        cmocka_unit_test(a_column_that_is_not_there_decides_nothing),
        cmocka_unit_test(a_write_that_names_nobody_shows_nobody),
        cmocka_unit_test(a_declared_person_is_not_named_again_by_the_url),
        cmocka_unit_test(breaking_the_glass_is_marked),
        cmocka_unit_test(
            headers_are_found_whatever_their_case_accents_and_marks),
        cmocka_unit_test(a_patient_s_name_is_no_key),
        cmocka_unit_test(an_ins_with_blanks_is_one_identifier),
        cmocka_unit_test(windows_1252_is_read_as_what_it_means),
        cmocka_unit_test(both_changes_of_hour_are_told),
        cmocka_unit_test(access_logs_give_the_persons_of_fhir_urls),
        cmocka_unit_test(
            a_search_in_an_access_log_has_its_place_and_a_refused_one_has_none),
        cmocka_unit_test(
            a_user_name_in_an_access_log_decides_neither_time_nor_address),
        cmocka_unit_test(the_traces_of_the_ans_proxy_are_read),
        cmocka_unit_test(a_mapping_that_misses_a_column_names_it_and_its_line),
        cmocka_unit_test(a_mapping_whose_patterns_fit_nothing_names_the_first),
        cmocka_unit_test(url_patterns_name_persons_resources_and_categories),
        cmocka_unit_test(json_paths_reach_lists_and_odd_keys),
        cmocka_unit_test(what_cannot_be_told_is_never_taken_for_harmless),
        cmocka_unit_test(a_proposal_reads_the_table_that_it_was_made_from),
        cmocka_unit_test(a_proposal_holds_no_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
