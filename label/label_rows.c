/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Made by tools/label-table: change that, or label/elements.txt.
 * Compartment: http://hl7.org/fhir/CompartmentDefinition/patient
 * version 4.0.1 (HL7 FHIR R4, CC0), 66 types.
 * Types added to it here:
 * Binary, BiologicallyDerivedProduct, Contract, Device,
 * GuidanceResponse, Parameters, Task.
 */
#include "label/label_table.h"

/* clang-format off */
const struct label_type_row label_types[147] = {
    [0] = {0xfffffffffu, {0xffffffffffffffffu, 0xffffffffffffffffu, 0xffffffffffffffffu, 0xffffffffffffffffu}, 0xffffffffu, 0},
    [1] = {0x200000000u, {0x1020000200000000u, 0x40000u, 0x400004u}, 0x21284u, 1}, /* Account */
    [2] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* ActivityDefinition */
    [3] = {0x200000000u, {0x1000000200000000u, 0x0u, 0x400004u}, 0x1284u, 0}, /* AdverseEvent */
    [4] = {0x10100010u, {0x1000000200001000u, 0x800000200000000u, 0x4u}, 0x1384u, 0}, /* AllergyIntolerance */
    [5] = {0x40000u, {0x1020000200000000u, 0x40040000u, 0x4u}, 0x21a04u, 2}, /* Appointment */
    [6] = {0x4u, {0x1020000200000040u, 0x40000u, 0x4u}, 0x21224u, 3}, /* AppointmentResponse */
    [7] = {0x808u, {0x1002000200000200u, 0x0u, 0x4u}, 0x1264u, 0}, /* AuditEvent */
    [8] = {0x200000040u, {0x1000000200008000u, 0x0u, 0x400004u}, 0x12c4u, 0}, /* Basic */
    [9] = {0x40000000u, {0x1000000200000000u, 0x0u, 0x44u}, 0x9204u, 0}, /* Binary */
    [10] = {0x200u, {0x1000000220000000u, 0x0u, 0x4u}, 0x1604u, 0}, /* BiologicallyDerivedProduct */
    [11] = {0x100000u, {0x1000000200000000u, 0x200000000u, 0x4u}, 0x1284u, 0}, /* BodyStructure */
    [12] = {0x0u, {0x1004000200000000u, 0x0u, 0x4u}, 0x1224u, 0}, /* Bundle */
    [13] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* CapabilityStatement */
    [14] = {0x200000002u, {0x1000000200000020u, 0x0u, 0x400004u}, 0x1384u, 0}, /* CarePlan */
    [15] = {0x200080000u, {0x1020000200000000u, 0x40040000u, 0x400004u}, 0x21a84u, 4}, /* CareTeam */
    [16] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* CatalogEntry */
    [17] = {0x200000000u, {0x1020000200000000u, 0x40000u, 0x400004u}, 0x21284u, 5}, /* ChargeItem */
    [18] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* ChargeItemDefinition */
    [19] = {0x300000u, {0x1020000200000000u, 0xa00040000u, 0x4u}, 0x212a4u, 6}, /* Claim */
    [20] = {0x100000u, {0x1020000200000000u, 0x200040000u, 0x4u}, 0x21284u, 7}, /* ClaimResponse */
    [21] = {0x200000000u, {0x1000000200000000u, 0x0u, 0x400004u}, 0x1284u, 0}, /* ClinicalImpression */
    [22] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* CodeSystem */
    [23] = {0x288000000u, {0x1000000200000000u, 0x400001000000000u, 0x400104u}, 0x12c4u, 0}, /* Communication */
    [24] = {0x2a8000000u, {0x1000000200000000u, 0x400001000000000u, 0x400106u}, 0x12c4u, 0}, /* CommunicationRequest */
    [25] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* CompartmentDefinition */
    [26] = {0x200000060u, {0x100000020000a000u, 0x0u, 0x400004u}, 0x13c4u, 0}, /* Composition */
    [27] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* ConceptMap */
    [28] = {0x200000010u, {0x1000000200001000u, 0x0u, 0x400004u}, 0x1384u, 0}, /* Condition */
    [29] = {0x100000u, {0x1020000200000000u, 0x200040000u, 0x8004u}, 0x31284u, 8}, /* Consent */
    [30] = {0x200000000u, {0x1020000200000000u, 0x40000u, 0x400004u}, 0x21284u, 9}, /* Contract */
    [31] = {0x402400080u, {0x1020000200040000u, 0x102000040000u, 0x800004u}, 0x21e24u, 10}, /* Coverage */
    [32] = {0x100000u, {0x1020000200000000u, 0x200040000u, 0x4u}, 0x21284u, 11}, /* CoverageEligibilityRequest */
    [33] = {0x100000u, {0x1020000200000000u, 0x200040000u, 0x4u}, 0x21284u, 12}, /* CoverageEligibilityResponse */
    [34] = {0x100000u, {0x1000000200000000u, 0x200000000u, 0x4u}, 0x1284u, 0}, /* DetectedIssue */
    [35] = {0x100000u, {0x1000000200000000u, 0x200000000u, 0x4u}, 0x1284u, 0}, /* Device */
    [36] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* DeviceDefinition */
    [37] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* DeviceMetric */
    [38] = {0x200800000u, {0x1000000200000000u, 0x4000000000u, 0x400004u}, 0x1284u, 0}, /* DeviceRequest */
    [39] = {0x200000000u, {0x1000000200000000u, 0x0u, 0x400004u}, 0x1284u, 0}, /* DeviceUseStatement */
    [40] = {0x200000000u, {0x1000000200000000u, 0x800000000000u, 0x400004u}, 0x3284u, 0}, /* DiagnosticReport */
    [41] = {0x208000040u, {0x1020000200008000u, 0x400000000040000u, 0x400004u}, 0x212c4u, 13}, /* DocumentManifest */
    [42] = {0x200000040u, {0x1020000600008000u, 0x40000u, 0x400004u}, 0x212c4u, 14}, /* DocumentReference */
    [43] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* EffectEvidenceSynthesis */
    [44] = {0x200000000u, {0x1020000200000000u, 0x40000u, 0x400004u}, 0x21284u, 15}, /* Encounter */
    [45] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* Endpoint */
    [46] = {0x100u, {0x1020000200800000u, 0x40000u, 0x4u}, 0x21204u, 16}, /* EnrollmentRequest */
    [47] = {0x0u, {0x1020000200000000u, 0x40000u, 0x4u}, 0x21204u, 17}, /* EnrollmentResponse */
    [48] = {0x100000u, {0x1020000200000000u, 0x200040000u, 0x4u}, 0x21284u, 18}, /* EpisodeOfCare */
    [49] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* EventDefinition */
    [50] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* Evidence */
    [51] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* EvidenceVariable */
    [52] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* ExampleScenario */
    [53] = {0x300000u, {0x1020000200000000u, 0xa00040000u, 0x4u}, 0x212a4u, 19}, /* ExplanationOfBenefit */
    [54] = {0x100000u, {0x1000000200000000u, 0x200000000u, 0x4u}, 0x1284u, 0}, /* FamilyMemberHistory */
    [55] = {0x200000000u, {0x1000000200000000u, 0x0u, 0x400004u}, 0x1284u, 0}, /* Flag */
    [56] = {0x200000000u, {0x1000000200000000u, 0x0u, 0x400004u}, 0x1284u, 0}, /* Goal */
    [57] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* GraphDefinition */
    [58] = {0x10000u, {0x1000000200000000u, 0x8000u, 0x4u}, 0x1244u, 0}, /* Group */
    [59] = {0x200000000u, {0x1000000200000000u, 0x0u, 0x400004u}, 0x1284u, 0}, /* GuidanceResponse */
    [60] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* HealthcareService */
    [61] = {0x200000000u, {0x1000000200000000u, 0x0u, 0x400004u}, 0x1284u, 0}, /* ImagingStudy */
    [62] = {0x100000u, {0x1000000200000000u, 0x200000000u, 0x4u}, 0x1284u, 0}, /* Immunization */
    [63] = {0x100000u, {0x1000000200000000u, 0x200000000u, 0x4u}, 0x1284u, 0}, /* ImmunizationEvaluation */
    [64] = {0x100000u, {0x1000000200000000u, 0x200000000u, 0x4u}, 0x1284u, 0}, /* ImmunizationRecommendation */
    [65] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* ImplementationGuide */
    [66] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* InsurancePlan */
    [67] = {0x208000000u, {0x1020000200000000u, 0x400000000040000u, 0x400004u}, 0x21284u, 20}, /* Invoice */
    [68] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* Library */
    [69] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* Linkage */
    [70] = {0x300000000u, {0x1000000200000000u, 0x0u, 0x404004u}, 0x12c4u, 0}, /* List */
    [71] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* Location */
    [72] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* Measure */
    [73] = {0x200000000u, {0x1000000200000000u, 0x0u, 0x400004u}, 0x1284u, 0}, /* MeasureReport */
    [74] = {0x200000000u, {0x1000000600000000u, 0x0u, 0x400004u}, 0x1284u, 0}, /* Media */
    [75] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* Medication */
    [76] = {0x201000000u, {0x1000000200000000u, 0x4000000000u, 0x400004u}, 0x1284u, 0}, /* MedicationAdministration */
    [77] = {0x204000000u, {0x1000000200000000u, 0x200000000000000u, 0x400004u}, 0x1384u, 0}, /* MedicationDispense */
    [78] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* MedicationKnowledge */
    [79] = {0x200000000u, {0x1000000200000000u, 0x0u, 0x400004u}, 0x1284u, 0}, /* MedicationRequest */
    [80] = {0x200000000u, {0x1000000200000000u, 0x0u, 0x400004u}, 0x1284u, 0}, /* MedicationStatement */
    [81] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* MedicinalProduct */
    [82] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* MedicinalProductAuthorization */
    [83] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* MedicinalProductContraindication */
    [84] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* MedicinalProductIndication */
    [85] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* MedicinalProductIngredient */
    [86] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* MedicinalProductInteraction */
    [87] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* MedicinalProductManufactured */
    [88] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* MedicinalProductPackaged */
    [89] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* MedicinalProductPharmaceutical */
    [90] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* MedicinalProductUndesirableEffect */
    [91] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* MessageDefinition */
    [92] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* MessageHeader */
    [93] = {0x100000u, {0x1000000200000000u, 0x200000000u, 0x4u}, 0x1284u, 0}, /* MolecularSequence */
    [94] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* NamingSystem */
    [95] = {0x100000u, {0x1000000200000000u, 0x200000000u, 0x4u}, 0x1284u, 0}, /* NutritionOrder */
    [96] = {0x200800000u, {0x1000000200000000u, 0x4000000000u, 0x400004u}, 0x1284u, 0}, /* Observation */
    [97] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* ObservationDefinition */
    [98] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* OperationDefinition */
    [99] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* OperationOutcome */
    [100] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* Organization */
    [101] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* OrganizationAffiliation */
    [102] = {0x20000u, {0x1000000200000000u, 0x10000000u, 0x4u}, 0x1204u, 0}, /* Parameters */
    [103] = {0x4000u, {0x3020000300000000u, 0x40400u, 0x20000004u}, 0x21694u, 21}, /* Patient */
    [104] = {0x0u, {0x1020000200000000u, 0x40000u, 0x4u}, 0x21204u, 22}, /* PaymentNotice */
    [105] = {0x0u, {0x1020000200000000u, 0x40000u, 0x4u}, 0x21204u, 23}, /* PaymentReconciliation */
    [106] = {0x8000u, {0x3020000300000000u, 0x40400u, 0x20000004u}, 0x21694u, 24}, /* Person */
    [107] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* PlanDefinition */
    [108] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* Practitioner */
    [109] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* PractitionerRole */
    [110] = {0x201000000u, {0x1000000200000000u, 0x4000000000u, 0x400004u}, 0x1284u, 0}, /* Procedure */
    [111] = {0x800000000u, {0x1000000200000000u, 0x0u, 0x8000004u}, 0x1244u, 0}, /* Provenance */
    [112] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* Questionnaire */
    [113] = {0x200000040u, {0x1000000200008000u, 0x0u, 0x400004u}, 0x12c4u, 0}, /* QuestionnaireResponse */
    [114] = {0x100000u, {0x3020000300000000u, 0x200040000u, 0x20000004u}, 0x21684u, 25}, /* RelatedPerson */
    [115] = {0x200000001u, {0x1000000200000008u, 0x0u, 0x400004u}, 0x12c4u, 0}, /* RequestGroup */
    [116] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* ResearchDefinition */
    [117] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* ResearchElementDefinition */
    [118] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* ResearchStudy */
    [119] = {0x2000u, {0x9000000200000000u, 0x0u, 0x4u}, 0x1604u, 0}, /* ResearchSubject */
    [120] = {0x200000000u, {0x1000000200000000u, 0x0u, 0x400004u}, 0x1284u, 0}, /* RiskAssessment */
    [121] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* RiskEvidenceSynthesis */
    [122] = {0x4u, {0x1020000200000040u, 0x40000u, 0x4u}, 0x21224u, 26}, /* Schedule */
    [123] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* SearchParameter */
    [124] = {0x200800000u, {0x1000000200000000u, 0x4000000000u, 0x400004u}, 0x1284u, 0}, /* ServiceRequest */
    [125] = {0x0u, {0x1020000200000000u, 0x40000u, 0x4u}, 0x21204u, 27}, /* Slot */
    [126] = {0x200000000u, {0x1000000200000000u, 0x0u, 0x400004u}, 0x1284u, 0}, /* Specimen */
    [127] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* SpecimenDefinition */
    [128] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* StructureDefinition */
    [129] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* StructureMap */
    [130] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* Subscription */
    [131] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* Substance */
    [132] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* SubstanceNucleicAcid */
    [133] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* SubstancePolymer */
    [134] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* SubstanceProtein */
    [135] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* SubstanceReferenceInformation */
    [136] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* SubstanceSourceMaterial */
    [137] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* SubstanceSpecification */
    [138] = {0x100000u, {0x1000000200000000u, 0x200000000u, 0x4u}, 0x1284u, 0}, /* SupplyDelivery */
    [139] = {0x400u, {0x1000040200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* SupplyRequest */
    [140] = {0x1000u, {0x10a0000200000000u, 0x40000u, 0x4u}, 0x2120cu, 28}, /* Task */
    [141] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* TerminologyCapabilities */
    [142] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* TestReport */
    [143] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* TestScript */
    [144] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* ValueSet */
    [145] = {0x0u, {0x1000000200000000u, 0x0u, 0x4u}, 0x1204u, 0}, /* VerificationResult */
    [146] = {0x100000u, {0x1000000200000000u, 0x200000000u, 0x4u}, 0x1284u, 0}, /* VisionPrescription */
};
const struct label_rule_row label_rule_rows[LABEL_RULES] = {
    [1] = {.categories = { /* Account */
    [3] = {0x0u}, [5] = {0x80000000000u},
        }, .named = {0x5020080200000000u, 0x50040u, 0x40000004u},
        .others = CATEGORY_ADMIN},
    [2] = {.categories = { /* Appointment */
    [4] = {0x2001001000420000u, 0x1000040020000u, 0xc2001u},
    [5] = {0x80040000800u, 0x180000400000000u, 0x4021400u},
        }, .named = {0x7021081240420800u, 0x181000440070040u, 0x440e3405u},
        .others = LABEL_UNKNOWN_ELEMENT},
    [3] = {.categories = { /* AppointmentResponse */
    [4] = {0x2001000000000440u, 0x180000000u, 0x40000u}, [5] = {0x40000000u},
        }, .named = {0x7021000240000440u, 0x180050040u, 0x40040004u},
        .others = LABEL_UNKNOWN_ELEMENT},
    [4] = {.categories = { /* CareTeam */
    [4] = {0x2000800000000000u, 0x10040001000u, 0x20480000u},
    [5] = {0x2000000u, 0x180000000600000u},
        }, .named = {0x7020800202000000u, 0x180010040651040u, 0x60480004u},
        .others = LABEL_UNKNOWN_ELEMENT},
    [5] = {.categories = { /* ChargeItem */
    [3] = {0x0u}, [5] = {0x10100000u, 0x58000000400000u, 0x200u},
        }, .named = {0x5020000210100000u, 0x58000000450040u, 0x40000204u},
        .others = CATEGORY_ADMIN},
    [6] = {.categories = { /* Claim */
    [3] = {0x0u}, [5] = {0x300000000082u, 0x6400001000020u, 0x2000000u},
        }, .named = {0x5020300200000082u, 0x6400001050060u, 0x42000004u},
        .others = CATEGORY_ADMIN},
    [7] = {.categories = { /* ClaimResponse */
    [3] = {0x0u}, [5] = {0x300000000082u, 0x6400001000020u, 0x2000000u},
        }, .named = {0x5020300200000082u, 0x6400001050060u, 0x42000004u},
        .others = CATEGORY_ADMIN},
    [8] = {.categories = { /* Consent */
    [4] = {0x2000008002000000u, 0x284200800000u, 0x100098020u},
    [5] = {0x0u, 0x20000000000000u},
        }, .named = {0x7020008202000000u, 0x20284200850040u, 0x140098024u},
        .others = LABEL_UNKNOWN_ELEMENT},
    [9] = {.categories = { /* Contract */
    [3] = {0x0u},
        }, .named = {0x5020000200000000u, 0x50040u, 0x40000004u},
        .others = CATEGORY_ADMIN},
    [10] = {.categories = { /* Coverage */
    [1] = {0x0u, 0x0u, 0x1000000u}, [3] = {0x0u},
        }, .named = {0x5020000200000000u, 0x50040u, 0x41000004u},
        .others = CATEGORY_ADMIN},
    [11] = {.categories = { /* CoverageEligibilityRequest */
    [3] = {0x0u},
        }, .named = {0x5020000200000000u, 0x50040u, 0x40000004u},
        .others = CATEGORY_ADMIN},
    [12] = {.categories = { /* CoverageEligibilityResponse */
    [3] = {0x0u}, [5] = {0x200000000000u},
        }, .named = {0x5020200200000000u, 0x50040u, 0x40000004u},
        .others = CATEGORY_ADMIN},
    [13] = {.categories = { /* DocumentManifest */
    [5] = {0x80000000000u},
    [6] = {0x2000001400008000u, 0x2400000000004000u, 0x80484000u},
        }, .named = {0x7020081600008000u, 0x2400000000054040u, 0xc0484004u},
        .others = LABEL_UNKNOWN_ELEMENT},
    [14] = {.categories = { /* DocumentReference */
    [5] = {0x80000000000u},
    [6] = {0x2000406c0200c000u, 0x4000000000004000u, 0x80480080u},
        }, .named = {0x7020486e0200c000u, 0x4000000000054040u, 0xc0480084u},
        .others = LABEL_UNKNOWN_ELEMENT},
    [15] = {.categories = { /* Encounter */
    [4] = {0x280800000c020404u, 0x1010060000900u, 0x580800u},
    [5] = {0x100000000000u, 0x180000000000000u, 0x80001000u},
        }, .named = {0x782810020c020404u, 0x181010060050940u, 0xc0581804u},
        .others = LABEL_UNKNOWN_ELEMENT},
    [16] = {.categories = { /* EnrollmentRequest */
    [3] = {0x0u},
        }, .named = {0x5020000200000000u, 0x50040u, 0x40000004u},
        .others = CATEGORY_ADMIN},
    [17] = {.categories = { /* EnrollmentResponse */
    [3] = {0x0u}, [5] = {0x200000000000u},
        }, .named = {0x5020200200000000u, 0x50040u, 0x40000004u},
        .others = CATEGORY_ADMIN},
    [18] = {.categories = { /* EpisodeOfCare */
    [4] = {0x2000000001000004u, 0x1000010200001000u, 0x10180000u},
    [5] = {0x100000000000u, 0x0u, 0x80000000u},
        }, .named = {0x7020100201000004u, 0x1000010200051040u, 0xd0180004u},
        .others = LABEL_UNKNOWN_ELEMENT},
    [19] = {.categories = { /* ExplanationOfBenefit */
    [3] = {0x0u}, [5] = {0x300000000082u, 0x6400001000020u, 0x2000000u},
        }, .named = {0x5020300200000082u, 0x6400001050060u, 0x42000004u},
        .others = CATEGORY_ADMIN},
    [20] = {.categories = { /* Invoice */
    [3] = {0x0u}, [5] = {0x0u, 0x400200u},
        }, .named = {0x5020000200000000u, 0x450240u, 0x40000004u},
        .others = CATEGORY_ADMIN},
    [21] = {.categories = { /* Patient */
    [0] = {0x2100030080080000u, 0x20000382400u},
    [2] = {0x100000100u, 0x0u, 0x20000000u},
    [4] = {0x200000000000000u, 0x1000u},
        }, .named = {0x7320030380080110u, 0x200003d3440u, 0x60000004u},
        .others = LABEL_UNKNOWN_ELEMENT},
    [22] = {.categories = { /* PaymentNotice */
    [3] = {0x0u},
        }, .named = {0x5020000200000000u, 0x50040u, 0x40000004u},
        .others = CATEGORY_ADMIN},
    [23] = {.categories = { /* PaymentReconciliation */
    [3] = {0x0u}, [5] = {0x200000000000u, 0x4000000000000u},
        }, .named = {0x5020200200000000u, 0x4000000050040u, 0x40000004u},
        .others = CATEGORY_ADMIN},
    [24] = {.categories = { /* Person */
    [0] = {0x2100000000080000u, 0x20000200000u},
    [2] = {0x100u, 0x400u, 0x20000000u}, [4] = {0x0u, 0x1000u},
        }, .named = {0x7120000200080110u, 0x20000251440u, 0x60000004u},
        .others = LABEL_UNKNOWN_ELEMENT},
    [25] = {.categories = { /* RelatedPerson */
    [2] = {0x0u},
        }, .named = {0x5020000200000010u, 0x50040u, 0x40000004u},
        .others = CATEGORY_CONTACT},
    [26] = {.categories = { /* Schedule */
    [4] = {0x2000000000000040u, 0x40000000000u},
    [5] = {0x40000000u, 0x0u, 0x21400u},
        }, .named = {0x7020000240000050u, 0x40000050040u, 0x40021404u},
        .others = LABEL_UNKNOWN_ELEMENT},
    [27] = {.categories = { /* Slot */
    [4] = {0x2001000000000000u, 0x4000000u, 0xc0010u},
    [5] = {0x40000800u, 0x0u, 0x21400u},
        }, .named = {0x7021000240000800u, 0x4050040u, 0x400e1414u},
        .others = LABEL_UNKNOWN_ELEMENT},
    [28] = {.categories = { /* Task */
    [4] = {0x24d0800000030000u, 0x800100802800089eu, 0x8000au},
    [5] = {0x80010200000u, 0x180000002400001u, 0x200000u},
        }, .named = {0x74f0880210230000u, 0x818100802a4508dfu, 0x4028000eu},
        .others = LABEL_UNKNOWN_ELEMENT},
};
/* clang-format on */
