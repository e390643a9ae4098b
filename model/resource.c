/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The types of FHIR R4 (4.0.1) in the order of their names, numbered from 1.
 * The numbers are stored in rows: a type of a later release goes to the end,
 * out of order, and gets its own place in resource_number().
 */
#include "model/resource.h"

#include <string.h>

#include "model/category.h"

/* What one reading shows, by the kinds of docs/design.md (categories). Where
 * the elements that were really sent decide, the trail cannot know: the
 * heavier category is then "possible", never excluded. */
#define NOBODY 0
#define PERSON \
    (CATEGORY_IDENTITY | CATEGORY_CONTACT | CATEGORY_POSSIBLE(CATEGORY_NIR))
#define CONTACT CATEGORY_CONTACT
#define ADMIN CATEGORY_ADMIN
#define COVERAGE (CATEGORY_ADMIN | CATEGORY_POSSIBLE(CATEGORY_NIR))
#define BILL (CATEGORY_ADMIN | CATEGORY_POSSIBLE(CATEGORY_MEDICAL))
#define CARE (CATEGORY_COORDINATION | CATEGORY_POSSIBLE(CATEGORY_MEDICAL))
#define MEDICAL CATEGORY_MEDICAL
#define LISTED (CATEGORY_DOCUMENT | CATEGORY_POSSIBLE(CATEGORY_MEDICAL))
#define CONTENT (CATEGORY_DOCUMENT | CATEGORY_MEDICAL)
#define UNKNOWN (CATEGORY_MEDICAL | CATEGORY_UNCLASSIFIED)

struct resource {
    struct text name;
    uint16_t categories;
};
#define TEXT_INIT(literal)             \
    {                                  \
        (literal), sizeof(literal) - 1 \
    }

static const struct resource resources[] = {
    [1] = {TEXT_INIT("Account"), ADMIN},
    [2] = {TEXT_INIT("ActivityDefinition"), NOBODY},
    [3] = {TEXT_INIT("AdverseEvent"), MEDICAL},
    [4] = {TEXT_INIT("AllergyIntolerance"), MEDICAL},
    [5] = {TEXT_INIT("Appointment"), CARE},
    [6] = {TEXT_INIT("AppointmentResponse"), CARE},
    [7] = {TEXT_INIT("AuditEvent"), NOBODY},
    [8] = {TEXT_INIT("Basic"), UNKNOWN},
    [9] = {TEXT_INIT("Binary"), CONTENT},
    [10] = {TEXT_INIT("BiologicallyDerivedProduct"), MEDICAL},
    [11] = {TEXT_INIT("BodyStructure"), MEDICAL},
    [12] = {TEXT_INIT("Bundle"), CONTENT},
    [13] = {TEXT_INIT("CapabilityStatement"), NOBODY},
    [14] = {TEXT_INIT("CarePlan"), MEDICAL},
    [15] = {TEXT_INIT("CareTeam"), CARE},
    [16] = {TEXT_INIT("CatalogEntry"), NOBODY},
    [17] = {TEXT_INIT("ChargeItem"), BILL},
    [18] = {TEXT_INIT("ChargeItemDefinition"), NOBODY},
    [19] = {TEXT_INIT("Claim"), BILL},
    [20] = {TEXT_INIT("ClaimResponse"), BILL},
    [21] = {TEXT_INIT("ClinicalImpression"), MEDICAL},
    [22] = {TEXT_INIT("CodeSystem"), NOBODY},
    [23] = {TEXT_INIT("Communication"), MEDICAL},
    [24] = {TEXT_INIT("CommunicationRequest"), MEDICAL},
    [25] = {TEXT_INIT("CompartmentDefinition"), NOBODY},
    [26] = {TEXT_INIT("Composition"), CONTENT},
    [27] = {TEXT_INIT("ConceptMap"), NOBODY},
    [28] = {TEXT_INIT("Condition"), MEDICAL},
    [29] = {TEXT_INIT("Consent"), CARE},
    [30] = {TEXT_INIT("Contract"), ADMIN},
    [31] = {TEXT_INIT("Coverage"), COVERAGE},
    [32] = {TEXT_INIT("CoverageEligibilityRequest"), ADMIN},
    [33] = {TEXT_INIT("CoverageEligibilityResponse"), ADMIN},
    [34] = {TEXT_INIT("DetectedIssue"), MEDICAL},
    [35] = {TEXT_INIT("Device"), MEDICAL},
    [36] = {TEXT_INIT("DeviceDefinition"), NOBODY},
    [37] = {TEXT_INIT("DeviceMetric"), MEDICAL},
    [38] = {TEXT_INIT("DeviceRequest"), MEDICAL},
    [39] = {TEXT_INIT("DeviceUseStatement"), MEDICAL},
    [40] = {TEXT_INIT("DiagnosticReport"), MEDICAL},
    [41] = {TEXT_INIT("DocumentManifest"), LISTED},
    [42] = {TEXT_INIT("DocumentReference"), LISTED},
    [43] = {TEXT_INIT("EffectEvidenceSynthesis"), NOBODY},
    [44] = {TEXT_INIT("Encounter"), CARE},
    [45] = {TEXT_INIT("Endpoint"), NOBODY},
    [46] = {TEXT_INIT("EnrollmentRequest"), ADMIN},
    [47] = {TEXT_INIT("EnrollmentResponse"), ADMIN},
    [48] = {TEXT_INIT("EpisodeOfCare"), CARE},
    [49] = {TEXT_INIT("EventDefinition"), NOBODY},
    [50] = {TEXT_INIT("Evidence"), NOBODY},
    [51] = {TEXT_INIT("EvidenceVariable"), NOBODY},
    [52] = {TEXT_INIT("ExampleScenario"), NOBODY},
    [53] = {TEXT_INIT("ExplanationOfBenefit"), BILL},
    [54] = {TEXT_INIT("FamilyMemberHistory"), MEDICAL},
    [55] = {TEXT_INIT("Flag"), MEDICAL},
    [56] = {TEXT_INIT("Goal"), MEDICAL},
    [57] = {TEXT_INIT("GraphDefinition"), NOBODY},
    [58] = {TEXT_INIT("Group"), UNKNOWN},
    [59] = {TEXT_INIT("GuidanceResponse"), MEDICAL},
    [60] = {TEXT_INIT("HealthcareService"), NOBODY},
    [61] = {TEXT_INIT("ImagingStudy"), MEDICAL},
    [62] = {TEXT_INIT("Immunization"), MEDICAL},
    [63] = {TEXT_INIT("ImmunizationEvaluation"), MEDICAL},
    [64] = {TEXT_INIT("ImmunizationRecommendation"), MEDICAL},
    [65] = {TEXT_INIT("ImplementationGuide"), NOBODY},
    [66] = {TEXT_INIT("InsurancePlan"), NOBODY},
    [67] = {TEXT_INIT("Invoice"), BILL},
    [68] = {TEXT_INIT("Library"), NOBODY},
    [69] = {TEXT_INIT("Linkage"), UNKNOWN},
    [70] = {TEXT_INIT("List"), MEDICAL},
    [71] = {TEXT_INIT("Location"), NOBODY},
    [72] = {TEXT_INIT("Measure"), NOBODY},
    [73] = {TEXT_INIT("MeasureReport"), MEDICAL},
    [74] = {TEXT_INIT("Media"), MEDICAL},
    [75] = {TEXT_INIT("Medication"), MEDICAL},
    [76] = {TEXT_INIT("MedicationAdministration"), MEDICAL},
    [77] = {TEXT_INIT("MedicationDispense"), MEDICAL},
    [78] = {TEXT_INIT("MedicationKnowledge"), NOBODY},
    [79] = {TEXT_INIT("MedicationRequest"), MEDICAL},
    [80] = {TEXT_INIT("MedicationStatement"), MEDICAL},
    [81] = {TEXT_INIT("MedicinalProduct"), NOBODY},
    [82] = {TEXT_INIT("MedicinalProductAuthorization"), NOBODY},
    [83] = {TEXT_INIT("MedicinalProductContraindication"), NOBODY},
    [84] = {TEXT_INIT("MedicinalProductIndication"), NOBODY},
    [85] = {TEXT_INIT("MedicinalProductIngredient"), NOBODY},
    [86] = {TEXT_INIT("MedicinalProductInteraction"), NOBODY},
    [87] = {TEXT_INIT("MedicinalProductManufactured"), NOBODY},
    [88] = {TEXT_INIT("MedicinalProductPackaged"), NOBODY},
    [89] = {TEXT_INIT("MedicinalProductPharmaceutical"), NOBODY},
    [90] = {TEXT_INIT("MedicinalProductUndesirableEffect"), NOBODY},
    [91] = {TEXT_INIT("MessageDefinition"), NOBODY},
    [92] = {TEXT_INIT("MessageHeader"), UNKNOWN},
    [93] = {TEXT_INIT("MolecularSequence"), MEDICAL},
    [94] = {TEXT_INIT("NamingSystem"), NOBODY},
    [95] = {TEXT_INIT("NutritionOrder"), MEDICAL},
    [96] = {TEXT_INIT("Observation"), MEDICAL},
    [97] = {TEXT_INIT("ObservationDefinition"), NOBODY},
    [98] = {TEXT_INIT("OperationDefinition"), NOBODY},
    [99] = {TEXT_INIT("OperationOutcome"), NOBODY},
    [100] = {TEXT_INIT("Organization"), NOBODY},
    [101] = {TEXT_INIT("OrganizationAffiliation"), NOBODY},
    [102] = {TEXT_INIT("Parameters"), UNKNOWN},
    [103] = {TEXT_INIT("Patient"), PERSON},
    [104] = {TEXT_INIT("PaymentNotice"), ADMIN},
    [105] = {TEXT_INIT("PaymentReconciliation"), ADMIN},
    [106] = {TEXT_INIT("Person"), PERSON},
    [107] = {TEXT_INIT("PlanDefinition"), NOBODY},
    [108] = {TEXT_INIT("Practitioner"), NOBODY},
    [109] = {TEXT_INIT("PractitionerRole"), NOBODY},
    [110] = {TEXT_INIT("Procedure"), MEDICAL},
    [111] = {TEXT_INIT("Provenance"), UNKNOWN},
    [112] = {TEXT_INIT("Questionnaire"), NOBODY},
    [113] = {TEXT_INIT("QuestionnaireResponse"), MEDICAL},
    [114] = {TEXT_INIT("RelatedPerson"), CONTACT},
    [115] = {TEXT_INIT("RequestGroup"), MEDICAL},
    [116] = {TEXT_INIT("ResearchDefinition"), NOBODY},
    [117] = {TEXT_INIT("ResearchElementDefinition"), NOBODY},
    [118] = {TEXT_INIT("ResearchStudy"), NOBODY},
    [119] = {TEXT_INIT("ResearchSubject"), MEDICAL},
    [120] = {TEXT_INIT("RiskAssessment"), MEDICAL},
    [121] = {TEXT_INIT("RiskEvidenceSynthesis"), NOBODY},
    [122] = {TEXT_INIT("Schedule"), CARE},
    [123] = {TEXT_INIT("SearchParameter"), NOBODY},
    [124] = {TEXT_INIT("ServiceRequest"), MEDICAL},
    [125] = {TEXT_INIT("Slot"), CARE},
    [126] = {TEXT_INIT("Specimen"), MEDICAL},
    [127] = {TEXT_INIT("SpecimenDefinition"), NOBODY},
    [128] = {TEXT_INIT("StructureDefinition"), NOBODY},
    [129] = {TEXT_INIT("StructureMap"), NOBODY},
    [130] = {TEXT_INIT("Subscription"), NOBODY},
    [131] = {TEXT_INIT("Substance"), NOBODY},
    [132] = {TEXT_INIT("SubstanceNucleicAcid"), NOBODY},
    [133] = {TEXT_INIT("SubstancePolymer"), NOBODY},
    [134] = {TEXT_INIT("SubstanceProtein"), NOBODY},
    [135] = {TEXT_INIT("SubstanceReferenceInformation"), NOBODY},
    [136] = {TEXT_INIT("SubstanceSourceMaterial"), NOBODY},
    [137] = {TEXT_INIT("SubstanceSpecification"), NOBODY},
    [138] = {TEXT_INIT("SupplyDelivery"), MEDICAL},
    [139] = {TEXT_INIT("SupplyRequest"), MEDICAL},
    [140] = {TEXT_INIT("Task"), CARE},
    [141] = {TEXT_INIT("TerminologyCapabilities"), NOBODY},
    [142] = {TEXT_INIT("TestReport"), NOBODY},
    [143] = {TEXT_INIT("TestScript"), NOBODY},
    [144] = {TEXT_INIT("ValueSet"), NOBODY},
    [145] = {TEXT_INIT("VerificationResult"), NOBODY},
    [146] = {TEXT_INIT("VisionPrescription"), MEDICAL},
};
#define RESOURCES (sizeof(resources) / sizeof(resources[0]))

/* Number of the first type whose name starts with A, B, …; the last entry is
 * one past the end. */
static const uint8_t starts[] = {
    1,  8,   13,  34,  43,  54,  56,  60,  61,  68,  68,  68,  72,  94,
    96, 102, 112, 114, 122, 140, 144, 144, 147, 147, 147, 147, 147,
};

uint16_t
resource_number(struct text name)
{
    if (name.length == 0 || name.bytes[0] < 'A' || name.bytes[0] > 'Z') {
        return RESOURCE_UNKNOWN;
    }
    const unsigned letter = (unsigned)(name.bytes[0] - 'A');
    const uint8_t end = starts[letter + 1];

    for (uint16_t i = starts[letter]; i < end; i++) {
        if (resources[i].name.length == name.length &&
            memcmp(resources[i].name.bytes, name.bytes, name.length) == 0) {
            return i;
        }
    }
    return RESOURCE_UNKNOWN;
}

const char *
resource_name(uint16_t number)
{
    if (number == RESOURCE_UNKNOWN || number >= RESOURCES) {
        return "";
    }
    return resources[number].name.bytes;
}

uint16_t
resource_count(void)
{
    return (uint16_t)(RESOURCES - 1);
}

uint16_t
resource_categories(uint16_t number)
{
    if (number == RESOURCE_UNKNOWN || number >= RESOURCES) {
        return UNKNOWN;
    }
    return resources[number].categories;
}

bool
resource_is_personal(uint16_t number)
{
    return resource_categories(number) != NOBODY;
}

const char *
interaction_name(enum interaction interaction)
{
    switch (interaction) {
    case INTERACTION_UNKNOWN:
        return "unknown";
    case INTERACTION_READ:
        return "read";
    case INTERACTION_SEARCH:
        return "search";
    case INTERACTION_CREATE:
        return "create";
    case INTERACTION_UPDATE:
        return "update";
    case INTERACTION_DELETE:
        return "delete";
    case INTERACTION_EXPORT:
        return "export";
    case INTERACTION_OTHER:
        return "other";
    }
    return "";
}

/* Takes the last segment of *path off; what is left ends before the slash. */
static struct text
segment_pop(struct text *path)
{
    const char *slash = memrchr(path->bytes, '/', path->length);
    struct text segment = *path;

    if (slash == NULL) {
        path->length = 0;
        return segment;
    }
    segment = text_after(segment, (size_t)(slash + 1 - path->bytes));
    path->length = (size_t)(slash - path->bytes);
    return segment;
}

/* Type names of any release and of local profiles: a capital, then letters. */
static bool
type_shaped(struct text type)
{
    if (type.length == 0 || type.bytes[0] < 'A' || type.bytes[0] > 'Z') {
        return false;
    }
    for (size_t i = 1; i < type.length; i++) {
        const char low = (char)(type.bytes[i] | 0x20);

        if (low < 'a' || low > 'z') {
            return false;
        }
    }
    return true;
}

/* Servers in the field use more than the 64 characters of FHIR's id, and
 * other signs; only what would change the URL's meaning is refused. */
static bool
id_shaped(struct text id)
{
    for (size_t i = 0; i < id.length; i++) {
        const unsigned char byte = (unsigned char)id.bytes[i];

        if (byte <= ' ' || byte == '?' || byte == '#' || byte == 0x7f) {
            return false;
        }
    }
    return id.length > 0;
}

bool
resource_reference_split(struct text reference, struct text *ret_base,
                         uint16_t *ret_type, struct text *ret_id)
{
    struct text rest = reference;

    if (reference.length == 0) {
        return false;
    }
    struct text id = segment_pop(&rest);
    struct text before = rest;

    if (rest.length > 0 && text_is(segment_pop(&before), "_history")) {
        rest = before;
        id = segment_pop(&rest);
    }
    const struct text type = segment_pop(&rest);

    /* an empty segment before the type: "https://Patient/42" is a host */
    if (!id_shaped(id) || !type_shaped(type) || text_ends(rest, "/")) {
        return false;
    }
    *ret_base = rest;
    *ret_type = resource_number(type);
    *ret_id = id;
    return true;
}
