# SPDX-License-Identifier: EUPL-1.2
"""The honest days of other_region.py: visits, worklists, calls, vaccination
days, and the sessions in which they happen. Must not know who is a thief.

A raw act is [time in ms, service, line, machine, verb, persons, query,
resource]; `seal` gives it its session and what the service writes down.
"""
import math
import urllib.parse
from other_staff import choose
from other_town import KINDS
from other_trail import HOSPITAL, IMAGING, ORIENT, SERVICES

DAY = 86400000
IDLE = 30 * 60000
RESOURCES = ("", "DocumentReference", "Observation", "MedicationRequest",
             "Encounter", "DiagnosticReport", "Appointment", "Condition",
             "CarePlan")
# how a search is typed: name and birth date, name and given name, name alone
STYLES = {"regulator": (3, 5, 2), "emergency": (7, 2, .4),
          "practice_secretary": (5, 4, 1), "hospital_secretary": (6, 3, .6)}
HITS_MAX = 12


def search_of(region, rng, person, kind):
    """(query, persons shown): some searches show namesakes too."""
    population = region.population
    name = population.surname[person]
    styles = STYLES.get(kind, (12, 2, 0.3))
    pick = rng.random() * sum(styles)
    namesakes = population.by_name[name]
    terms = [("family", name)]
    if pick < styles[0]:
        terms.append(("birthdate", population.birth[person]))
        hits = [p for p in namesakes
                if population.birth[p] == population.birth[person]]
    elif pick < styles[0] + styles[1]:
        terms.append(("given", population.given[person]))
        hits = [p for p in namesakes
                if population.given[p] == population.given[person]]
    else:
        hits = namesakes
    hits = [p for p in hits if p != person][:HITS_MAX - 1] + [person]
    if rng.random() < 0.3:
        terms.append(("_count", str(HITS_MAX)))
    return "GET https://%s/fhir/Patient?" + urllib.parse.urlencode(terms), hits


def resource_of(rng):
    """What is read: the patient, or something of the patient's."""
    kind = rng.choice(RESOURCES)
    return "%s/%d" % (kind, rng.randrange(10**7)) if kind else ""


class Day:
    """One account's day: collects raw acts."""

    def __init__(self, region, one, day):
        self.region, self.one, self.day = region, one, day
        self.rng = region.rng
        self.services = KINDS[one.kind][7]
        if one.service is None:
            one.service = choose(self.rng, self.services)
        self.main = one.service
        self.acts = []

    def add(self, at, service, context, verb, persons, query=None,
            resource=""):
        """A raw act; milliseconds of the day."""
        if query:
            query = query.replace("%s", SERVICES[service][1], 1)
        self.acts.append([self.day * DAY + int(at), service, context[0],
                          context[1], verb, persons, query, resource])

    def visit(self, at, person, context, reads, searching, service=None):
        """A search perhaps, some reads, now and then something written."""
        rng = self.rng
        if service is None:
            service = self.main if rng.random() < 0.8 else \
                choose(rng, self.services)
        if rng.random() < searching:
            query, hits = search_of(self.region, rng, person, self.one.kind)
            self.add(at, service, context, "search", hits, query)
            at += rng.lognormvariate(9.2, 0.6)
        number = int(rng.expovariate(1 / reads) + 0.5) if reads else 0
        if number == 0 and rng.random() >= searching:
            number = 1
        for _ in range(min(number, 14)):
            pick = rng.random()
            verb = ("read" if pick < 0.86 else "vread" if pick < 0.89 else
                    "create" if pick < 0.95 else "update")
            resource = resource_of(rng)
            if verb == "vread":
                resource = "%s/_history/%d" % (
                    resource or "Observation/7", rng.randrange(1, 9))
            self.add(at, service, context, verb, [person], None, resource)
            at += rng.lognormvariate(9.8, 0.9)

    def worklist(self, at, service, context, persons):
        """A list that shows everybody on it in one second."""
        if persons:
            self.add(at, service, context, "search", list(persons),
                     "GET https://%s/fhir/Encounter?status=in-progress"
                     "&_include=Encounter:subject&_count=100")


def moments(rng, number, start, end):
    """Times between two hours: clustered, with a hole at noon."""
    found = []
    while len(found) < number:
        at = start + (end - start) * rng.betavariate(1.3, 1.5)
        if 12.3 < at < 13.8 and rng.random() < 0.7 and end - start > 7:
            continue
        found.append(at)
    return sorted(found)


def amount(rng, mean):
    """A day's number of persons: heavy-tailed."""
    number = mean * rng.lognormvariate(-0.06, 0.33)
    if rng.random() < 0.05:
        number *= min(2.6, rng.paretovariate(2.2))
    return max(1, round(number))


def works(region, one, day):
    """How much of a day this account works (0: not at all)."""
    rng = region.rng
    if day < one.start or day > one.end or day in one.away or \
            day == one.rest:
        return 0
    weekday = day % 7
    share = KINDS[one.kind][6][weekday]
    if one.kind == "substitute":
        if not any(a <= day < b for a, b, _ in one.substitutes):
            return 0
    elif not one.week[weekday] and rng.random() < 0.93:
        return 0
    if day == region.holiday and one.place.kind != "hospital":
        share *= 0.1
    if share <= 0.8 and one.kind not in ("practice_secretary", "specialist"):
        return 1 if rng.random() < share else 0
    shift = one.place.kind == "hospital" and share == 1
    if shift and one.kind in ("emergency", "regulator", "ward_nurse",
                              "home_staff"):
        return 1 if rng.random() < 0.55 else 0
    if rng.random() < 0.05:
        return 0
    return share


def office(one, day):
    """The account's usual context, after a change of machine too."""
    line, machine = one.contexts["office"]
    if one.new_machine and day >= one.new_machine[0]:
        machine = one.new_machine[1]
    if one.kind == "substitute":
        for first, last, where in one.substitutes:
            if first <= day < last and where.accounts:
                return (where.line, where.accounts[0].contexts["office"][1])
    return (line, machine)


def pick_person(region, one, day, new):
    """Whom the next visit is for."""
    rng = region.rng
    if rng.random() < new:
        if rng.random() < 0.6:
            return rng.choice(region.population.town_persons[one.place.town])
        return region.population.anybody(rng)
    if one.roster:
        if rng.random() < 0.01:  # somebody leaves, somebody comes
            one.roster[rng.randrange(len(one.roster))] = \
                one.place.panel.draw(rng)
        return rng.choice(one.roster)
    if one.kind == "substitute":
        for first, last, where in one.substitutes:
            if first <= day < last:
                return where.panel.draw(rng)
    if one.kind in ("practice_secretary", "pharmacist", "team") or \
            rng.random() < 0.15:
        return one.place.panel.draw(rng)
    return one.panel.draw(rng)


def ambulatory(work, share):
    """A day outside hospitals."""
    region, one, rng, day = work.region, work.one, work.rng, work.day
    mean, new, family, reads, searching, hours, _, _ = KINDS[one.kind]
    number = amount(rng, mean * one.pace * min(share, 1.3))
    start, end = hours
    if one.kind == "pharmacist" and one.place.flu_day == day:
        number = rng.randrange(80, 140)
        new = 0.35
    for at in moments(rng, number, start + rng.gauss(0, 0.25),
                      end + rng.gauss(0, 0.4)):
        context = office(one, day)
        if one.kind == "home_nurse" and "phone" in one.contexts and \
                rng.random() < 0.8:
            context = one.contexts["phone"]
        if one.kind == "team" and rng.random() < 0.5:
            context = (context[0], rng.choice(
                one.place.accounts).contexts["office"][1])
        person = pick_person(region, one, day, new)
        work.visit(at * 3600000, person, context, reads, searching)
        if rng.random() < family:
            for other in region.population.relatives(person)[:3]:
                work.visit(at * 3600000 + 120000, other, context, reads / 2,
                           searching / 2)
    evening(work)


def evening(work):
    """At home or by telephone, some finish the day."""
    rng, one = work.rng, work.one
    for name, chance in (("home", 0.3), ("phone", 0.12)):
        if name not in one.contexts or rng.random() > chance:
            continue
        seen = [p for act in work.acts for p in act[5][:1]]
        at = rng.uniform(19.5, 21.5)
        for _ in range(rng.randrange(1, 8)):
            person = rng.choice(seen) if seen and rng.random() < 0.75 else \
                pick_person(work.region, one, work.day, 0.05)
            work.visit(at * 3600000, person, one.contexts[name], 1.4, 0.2)
            at += rng.uniform(0.03, 0.25)


def imaging(work):
    """The day's list in one second, then one examination after another."""
    rng, one, region = work.rng, work.one, work.region
    context = office(one, work.day)
    listed = region.imaging_list(one.place, work.day)
    for hour in (8, 13.4):
        work.worklist((hour + rng.uniform(0, .4)) * 3600000, IMAGING, context,
                      listed)
    number = min(len(listed), amount(rng, KINDS["imaging"][0] * one.pace))
    for at in moments(rng, number, 8.4, 18.8):
        work.visit(at * 3600000, rng.choice(listed), context, 1.2, 0.05)


def ward(work):
    """A shift in a ward, from kiosk to kiosk, the ward's list first."""
    region, one, rng, day = work.region, work.one, work.rng, work.day
    mean, new, _, reads, searching, hours, _, _ = KINDS[one.kind]
    if one.kind == "student" and day > 0 and day % region.ward_move == 0:
        one.ward = rng.choice(one.place.wards)
    start, end = hours
    if one.kind == "ward_nurse":
        pick = rng.random()
        if pick < 0.25:
            start, end = 20.8, 30.5
            one.rest = day + 1
        elif pick < 0.6:
            start, end = 13.6, 21.2
    here = one.ward
    if rng.random() < 0.04:  # lent to another ward for a day
        here = rng.choice(one.place.wards)
    beds = [p for p in here.beds if p is not None]
    kiosk = rng.choice(here.machines)
    work.worklist((start + rng.uniform(0, .3)) * 3600000, HOSPITAL,
                  (one.place.line, kiosk), beds)
    for at in moments(rng, amount(rng, mean * one.pace), start + .3, end):
        if rng.random() < 0.3:
            kiosk = rng.choice(here.machines)
        context = (one.place.line, kiosk)
        if rng.random() < new:
            person = one.panel.draw(rng) if rng.random() < 0.5 else \
                region.population.anybody(rng)
        elif here.left and rng.random() < 0.06:
            person = rng.choice(here.left)
        else:
            person = rng.choice(beds)
        work.visit(at * 3600000, person, context, reads, searching)
    if one.kind == "ward_doctor":
        evening(work)


def emergency(work):
    """A shift whose persons nobody knew an hour ago; half are shared."""
    region, one, rng = work.region, work.one, work.rng
    start = 20 if rng.random() < 0.3 else 8
    one.rest = work.day + (start == 20)
    for at in moments(rng, amount(rng, 19 * one.pace), start, start + 11.5):
        context = (one.place.line, rng.choice(one.place.machines))
        if region.arrivals and rng.random() < 0.45:
            person = rng.choice(region.arrivals[-40:])
        else:
            person = region.population.anybody(rng)
            region.arrivals.append(person)
        work.visit(at * 3600000, person, context, 2.0, 0.75)


def regulator(work):
    """Calls: bursts of searches, little read."""
    region, one, rng = work.region, work.one, work.rng
    start = 20 if rng.random() < 0.4 else 8
    one.rest = work.day + (start == 20)
    calls = moments(rng, amount(rng, 30 * one.pace), start, start + 11.5)
    context = office(one, work.day)
    for at in calls:
        person = region.population.anybody(rng)
        for trial in range(rng.choices((1, 2, 3, 5), (6, 3, 2, 1))[0]):
            work.visit(at * 3600000 + trial * rng.uniform(4000, 25000),
                       person if trial == 0 or rng.random() < 0.5 else
                       region.population.anybody(rng), context, 0.5, 1.0)
    del region.arrivals[:-400]


def records(work):
    """Coding and filing: everybody who was in the hospital of late."""
    region, one, rng = work.region, work.one, work.rng
    context = office(one, work.day)
    pool = [p for w in one.place.wards for p in w.left + w.beds
            if p is not None] + region.arrivals[-300:]
    number = amount(rng, KINDS[one.kind][0] * one.pace)
    rng.shuffle(pool)
    while len(pool) < number:
        pool.append(region.population.anybody(rng))
    at = 8.2 * 3600000 + rng.uniform(0, 1800000)
    for person in pool[:number]:
        work.visit(at, person, context, 1.0, 0.1)
        at += rng.lognormvariate(math.log(8.2 * 3600000 / number), 0.7)
        if at > 19 * 3600000:
            break


def desk(work):
    """Hospital secretaries and pharmacists: appointments, orders."""
    region, one, rng = work.region, work.one, work.rng
    mean, new, _, reads, searching, hours, _, _ = KINDS[one.kind]
    context = office(one, work.day)
    beds = [p for w in one.place.wards for p in w.beds if p is not None]
    for at in moments(rng, amount(rng, mean * one.pace), *hours):
        person = region.population.anybody(rng) if rng.random() < new else \
            rng.choice(beds) if rng.random() < 0.6 else one.panel.draw(rng)
        work.visit(at * 3600000, person, context, reads, searching)


DAYS = {"ward_nurse": ward, "ward_doctor": ward, "student": ward,
        "emergency": emergency, "regulator": regulator, "records": records,
        "hospital_secretary": desk, "hospital_pharmacist": desk}


def honest_day(region, one, day):
    """The raw acts of an account's day, in order of time."""
    share = works(region, one, day)
    if not share:
        return []
    work = Day(region, one, day)
    if one.kind == "imaging":
        imaging(work)
    elif one.kind in DAYS:
        DAYS[one.kind](work)
    else:
        ambulatory(work, share)
    work.acts.sort(key=lambda act: act[0])
    return work.acts


def seal(region, rng, who, acts, held, sticky=False):
    """Raw acts of one pair of hands, in order → acts of the trail. held:
    service → [session, since, last, line, machine, address, device], kept
    from day to day. sticky: the session outlives a change of line."""
    sealed = []
    for at, service, line, machine, verb, persons, query, resource in acts:
        day = min(max(at // DAY, 0), region.days)
        session = held.get(service)
        moved = session is not None and (
            session[3] is not line or
            (line.days and line.days[day] != session[5]))
        if session is None or at - session[2] > IDLE or \
                at - session[1] > SERVICES[service][5] * 1000 or \
                session[4] is not machine or (moved and not sticky):
            value = "" if SERVICES[service][3] == "none" else \
                "%032x" % rng.getrandbits(128)
            session = [value, at, at, None, machine, "", ""]
            held[service] = session
            moved = True
        if moved:
            session[3] = line
            session[5] = line.address(rng, day)
            session[6] = machine.device(service, day, region.update_day)
        session[2] = at
        sealed.append((at, who, service, session[0], session[5], session[6],
                       verb, persons, query, resource))
    return sealed
