/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "model/category.h"
#include "model/resource.h"

static void
a_name_that_is_no_type_of_r4_is_unknown(void **state)
{
    static const char *const names[] = {
        "",         "patient", "Patien",   "Patients", "PATIENT",
        "Resource", "Actor",   "Zebra",    "@",        "[",
        "\xc3\x89", "X",       "Patient ",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_int_equal(resource_number(text_of(names[i])), RESOURCE_UNKNOWN);
    }
    assert_int_equal(resource_number((struct text){NULL, 0}), RESOURCE_UNKNOWN);
    assert_int_equal(resource_number((struct text){"Patient\0", 8}),
                     RESOURCE_UNKNOWN);
}

static void
every_type_is_found_under_its_own_number(void **state)
{
    (void)state;
    assert_int_equal(resource_count(), 146);
    for (uint16_t i = 1; i <= resource_count(); i++) {
        assert_int_equal(resource_number(text_of(resource_name(i))), i);
    }
    assert_string_equal(resource_name(RESOURCE_UNKNOWN), "");
    assert_string_equal(resource_name((uint16_t)(resource_count() + 1)), "");
}

/* These are in ledgers: a change here breaks what is stored. */
static void
stored_numbers_never_change(void **state)
{
    (void)state;
    assert_string_equal(resource_name(1), "Account");
    assert_string_equal(resource_name(42), "DocumentReference");
    assert_string_equal(resource_name(96), "Observation");
    assert_string_equal(resource_name(103), "Patient");
    assert_string_equal(resource_name(146), "VisionPrescription");
}

static uint16_t
categories_of(const char *name)
{
    return resource_categories(resource_number(text_of(name)));
}

static void
an_unknown_type_is_medical_and_unclassified(void **state)
{
    (void)state;
    assert_int_equal(categories_of("Dossier"),
                     CATEGORY_MEDICAL | CATEGORY_UNCLASSIFIED);
    assert_int_equal(resource_categories(UINT16_MAX),
                     CATEGORY_MEDICAL | CATEGORY_UNCLASSIFIED);
    assert_true(resource_is_personal(RESOURCE_UNKNOWN));
}

static void
a_patient_read_never_excludes_the_nir(void **state)
{
    (void)state;
    assert_int_equal(categories_of("Patient"),
                     CATEGORY_IDENTITY | CATEGORY_CONTACT |
                         CATEGORY_POSSIBLE(CATEGORY_NIR));
}

static void
types_show_what_the_table_of_the_domain_says(void **state)
{
    (void)state;
    assert_int_equal(categories_of("Observation"), CATEGORY_MEDICAL);
    assert_int_equal(categories_of("MedicationRequest"), CATEGORY_MEDICAL);
    assert_int_equal(categories_of("RelatedPerson"), CATEGORY_CONTACT);
    assert_int_equal(categories_of("DocumentReference") & 0xff,
                     CATEGORY_DOCUMENT);
    assert_int_equal(categories_of("Binary"),
                     CATEGORY_DOCUMENT | CATEGORY_MEDICAL);
    assert_int_equal(categories_of("Appointment") & 0xff,
                     CATEGORY_COORDINATION);
    assert_int_equal(categories_of("Coverage") & 0xff, CATEGORY_ADMIN);
    assert_int_equal(categories_of("Claim"),
                     CATEGORY_ADMIN | CATEGORY_POSSIBLE(CATEGORY_MEDICAL));
}

static void
professionals_and_terminology_are_not_personal(void **state)
{
    static const char *const names[] = {
        "Practitioner", "PractitionerRole",    "Organization", "Location",
        "ValueSet",     "StructureDefinition", "AuditEvent",   "Endpoint",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_false(resource_is_personal(resource_number(text_of(names[i]))));
        assert_int_equal(categories_of(names[i]), 0);
    }
    assert_true(resource_is_personal(resource_number(TEXT("Patient"))));
}

static void
what_is_no_reference_is_refused(void **state)
{
    static const char *const references[] = {
        "",
        "Patient",
        "/",
        "//",
        "Patient/",
        "/42",
        "#p1",
        "urn:uuid:5f1c0b7e-0000-0000-0000-000000000000",
        "urn:oid:1.2.3/4",
        "Patient?name=MARTIN",
        "https://srv.example.fr/fhir/Patient?_id=42",
        "https://srv.example.fr/fhir/Patient/42?x",
        "https://srv.example.fr/fhir",
        "https://Patient/42",
        "Patient/_history/3",
        "_history/3",
        "Patient/4 2",
        "Pat1ent/42",
    };
    struct text base = TEXT("b"), id = TEXT("i");
    uint16_t type = 9;

    (void)state;
    for (size_t i = 0; i < sizeof(references) / sizeof(references[0]); i++) {
        assert_false(resource_reference_split(text_of(references[i]), &base,
                                              &type, &id));
    }
    assert_true(text_is(base, "b") && text_is(id, "i") && type == 9);
}

static void
check_split(const char *reference, const char *base, const char *type,
            const char *id)
{
    struct text got_base, got_id;
    uint16_t got_type;

    assert_true(resource_reference_split(text_of(reference), &got_base,
                                         &got_type, &got_id));
    assert_true(text_is(got_base, base));
    assert_string_equal(resource_name(got_type), type);
    assert_true(text_is(got_id, id));
}

static void
references_split_into_base_type_and_id(void **state)
{
    (void)state;
    check_split("Patient/42", "", "Patient", "42");
    check_split("/Patient/42", "", "Patient", "42");
    check_split("Patient/42/_history/3", "", "Patient", "42");
    check_split("https://srv.example.fr/fhir/Patient/42",
                "https://srv.example.fr/fhir", "Patient", "42");
    check_split("https://srv.example.fr/fhir/Observation/a.b/_history/1",
                "https://srv.example.fr/fhir", "Observation", "a.b");
    check_split("Dossier/42", "", "", "42");
}

static void
a_category_word_that_does_not_exist_is_not_found(void **state)
{
    uint16_t bit = 3;

    (void)state;
    assert_int_equal(category_parse(TEXT("Identity"), &bit), E_NOTFOUND);
    assert_int_equal(category_parse(TEXT(""), &bit), E_NOTFOUND);
    assert_int_equal(bit, 3);
}

static void
category_words_go_both_ways(void **state)
{
    (void)state;
    for (unsigned i = 0; i < CATEGORY_COUNT; i++) {
        uint16_t bit;

        assert_int_equal(category_parse(text_of(category_name(i)), &bit), OK);
        assert_int_equal(bit, 1u << i);
        assert_true(strlen(category_title(i)) > 0);
    }
    assert_string_equal(category_name(CATEGORY_COUNT), "");
    assert_string_equal(category_title(CATEGORY_COUNT), "");
}

static void
a_set_that_does_not_fit_leaves_the_buffer_as_it_was(void **state)
{
    struct buffer out = {.ceiling = 16};

    (void)state;
    assert_int_equal(buffer_string(&out, "ab"), OK);
    assert_int_equal(category_json(&out, 0xff), E_LIMIT);
    assert_true(text_is(buffer_as_text(&out), "ab"));
    buffer_free(&out);
}

static void
a_set_in_json_names_only_what_was_seen(void **state)
{
    struct buffer out = {0};

    (void)state;
    assert_int_equal(category_json(&out, 0), OK);
    assert_int_equal(category_json(&out, categories_of("Patient")), OK);
    assert_true(text_is(buffer_as_text(&out), "[][\"identity\",\"contact\"]"));
    buffer_free(&out);
}

static void
interactions_have_names(void **state)
{
    (void)state;
    assert_string_equal(interaction_name(INTERACTION_READ), "read");
    assert_string_equal(interaction_name(INTERACTION_OTHER), "other");
    assert_string_equal(interaction_name((enum interaction)99), "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_that_is_no_type_of_r4_is_unknown),
        cmocka_unit_test(every_type_is_found_under_its_own_number),
        cmocka_unit_test(stored_numbers_never_change),
        cmocka_unit_test(an_unknown_type_is_medical_and_unclassified),
        cmocka_unit_test(a_patient_read_never_excludes_the_nir),
        cmocka_unit_test(types_show_what_the_table_of_the_domain_says),
        cmocka_unit_test(professionals_and_terminology_are_not_personal),
        cmocka_unit_test(what_is_no_reference_is_refused),
        cmocka_unit_test(references_split_into_base_type_and_id),
        cmocka_unit_test(a_category_word_that_does_not_exist_is_not_found),
        cmocka_unit_test(category_words_go_both_ways),
        cmocka_unit_test(a_set_that_does_not_fit_leaves_the_buffer_as_it_was),
        cmocka_unit_test(a_set_in_json_names_only_what_was_seen),
        cmocka_unit_test(interactions_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
