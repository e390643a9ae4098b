/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * FHIR R4 resource types as stable small numbers (they are stored in rows:
 * never renumber, only add at the end), what reading one shows of a person,
 * and the RESTful interactions.
 */
#ifndef VIGIE_MODEL_RESOURCE_H
#define VIGIE_MODEL_RESOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"

#define RESOURCE_UNKNOWN 0 /* none named, or a name that FHIR R4 lacks */

enum interaction {
    INTERACTION_UNKNOWN = 0,
    INTERACTION_READ = 1, /* read, vread, history of one */
    INTERACTION_SEARCH = 2,
    INTERACTION_CREATE = 3,
    INTERACTION_UPDATE = 4, /* update, patch */
    INTERACTION_DELETE = 5,
    INTERACTION_EXPORT = 6, /* $everything, bulk, DICOM Export */
    INTERACTION_OTHER = 7,
};

/* Number of a type name, RESOURCE_UNKNOWN where it is not of R4. */
uint16_t resource_number(struct text name);
const char *resource_name(uint16_t number); /* "" for RESOURCE_UNKNOWN */
uint16_t resource_count(void);

/* The categories (model/category.h, possible bits included) that an audit
 * trail's word "this resource of this person was read" stands for. Patient:
 * identity, contact, nir possible. Unknown: medical and unclassified. */
uint16_t resource_categories(uint16_t number);

/* False for Practitioner, Organization, StructureDefinition, AuditEvent …:
 * reading one shows no person's data. True for unknown types. */
bool resource_is_personal(uint16_t number);

const char *interaction_name(enum interaction interaction);

/* Splits "Type/id", "Type/id/_history/n", or an absolute URL ending so.
 * *ret_type is RESOURCE_UNKNOWN where the type is not of R4; *ret_base is the
 * URL up to the type, without the slash before it ("" when relative). False
 * where the shape is another (urn:…, #fragment, a query). */
bool resource_reference_split(struct text reference, struct text *ret_base,
                              uint16_t *ret_type, struct text *ret_id);

#endif
