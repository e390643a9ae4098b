#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""`vigie label` against a reader of its own: Python walks the whole tree,
with its own tables, by docs/labels.md. The set of (person, categories) is the
same on every file of ../shared/data/fhir, and on what is made of them here:
members in another order, keys with escapes, cut files. SEED=n repeats."""
import glob
import json
import os
import random
import re
import subprocess
import sys
import tempfile

VIGIE = os.path.abspath(os.environ.get("VIGIE", "build/vigie"))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
SHARED = os.environ.get("VIGIE_SHARED") or os.path.join(ROOT, "..", "shared")
SEED = int(os.environ.get("SEED", random.randrange(10**6)))
draw = random.Random(SEED)
HOME = tempfile.mkdtemp(prefix="vigie-label-")
failed = 0

# -- the reader's own knowledge: HL7's search parameters, domain.md §4 --

EXPRESSION = {  # compartment parameter -> elements, where another name
    "Appointment.actor": ["participant.actor"],
    "Basic.patient": ["subject"], "CarePlan.patient": ["subject"],
    "CarePlan.performer": ["activity.detail.performer"],
    "CareTeam.patient": ["subject"],
    "CareTeam.participant": ["participant.member"],
    "Claim.payee": ["payee.party"], "ExplanationOfBenefit.payee":
    ["payee.party"], "Composition.attester": ["attester.party"],
    "Condition.patient": ["subject"],
    "Coverage.policy-holder": ["policyHolder"],
    "Encounter.patient": ["subject"], "EnrollmentRequest.subject":
    ["candidate"], "Flag.patient": ["subject"], "Goal.patient": ["subject"],
    "Group.member": ["member.entity"], "ImagingStudy.patient": ["subject"],
    "Invoice.patient": ["subject"], "MeasureReport.patient": ["subject"],
    "MedicationAdministration.patient": ["subject"],
    "MedicationAdministration.performer": ["performer.actor"],
    "MedicationDispense.patient": ["subject"],
    "Patient.link": ["link.other"], "Person.patient": ["link.target"],
    "Procedure.patient": ["subject"],
    "Procedure.performer": ["performer.actor"],
    "Provenance.patient": ["target"],
    "RequestGroup.participant": ["action.participant"],
    "SupplyRequest.subject": ["deliverTo"],
}
ADDED = {"Task": ["for"], "Device": ["patient"], "Contract": ["subject"],
         "GuidanceResponse": ["subject"], "Binary": ["securityContext"],
         "BiologicallyDerivedProduct": ["collection.source"],
         "Parameters": ["parameter.valueReference"]}
PRESUMED = {"patient", "subject", "beneficiary", "for", "individual",
            "candidate"}
MEDICAL = set("""AdverseEvent AllergyIntolerance BiologicallyDerivedProduct
BodyStructure CarePlan ClinicalImpression Communication CommunicationRequest
Condition DetectedIssue Device DeviceMetric DeviceRequest DeviceUseStatement
DiagnosticReport FamilyMemberHistory Flag Goal GuidanceResponse ImagingStudy
Immunization ImmunizationEvaluation ImmunizationRecommendation List
MeasureReport Media Medication MedicationAdministration MedicationDispense
MedicationRequest MedicationStatement MolecularSequence NutritionOrder
Observation Procedure QuestionnaireResponse RequestGroup ResearchSubject
RiskAssessment ServiceRequest Specimen SupplyDelivery SupplyRequest
VisionPrescription""".split())
UNKNOWN = {"medical", "unclassified"}
UNKNOWN_TYPES = set("Basic Group Linkage MessageHeader Provenance".split())
CONTENT = {"Binary", "Composition"}
BILLS = set("""Claim ClaimResponse ExplanationOfBenefit Invoice
ChargeItem""".split())
ADMIN = set("""Account Coverage CoverageEligibilityRequest Contract
CoverageEligibilityResponse PaymentNotice PaymentReconciliation
EnrollmentRequest EnrollmentResponse""".split())
CARE = set("""Appointment AppointmentResponse Schedule Slot Encounter
EpisodeOfCare CareTeam Task Consent""".split())
LISTED = {"DocumentReference", "DocumentManifest"}
META = {"resourceType", "id", "meta", "implicitRules", "language",
        "contained", "extension", "modifierExtension", "text", "active"}
CLINICAL = {  # elements of other types that are medical
    "Account": "description", "CoverageEligibilityResponse": "disposition",
    "EnrollmentResponse": "disposition",
    "PaymentReconciliation": "disposition processNote",
    "Invoice": "lineItem note",
    "ChargeItem": """code bodysite reason service productReference
    productCodeableConcept note""",
    "Appointment": """serviceCategory serviceType specialty appointmentType
    reasonCode reasonReference description comment patientInstruction
    supportingInformation""",
    "AppointmentResponse": "comment",
    "Schedule": "serviceCategory serviceType specialty comment",
    "Slot": "serviceCategory serviceType specialty appointmentType comment",
    "Encounter": "type serviceType reasonCode reasonReference diagnosis",
    "EpisodeOfCare": "type diagnosis",
    "CareTeam": "category name reasonCode reasonReference note",
    "Task": """statusReason businessStatus code description reasonCode
    reasonReference note input output""",
    "Consent": "provision",
    "DocumentReference": "description", "DocumentManifest": "description",
}
BILLED = """item addItem diagnosis procedure supportingInfo prescription
originalPrescription accident disposition processNote"""
IDENTITY = set("""name birthDate gender deceasedBoolean deceasedDateTime
maritalStatus multipleBirthBoolean multipleBirthInteger photo communication
link""".split())
TRAITS = re.compile(r"/(patient-(birthPlace|birthTime|mothersMaidenName|"
                    r"nationality|citizenship|interpreterRequired)|us-core-"
                    r"(race|ethnicity|birthsex|sex)|fr-core-(identity-relia"
                    r"bility|patient-(ident-reliability|birth-list-given-"
                    r"name|birthdate-update-indicator|birth-place)))$")
INS = re.compile(r"(urn:oid:)?1\.2\.250\.1\.213\.1\.4\.(2|8|9|10|11)$")
MSSANTE = re.compile(r"(mailto:)?\d{6}[0-9AB]\d{8}@patient\.mssante\.fr$",
                     re.I)


def members_of_compartment():
    with open(os.path.join(SHARED, "data/fhir/"
                           "CompartmentDefinition-patient.json"),
              encoding="utf-8") as file:
        rows = json.load(file)["resource"]
    table = {}
    for row in rows:
        for parameter in row.get("param", []):
            table.setdefault(row["code"], set()).update(EXPRESSION.get(
                row["code"] + "." + parameter, [parameter]))
    for name, paths in ADDED.items():
        table.setdefault(name, set()).update(paths)
    return table


def as_list(value):
    return value if isinstance(value, list) else [value]


def at_path(value, path):
    """Every object at a path of names; lists are passed through."""
    found = [value]
    for name in path.split("."):
        found = [item[name] for one in found for item in as_list(one)
                 if isinstance(item, dict) and name in item]
    return [item for one in found for item in as_list(one)
            if isinstance(item, dict)]


def is_nir(identifier):
    codes = [c.get("code", "") for c in at_path(identifier, "type.coding")]
    system = identifier.get("system", "")
    return bool(INS.match(system) or any(c.startswith("INS-") for c in codes)
                or ("NH" in codes and not system))


def named(identifiers):
    """system|value of the INS, else of the first identifier."""
    for only_ins in (True, False):
        for i in identifiers:
            codes = [c.get("code") for c in at_path(i, "type.coding")]
            if i.get("value") and "NH" not in codes and (
                    not only_ins or INS.match(i.get("system", ""))):
                return i.get("system", "") + "|" + i["value"]
    return None


class Reader:
    """Walks one text: a resource and all that is in it."""

    def __init__(self, compartment):
        self.compartment, self.found, self.urls = compartment, [], []

    def walk(self, resource, container=None, url=None):
        self.found.append((resource, container, url))
        for inner in as_list(resource.get("contained", [])):
            self.walk(inner, container or resource)
        for entry in as_list(resource.get("entry", [])):
            if not isinstance(entry, dict):
                continue
            if isinstance(entry.get("resource"), dict):
                self.walk(entry["resource"], None, entry.get("fullUrl"))
                self.urls.append(entry.get("fullUrl"))
            outcome = entry.get("response", {}).get("outcome")
            if outcome:
                self.walk(outcome)
        parts = [p for p in as_list(resource.get("parameter", []))]
        while parts:
            part = parts.pop()
            if isinstance(part.get("resource"), dict):
                self.walk(part["resource"])
            parts += as_list(part.get("part", []))

    def patient(self, resource, container, url):
        """What a Patient is called."""
        if container is not None:
            name = named(as_list(resource.get("identifier", [])))
            return name or "%s/%s#%s" % (
                container.get("resourceType", ""), container.get("id", ""),
                resource.get("id", ""))
        if url and not url.startswith("urn:") and "://" in url:
            base = url[:url.rfind("/", 0, url.rfind("/")) + 1]
            if base != self.base:
                return url
        if "id" in resource:
            return "Patient/" + resource["id"]
        return url or named(as_list(resource.get("identifier", [])))

    def labels(self, root):
        if not isinstance(root, dict):
            return {None: set(UNKNOWN)}
        self.base = None
        self.walk(root)
        for url in self.urls:
            if url and not url.startswith("urn:") and re.search(
                    r"/[A-Z]\w*/[^/]+$", url):
                self.base = url[:url.rfind("/", 0, url.rfind("/")) + 1]
                break
        whom = {}  # fullUrl or (container, #id) -> name; None: no patient
        for resource, container, url in self.found:
            name = (self.patient(resource, container, url)
                    if resource.get("resourceType") == "Patient" else None)
            if container is not None:
                whom[id(container), "#" + resource.get("id", "")] = name
            elif url:
                whom[url] = name
        seen = {}
        for resource, container, url in self.found:
            categories = self.categories(resource)
            if not categories:
                continue
            for name in self.persons(resource, container, url, whom):
                seen.setdefault(name, set()).update(categories)
        return seen

    def persons(self, resource, container, url, whom):
        kind = resource.get("resourceType")
        names = set()
        paths = self.compartment.get(kind, ())
        for path in paths:
            for reference in at_path(resource, path):
                name = self.referenced(reference, path, container or resource,
                                       whom)
                if (url and name and name.startswith("Patient/") and
                        "://" in url and not url.startswith(self.base)):
                    # a relative reference means the entry's own server
                    name = url[:url.rfind("/", 0, url.rfind("/")) + 1] + name
                if name:
                    names.add(name)
        if kind == "Patient":
            names.add(self.patient(resource, container, url))
        elif not names and kind == "Person" and "id" in resource:
            names.add("Person/" + resource["id"])
        return names or {None}

    def referenced(self, reference, path, container, whom):
        strong = path in PRESUMED
        typed = reference.get("type")
        if typed not in (None, "Patient"):
            return None
        text = reference.get("reference")
        if text:
            text = re.sub("/_history/.*", "", text)
            if text.startswith("#"):
                return whom.get((id(container), text))
            if text in whom:
                return whom[text]
            match = re.search(r"(?:^|/)([A-Z]\w*)/[^/?#]+$", text)
            if match:
                if match.group(1) != "Patient":
                    return None
                if self.base and text.startswith(self.base):
                    return text[len(self.base):]
                return text
            return text if strong or typed else None
        identifier = reference.get("identifier")
        if identifier and identifier.get("value") and (
                strong or typed or INS.match(identifier.get("system", ""))):
            return identifier.get("system", "") + "|" + identifier["value"]
        return None

    def categories(self, resource):
        kind = resource.get("resourceType")
        keys = {k[1:] if k.startswith("_") else k for k in resource}
        seen = set()
        if kind in ("Bundle",):
            return seen
        if kind == "Parameters":
            parts, values = list(as_list(resource.get("parameter", []))), False
            while parts:
                part = parts.pop()
                values |= any(k.startswith("value") for k in part)
                parts += as_list(part.get("part", []))
            return set(UNKNOWN) if values else set()
        if kind in MEDICAL:
            seen = {"medical"}
        elif kind in CONTENT:
            seen = {"document", "medical"}
        elif kind in UNKNOWN_TYPES:
            seen = set(UNKNOWN)
        elif kind in ("Patient", "Person", "RelatedPerson"):
            seen = self.person(kind, resource, keys)
        elif kind in ADMIN | BILLS | CARE | LISTED:
            seen = self.elements(kind, resource, keys)
        elif not isinstance(kind, str) or kind not in KNOWN:
            seen = set(UNKNOWN)
        if seen and any(a.get("data") for path in (
                "content", "content.attachment", "presentedForm",
                "sourceAttachment", "payload.contentAttachment")
                for a in at_path(resource, path) if kind in (
                    "DocumentReference", "Media", "DiagnosticReport",
                    "Consent", "Communication", "CommunicationRequest")):
            seen |= {"document", "medical"}
        return seen

    def extensions(self, resource):
        seen = set()
        for name in ("extension", "modifierExtension"):
            for one in as_list(resource.get(name, [])):
                url = one.get("url", "")
                if not url.endswith("/data-absent-reason"):
                    seen |= {"identity"} if TRAITS.search(url) else UNKNOWN
        return seen

    def person(self, kind, resource, keys):
        seen = self.extensions(resource)
        if "text" in keys:
            seen.add("medical")
        identifiers = [i for i in as_list(resource.get("identifier", []))
                       if i.get("value")]
        nirs = [i for i in identifiers if is_nir(i)]
        telecoms = at_path(resource, "telecom") + at_path(resource,
                                                          "contact.telecom")
        if nirs or any(MSSANTE.match(t.get("value", "")) for t in telecoms):
            seen.add("nir")
        if kind == "RelatedPerson":
            return seen | ({"contact"} if keys - META or not seen else set())
        if keys & IDENTITY or ("identifier" in keys and
                               len(nirs) < max(1, len(identifiers))):
            if kind == "Patient" or (keys - {"link"}) & IDENTITY or \
                    "identifier" in keys:
                seen.add("identity")
        if kind == "Person" and "link" in keys:
            seen.add("contact")
        if keys & {"telecom", "address", "contact"}:
            seen.add("contact")
        if keys & {"generalPractitioner", "managingOrganization"}:
            seen.add("coordination")
        return seen or {"identity"}

    def elements(self, kind, resource, keys):
        usual = ("admin" if kind in ADMIN | BILLS else
                 "coordination" if kind in CARE else "document")
        clinical = set((BILLED if kind in BILLS - {"Invoice", "ChargeItem"}
                        else CLINICAL.get(kind, "")).split())
        seen = self.extensions(resource)
        if "text" in keys or keys & clinical:
            seen.add("medical")
        if kind == "Coverage" and "subscriberId" in keys:
            seen.add("nir")
        rest = keys - clinical - META
        if kind == "Coverage":
            rest.discard("subscriberId")
        if rest:
            seen.add(usual)
        return seen or {usual}


def known_types():
    with open(os.path.join(ROOT, "model/resource.c"),
              encoding="utf-8") as file:
        return set(re.findall(r'TEXT_INIT\("(\w+)"\)', file.read()))


KNOWN = known_types()

# -- comparing --


def tell(name, wrong):
    global failed
    print(("not ok " if wrong else "ok ") + name)
    for line in wrong[:8]:
        print("# " + line[:600])
    failed += bool(wrong)


def freeze(labels):
    return {(name, tuple(sorted(categories)))
            for name, categories in labels.items()}


def merged(texts, compartment):
    seen = {}
    for text in texts:
        for name, some in Reader(compartment).labels(text).items():
            seen.setdefault(name, set()).update(some)
    return seen


def told(paths):
    """file -> labels, by one run of the program."""
    done = subprocess.run([VIGIE, "label", "--json", "--", *paths, os.devnull],
                          capture_output=True, text=True)
    labels = {path: {} for path in paths}
    for line in done.stdout.splitlines():
        row = json.loads(line)
        labels[row["file"]][row["patient"]] = row["categories"]
    refused = [json.loads(line) for line in done.stderr.splitlines()
               if line.startswith("{")]
    return labels, {row["file"]: row for row in refused
                    if row["file"] != os.devnull}


def load(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if path.endswith(".ndjson"):
        return [json.loads(line) for line in text.splitlines() if line]
    return [json.loads(text)]


def compare(wanted):
    labels, refused = told(list(wanted))
    wrong = []
    for path, want in wanted.items():
        name = os.path.basename(path)
        if path in refused:
            wrong.append("%s: %s" % (name, refused[path]))
        elif freeze(labels[path]) != freeze(want):
            wrong.append("%s: told %s, read %s" % (
                name, sorted(map(str, freeze(labels[path]) - freeze(want))),
                sorted(map(str, freeze(want) - freeze(labels[path])))))
    return wrong


def write(name, content):
    path = os.path.join(HOME, name)
    with open(path, "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
    return path


def shuffled(value):
    if isinstance(value, dict):
        names = list(value)
        draw.shuffle(names)
        return {name: shuffled(value[name]) for name in names}
    if isinstance(value, list):
        return [shuffled(item) for item in value]
    return value


def backwards(value):
    """Members and a Bundle's entries in reverse: types last, Patients after
    the references to them."""
    if isinstance(value, dict):
        return {name: backwards(value[name][::-1] if name == "entry" and
                                isinstance(value[name], list)
                                else value[name])
                for name in reversed(list(value))}
    if isinstance(value, list):
        return [backwards(item) for item in value]
    return value


def escaped(text):
    """Every string with letters written as escapes, here and there."""
    def one(match):
        return "".join("\\u%04x" % ord(c) if draw.random() < 0.2 and
                       c.isalpha() else c for c in match.group(0))
    return re.sub(r'"(?:[^"\\]|\\.)*"', lambda m: re.sub(
        r"(?<!\\)[A-Za-z]{2,}", one, m.group(0)) if "\\" not in m.group(0)
        else m.group(0), text)


def exit_code(*words):
    return subprocess.run([VIGIE, "label", *words],
                          capture_output=True).returncode


def suite():
    """JSONTestSuite by the command: 95 must pass, 188 must be refused."""
    folder = os.path.join(SHARED, "data/vectors/jsontestsuite/test_parsing/")
    wrong, count = [], {"y": 0, "n": 0}
    for path in sorted(glob.glob(folder + "[yn]_*.json")):
        kind = os.path.basename(path)[0]
        count[kind] += 1
        for words in (["--type", "json"], []):
            if exit_code(*words, path) != (0 if kind == "y" else 2):
                wrong.append("%s %s" % (os.path.basename(path), words))
    if count != {"y": 95, "n": 188}:
        wrong.append(str(count))
    return wrong


def lines_of(*words):
    done = subprocess.run([VIGIE, "label", "--json", *words],
                          capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def other_forms():
    """Other JSON by rules, HTML and XML unread, NDJSON by its name."""
    wrong = []
    rules = write("rules", "person patients.ipp urn:oid:1.2.3;\n"
                  "category identity patients.nom;\n")
    body = write("other.json", '{"patients":[{"ipp":"8","nom":"A"}]}')
    if lines_of("--type", "json", "--rules", rules, body) != [
            {"patient": "urn:oid:1.2.3|8", "categories": ["identity"],
             "grade": "sent"}]:
        wrong.append("rules")
    page = write("page.html", "<html>")
    unread = [{"patient": None, "categories": ["medical", "unclassified"],
               "grade": "sent"}]
    for form in ("html", "xml"):
        if lines_of("--type", form, page) != unread:
            wrong.append(form)
    if exit_code(page) != 2:
        wrong.append("HTML taken for FHIR")
    two = write("two.ndjson", '{"resourceType":"Patient","id":"1"}\n' * 2)
    if lines_of(two) != [{"patient": "Patient/1", "categories":
                          ["identity"], "grade": "sent"}]:
        wrong.append("ndjson")
    bad = write("bad.rules", "person patients.ipp;\n\ncategory x y;\n")
    done = subprocess.run([VIGIE, "label", "--lang", "en", "--type", "json",
                           "--rules", bad, body], capture_output=True,
                          text=True)
    if done.returncode != 2 or "line 3" not in done.stderr:
        wrong.append(done.stderr)
    return wrong


def main():
    tell("other_json_by_rules_and_what_is_not_read", other_forms())
    folder = os.path.join(SHARED, "data/fhir")
    files = [path for path in sorted(
        glob.glob(folder + "/*/*.json") + glob.glob(folder + "/*/*.ndjson"))
        if os.path.isfile(path)]
    if not files:
        print("ok labels # SKIP no %s" % folder)
        return 1 if failed else 0
    print("# SEED=%d, %d files" % (SEED, len(files)))
    compartment = members_of_compartment()
    texts = {path: load(path) for path in files}
    wanted = {path: merged(texts[path], compartment) for path in files}
    tell("every_file_has_the_labels_that_another_reader_finds",
         compare(wanted))
    small = [path for path in files if path.endswith(".json")
             and os.path.getsize(path) < 200000]
    for name, change in (
            ("members_in_any_order_give_the_same_labels",
             lambda v: json.dumps(shuffled(v))),
            ("types_last_and_patients_after_their_references",
             lambda v: json.dumps(backwards(v), indent=1)),
            ("keys_written_with_escapes_are_the_same_keys",
             lambda v: escaped(json.dumps(v, separators=(",", ":"))))):
        made = {write("%d-%s" % (i, os.path.basename(path)),
                      change(texts[path][0])): wanted[path]
                for i, path in enumerate(small)}
        tell(name, compare(made))
    cuts, wrong = {}, []
    for path in draw.sample(small, 60):
        with open(path, "rb") as file:
            body = file.read().rstrip()
        at = draw.randrange(len(body))
        cuts[write("cut-" + os.path.basename(path), body[:at])] = at
    _, refused = told(list(cuts))
    for path, at in cuts.items():
        if path not in refused or refused[path]["offset"] > at:
            wrong.append("%s cut at %d: %s" % (
                os.path.basename(path), at, refused.get(path)))
    tell("a_body_that_is_cut_is_refused_with_its_offset", wrong)
    tell("json_test_suite_is_accepted_and_refused_as_it_says", suite())
    return 1 if failed else 0


sys.exit(main())
