# SPDX-License-Identifier: EUPL-1.2
"""The thieves of other_region.py. Each has hands of its own: a line, a
machine, a way to look for persons, a pace. Only behaviour tells them apart:
what they write is in the same forms as everybody's.
"""
import random
import urllib.parse
from other_town import KINDS, Line, Machine
from other_trail import ORIENT, PORTAL, SERVICES, SHARED
from other_work import DAY, honest_day, office, resource_of, seal

CLASSES = {"night": "loud", "paged": "loud", "fast": "loud", "ring": "loud",
           "slow_pages": "loud", "hijacked": "loud", "eight": "quiet",
           "exits": "quiet", "dormant": "quiet", "own_machine": "quiet",
           "poisoner": "quiet", "fresh": "quiet", "mimic": "reported",
           "insider": "reported"}
VICTIMS = ("doctor", "specialist", "pharmacist", "home_nurse", "physio",
           "midwife", "practice_secretary", "home_staff", "ward_doctor",
           "emergency", "hospital_secretary", "home_admission", "student",
           "ward_nurse")
OUTSIDE = ("doctor", "specialist", "pharmacist", "physio", "midwife",
           "practice_secretary", "home_admission", "hospital_secretary")
HOUR = 3600000
PERSONS_A_DAY_MAX = 1500


class Thief:
    """One thief (or one account of a ring) and what it did."""

    def __init__(self, number, kind, one, day):
        self.number, self.kind, self.one, self.day = number, kind, one, day
        self.acts = []


class Hands:
    """How a thief looks for persons."""

    def __init__(self, region, rng, one, line=None, machine=None):
        self.region, self.rng, self.one = region, rng, one
        self.line = line or Line(rng, rng.choice(
            ("fixed", "week", "day", "v6", "mobile")), region.days)
        self.machine = machine or Machine(rng, region.days,
                                          rng.choice(("PC", "DESKTOP", "LT")))
        self.service = rng.choice((PORTAL, PORTAL, SHARED, ORIENT))
        self.way = rng.choice(("ids", "names", "dates", "mixed", "mixed"))
        population = region.population
        self.near = rng.random() < 0.35
        town = one.place.town if self.near else rng.randrange(region.towns)
        persons = population.town_persons[town] if rng.random() < 0.5 else \
            range(population.persons)
        self.targets = rng.sample(persons, min(len(persons), 6000))
        if self.way == "names":
            self.targets.sort(key=lambda p: population.surname[p])
        elif self.way == "dates":
            self.targets.sort(key=lambda p: population.birth[p])
        self.next = rng.randrange(max(1, len(self.targets) // 2))

    def target(self):
        """The next person on the thief's list."""
        self.next += 1
        return self.targets[self.next % len(self.targets)]

    def act(self, at, verb, persons, query=None, resource=""):
        """A raw act of these hands."""
        if query:
            query = "GET https://%s/fhir/Patient?%s" % (
                SERVICES[self.service][1], urllib.parse.urlencode(query))
        return [int(at), self.service, self.line, self.machine, verb, persons,
                query, resource]

    def take(self, at):
        """One person, by number or by a search, perhaps read further."""
        rng, population = self.rng, self.region.population
        person = self.target()
        found = []
        if self.way != "ids" and (self.way != "mixed" or rng.random() < 0.5):
            query = [("family", population.surname[person]),
                     ("birthdate", population.birth[person])]
            if self.way == "dates":
                query.reverse()
            found.append(self.act(at, "search", [person], query))
            at += rng.uniform(400, 1500)
        if not found or rng.random() < 0.6:
            found.append(self.act(at, "read", [person]))
            if rng.random() < 0.25:
                at += rng.uniform(300, 1800)
                found.append(self.act(at, "read", [person], None,
                                      resource_of(rng)))
        return found

    def paced(self, start, stop, low, high, most=PERSONS_A_DAY_MAX):
        """A person every low to high seconds, between two moments."""
        found, taken = [], 0
        while start < stop and taken < most:
            found += self.take(start)
            taken += 1
            start += self.rng.uniform(low, high) * 1000
        return found

    def pages(self, start, number, size, low, high):
        """Pages of a search that matches many, one after the other."""
        rng, population = self.rng, self.region.population
        found, offset = [], 0
        listed = sorted(self.targets, key=lambda p: population.surname[p])
        if rng.random() < 0.5:
            rng.shuffle(listed)
        term = rng.choice((("address-city", "Ville %d" % rng.randrange(11)),
                           ("birthdate", "ge1930-01-01"), ("active", "true")))
        offset = rng.randrange(0, 5) * size
        for _ in range(number):
            found.append(self.act(
                start, "search", listed[offset:offset + size],
                [term, ("_count", size), ("_getpagesoffset", offset)]))
            offset += size
            start += rng.uniform(low, high) * 1000
            if offset + size > len(listed):
                break
        return found


def at_hour(thief, ahead, low, high):
    """A moment of the theft's day, or of a later one."""
    return (thief.day + ahead) * DAY + thief.rng.uniform(low, high) * HOUR


def steal_loud(thief, hands):
    """night, paged, fast, slow pages."""
    rng, acts = thief.rng, []
    if thief.kind == "night":
        for night in range(rng.randrange(1, 3)):
            start = at_hour(thief, night, 23.2, 25.5)
            acts += hands.paced(start, start + rng.uniform(1, 3.5) * HOUR,
                                2, 6)
    elif thief.kind == "paged":
        size = rng.randrange(20, 51, 5)
        acts += hands.pages(at_hour(thief, 0, 8, 23), rng.randrange(15, 60),
                            size, 5, 25)
    elif thief.kind == "fast":
        for day in range(rng.randrange(1, 3)):
            start = at_hour(thief, day, 9, 16)
            acts += hands.paced(start, start + rng.uniform(.8, 2.5) * HOUR,
                                8, 25)
    else:
        size = rng.randrange(10, 21, 5)
        for day in range(rng.randrange(1, 4)):
            acts += hands.pages(at_hour(thief, day, 9, 17),
                                rng.randrange(30, 70), size, 180, 540)
    return acts


def steal_quiet(thief, hands):
    """eight an hour, dormant, own machine, poisoner, two days old."""
    rng, acts, kind = thief.rng, [], thief.kind
    days = rng.randrange(2, 5)
    if kind == "eight":
        for day in range(days + 1):
            start = at_hour(thief, day, 7, 10)
            acts += hands.paced(start, start + rng.uniform(8, 14) * HOUR,
                                300, 600)
    elif kind in ("dormant", "fresh"):
        for day in range(2):
            start = at_hour(thief, day, 8, 19)
            acts += hands.paced(start, start + rng.uniform(2, 5) * HOUR,
                                60, 220)
    elif kind == "own_machine":
        hands.line, hands.machine = office(thief.one, thief.day)
        for day in range(days):
            start = at_hour(thief, day, 19.3, 21.5)
            acts += hands.paced(start, start + rng.uniform(1, 2.5) * HOUR,
                                60, 180)
    else:
        slow = rng.randrange(3, 5)
        for day in range(slow):
            start = at_hour(thief, day, 9, 18)
            acts += hands.paced(start, start + HOUR, 200, 900,
                                rng.randrange(2, 5))
        for day in range(slow, slow + 3):
            start = at_hour(thief, day, 9, 17)
            acts += hands.paced(start, start + rng.uniform(3, 5) * HOUR,
                                160, 320)
    return acts


def steal_exits(thief, hands):
    """The line changes every 8 to 25 persons."""
    rng, acts = thief.rng, []
    for day in range(2):
        start = at_hour(thief, day, 9, 18)
        stop = start + rng.uniform(2.5, 5) * HOUR
        while start < stop:
            hands.line = Line(rng, rng.choice(("fixed", "v6")),
                              thief.region.days)
            acts += hands.paced(start, stop, 50, 170, rng.randrange(8, 26))
            start = acts[-1][0] + rng.uniform(60, 150) * 1000
    return acts


def borrowed(region, rng, one, thief):
    """A mimic's or an insider's acts, made of the holder's own days."""
    population, acts, days = region.population, [], 0
    own = region.rng
    region.rng = rng
    hands = Hands(region, rng, one)
    town = population.town_persons[one.place.town]
    for day in range(thief.day, region.days):
        raw = honest_day(region, one, day)
        if not raw or days >= (8 if thief.kind == "insider" else 5):
            continue
        days += 1
        persons = list(dict.fromkeys(p for act in raw for p in act[5]))
        if thief.kind == "insider":
            persons = rng.sample(persons, min(len(persons),
                                              rng.randrange(3, 9)))
        strangers = {p: rng.choice(town) if rng.random() < 0.8 else
                     population.anybody(rng) for p in persons}
        for act in raw:
            act[5] = [strangers[p] for p in act[5][:1] if p in strangers]
            if not act[5]:
                continue
            if thief.kind == "mimic":
                act[2:4] = [hands.line, hands.machine]
            if act[4] not in ("read", "search"):
                act[4], act[7] = "read", ""
            if act[6]:
                act[6] = ("GET https://%s/fhir/Patient?family=%s" % (
                    SERVICES[act[1]][1], population.surname[act[5][0]]))
            acts.append(act)
    region.rng = own
    return acts


def hijack(region, rng, thief, hands, honest):
    """A second pair of hands on the holder's live session."""
    sessions = {}
    for act in honest:
        if act[1] == thief.one.number and act[3] and \
                act[0] >= thief.day * DAY:
            sessions.setdefault((act[3], act[2]), []).append(act[0])
    long = [(key, times) for key, times in sessions.items()
            if times[-1] - times[0] > 30 * 60000] or list(sessions.items())
    if not long:
        return []
    (session, service), times = rng.choice(long[:6])
    hands.service = service
    start = times[0] + rng.uniform(.1, .5) * (times[-1] - times[0])
    raw = hands.paced(start, start + rng.uniform(.7, 2) * HOUR, 20, 70)
    address = hands.line.address(rng, thief.day)
    device = hands.machine.device(service, thief.day, region.update_day)
    return [(act[0], thief.one.number, service, session, address, device,
             act[4], act[5], act[6], act[7]) for act in raw]


def plan(region, rng, wanted, first):
    """Thieves and their distinct accounts; done before the first day, since
    some accounts are made or left for it. wanted: kinds, repeated."""
    thieves, taken = [], set()
    for number, kind in enumerate(wanted):
        room = {"insider": 6, "poisoner": 6, "eight": 4, "mimic": 5,
                "hijacked": 3}.get(kind, 2)
        last = max(first + 1, region.days - room)
        for _ in range(rng.randrange(3, 6) if kind == "ring" else 1):
            day = rng.randrange(first, last) if kind != "ring" or \
                not thieves or thieves[-1].number != number else \
                thieves[-1].day
            kinds = OUTSIDE if kind in ("own_machine", "mimic",
                                        "insider") else VICTIMS
            able = [one for one in region.staff
                    if one.kind in kinds and one.number not in taken and
                    one.end == 10000 and one.start <= max(0, day - 6)]
            if not able:
                continue
            one = rng.choice(able)
            taken.add(one.number)
            if one.away and (day in one.away or day + 2 in one.away):
                one.away = ()
            if kind in ("mimic", "insider"):
                one.week, one.away = (1,) * 7, ()
            if kind == "dormant":
                one.end, one.away = rng.randrange(-1, 3), ()
            elif kind == "fresh":
                one.start, one.away = max(0, day - 2), ()
                one.week = (1,) * 7
            thief = Thief(number, kind, one, day)
            thief.rng = random.Random(rng.getrandbits(64))
            thief.region = region
            thieves.append(thief)
    return thieves


def steal(region, thieves, honest, held):
    """Fills in the acts of all thieves. held: sessions of the holders."""
    ring = {}
    for thief in thieves:
        rng, one, kind = thief.rng, thief.one, thief.kind
        hands = Hands(region, rng, one)
        if kind == "hijacked":
            thief.acts = hijack(region, rng, thief, hands, honest)
            continue
        if kind == "ring":
            line, machine, order = ring.setdefault(
                thief.number, [hands.line, hands.machine, 0])
            ring[thief.number][2] += 1
            hands.line, hands.machine = line, machine
            raw = []
            for day in range(rng.randrange(2, 5)):
                start = at_hour(thief, day, 9 + order * 1.5, 10 + order * 2)
                raw += hands.paced(start, start + rng.uniform(.5, 1.2) * HOUR,
                                   30, 110)
        elif kind in ("mimic", "insider"):
            raw = borrowed(region, rng, one, thief)
        elif kind == "exits":
            raw = steal_exits(thief, hands)
        elif CLASSES[kind] == "loud":
            raw = steal_loud(thief, hands)
        else:
            raw = steal_quiet(thief, hands)
        raw = sorted((act for act in raw if act[0] < region.days * DAY),
                     key=lambda act: act[0])
        if kind == "insider":
            thief.acts = inside(honest, one, raw)
        else:
            thief.acts = seal(region, rng, one.number, raw, {},
                              kind == "exits" and rng.random() < 0.5)


def inside(honest, one, raw):
    """The insider's acts put into the holder's own sessions, where one is
    open within a quarter of an hour; elsewhere they are left out."""
    own = [act for act in honest if act[1] == one.number]
    found = []
    for at, service, _, _, verb, persons, query, resource in raw:
        near = min((act for act in own if act[2] == service),
                   key=lambda act: abs(act[0] - at), default=None)
        if near is not None and abs(near[0] - at) < 900000:
            found.append((at, one.number, service, near[3], near[4], near[5],
                          verb, persons, query, resource))
    return found


def known_kinds():
    """All kinds, as KINDS of holders has theirs."""
    return sorted(CLASSES), sorted(KINDS)
