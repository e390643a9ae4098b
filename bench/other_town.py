# SPDX-License-Identifier: EUPL-1.2
"""The still picture of other_region.py: towns, families, lines, places, and
who works where. Nothing here moves with the days, but for addresses, which
are drawn once for all days. Must not know who is a thief.
"""
import bisect
import itertools
from other_trail import HOSPITAL, IMAGING, OLD, ORIENT, PORTAL, SHARED

ISPS = ("90.12", "86.201", "82.64", "77.132", "176.158", "109.8", "92.184")
MOBILE = ("37.165.12", "92.184.100", "77.136.40")
V6 = ("2a01:cb08", "2a01:e0a", "2a02:8428")
ONSETS = ("b", "ch", "d", "f", "g", "j", "l", "m", "n", "p", "r", "s", "t",
          "v", "br", "gr", "tr", "fl")
RHYMES = ("a", "an", "au", "e", "el", "eu", "i", "in", "o", "on", "ou", "ar",
          "er", "ier", "ot", "ard")
BROWSERS = ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/%d.0.0.0",
            "Mozilla/5.0 (X11; Linux x86_64; rv:%d.0) Firefox/%d.0",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/%d.2")


class Line:
    """An access line: an address for each day, or for each session."""

    def __init__(self, rng, kind, days):
        self.kind = kind
        self.pool = []
        self.days = []
        isp = rng.choice(ISPS)
        base = "%s:%x" % (rng.choice(V6), rng.randrange(1 << 16))
        if kind == "mobile":
            self.pool = ["%s.%d" % (rng.choice(MOBILE), rng.randrange(1, 9))
                         for _ in range(6)]
            return
        change = {"fixed": 10000, "week": 7, "day": 1, "v6": 14}[kind]
        offset = rng.randrange(change)
        address = None
        for day in range(days + 1):
            if address is None or (day + offset) % change == 0:
                address = ("%s.%d.%d" % (isp, rng.randrange(256),
                                         rng.randrange(1, 255))
                           if kind != "v6" else
                           "%s:%x00" % (base, rng.randrange(256)))
            self.days.append(address if kind != "v6" else "%s::%x:%x:%x" % (
                address, rng.randrange(1, 65536), rng.randrange(1, 65536),
                rng.randrange(1, 65536)))

    def address(self, rng, day):
        """The address that a session of this day comes from."""
        return rng.choice(self.pool) if self.pool else self.days[day]


class Machine:
    """A workstation: its name, and its browser's words for each day."""

    def __init__(self, rng, days, prefix="PC"):
        self.name = "%s-%06X" % (prefix, rng.getrandbits(24))
        self.vendor = rng.random() < 0.45
        browser = rng.choice(BROWSERS)
        version = rng.randrange(118, 121)
        step = rng.randrange(3, 25)
        self.agents = []
        for day in range(days + 1):
            now = version + (day >= step)
            self.agents.append(
                browser % ((now,) * browser.count("%d")))

    def device(self, service, day, update_day):
        """What this service writes down of the machine."""
        if service == ORIENT:
            return self.agents[day]
        if self.vendor and service in (PORTAL, IMAGING):
            return "%s/medlog-%s" % (
                self.name, "9.2" if day >= update_day else "9.1")
        return self.name


class Population:
    """Persons in families in towns, with how often each needs care."""

    def __init__(self, rng, persons, towns):
        names = sorted({"".join(rng.choice(ONSETS) + rng.choice(RHYMES)
                                for _ in range(rng.randrange(2, 4))).upper()
                        for _ in range(900)})
        rng.shuffle(names)
        ranks = list(itertools.accumulate(
            1 / (rank + 4) ** 0.85 for rank in range(len(names))))
        given = ["".join(rng.choice(ONSETS) + rng.choice(RHYMES)
                         for _ in range(2)).capitalize() for _ in range(160)]
        sizes = [1 / (town + 1.3) ** 1.1 for town in range(towns)]
        self.family, self.families, self.need = [], [], []
        self.surname, self.given, self.birth, self.town = [], [], [], []
        self.by_name = {}
        self.town_families = [[] for _ in range(towns)]
        while len(self.family) < persons:
            town = rng.choices(range(towns), sizes)[0]
            surname = names[bisect.bisect(ranks, rng.random() * ranks[-1])]
            members = []
            for _ in range(rng.choices((1, 2, 3, 4, 5, 6),
                                       (30, 32, 14, 15, 6, 3))[0]):
                person = len(self.family)
                members.append(person)
                own = surname
                if rng.random() < 0.15:
                    own = names[bisect.bisect(ranks,
                                              rng.random() * ranks[-1])]
                self.family.append(len(self.families))
                self.need.append(rng.paretovariate(1.25))
                self.surname.append(own)
                self.given.append(rng.choice(given))
                self.birth.append("%d-%02d-%02d" % (
                    rng.randrange(1930, 2025), rng.randrange(1, 13),
                    rng.randrange(1, 29)))
                self.town.append(town)
                self.by_name.setdefault(own, []).append(person)
            self.town_families[town].append(len(self.families))
            self.families.append(members)
        self.total = list(itertools.accumulate(
            min(need, 30) for need in self.need))
        self.town_persons = [[p for f in families for p in self.families[f]]
                             for families in self.town_families]
        self.persons = len(self.family)

    def anybody(self, rng):
        """A person of the region, the ill ones more often."""
        return bisect.bisect(self.total, rng.random() * self.total[-1])

    def relatives(self, person):
        """The others of the family."""
        return [p for p in self.families[self.family[person]] if p != person]


class Panel:
    """Persons that somebody cares for, some far more often than others."""

    def __init__(self, population, persons, power=1.0):
        self.persons = persons
        self.sums = list(itertools.accumulate(
            min(population.need[p], 40) ** power for p in persons))

    def draw(self, rng):
        """One of them."""
        return self.persons[bisect.bisect(
            self.sums, rng.random() * self.sums[-1])]


class Professional:
    """An account and its holder."""

    def __init__(self, number, kind, place):
        self.number = number
        self.kind = kind
        self.place = place
        self.panel = None
        self.roster = []      # persons seen day after day
        self.contexts = {}    # office, home, phone → (line, machine)
        self.start, self.end = 0, 10000
        self.away = ()        # days off besides the week's
        self.rest = -1        # the day after a night
        self.week = (1,) * 5 + (0, 0)
        self.pace = 1.0
        self.service = None   # where most of the work is done
        self.new_machine = None
        self.ward = None
        self.substitutes = []  # (first day, last day, practice)


class Place:
    """Where accounts work: a practice, a pharmacy, a hospital…"""

    def __init__(self, kind, town, line):
        self.kind = kind
        self.town = town
        self.line = line
        self.machines = []
        self.accounts = []
        self.panel = None
        self.wards = []
        self.flu_day = None


class Ward:
    """Beds and who lies in them; the place's kiosks."""

    def __init__(self, beds, machines, turnover):
        self.beds = [None] * beds
        self.machines = machines
        self.turnover = turnover
        self.left = []  # lately gone home

    def turn(self, rng, population, arrivals):
        """A day's departures and arrivals."""
        for bed, person in enumerate(self.beds):
            if person is not None and rng.random() > self.turnover:
                continue
            if person is not None:
                self.left.append(person)
            if arrivals and rng.random() < 0.5:
                self.beds[bed] = arrivals.pop()
            else:
                self.beds[bed] = population.anybody(rng)
        del self.left[:-60]


# kind → persons a day, share out of the panel, family, reads each, searches
# first, hours (start, end), week, services
KINDS = {
    "doctor": (21, 0.07, 0.12, 1.9, 0.45, (8.3, 19.2), (1.15, 1, .8, 1, 1.1,
               .35, 0), ((PORTAL, 6), (SHARED, 3), (OLD, 1))),
    "specialist": (15, 0.65, 0.03, 1.8, 0.7, (9, 18.5), (1, 1, .7, 1, 1, 0,
                   0), ((PORTAL, 5), (SHARED, 4), (OLD, 1))),
    "practice_secretary": (34, 0.12, 0.1, 1.1, 0.75, (8, 18), (1.2, 1, .9, 1,
                           1, .2, 0), ((PORTAL, 7), (ORIENT, 2))),
    "pharmacist": (24, 0.13, 0.2, 1.3, 0.5, (8.8, 19.3), (1.2, 1, 1, 1, 1.1,
                   .8, 0), ((SHARED, 7), (PORTAL, 3))),
    "home_nurse": (22, 0.05, 0.04, 1.2, 0.1, (6.7, 19.5), (1, 1, 1, 1, 1, .5,
                   .5), ((PORTAL, 6), (ORIENT, 4))),
    "physio": (13, 0.04, 0.01, 1.1, 0.15, (8, 19.5), (1, 1, 1, 1, 1, .1, 0),
               ((PORTAL, 8), (OLD, 2))),
    "midwife": (9, 0.15, 0.05, 2.0, 0.35, (9, 18), (1, 1, 1, 1, 1, .3, 0),
                ((PORTAL, 5), (SHARED, 5))),
    "home_staff": (16, 0.02, 0.0, 1.5, 0.05, (6.8, 20.5), (1, 1, 1, 1, 1, .7,
                   .7), ((ORIENT, 7), (PORTAL, 3))),
    "home_admission": (11, 0.75, 0.03, 1.6, 0.4, (9, 17.5), (1, 1, 1, 1, 1, 0,
                       0), ((ORIENT, 9), (PORTAL, 1))),
    "imaging": (24, 0.9, 0.01, 1.3, 0.1, (8, 19), (1, 1, 1, 1, 1, .4, 0),
                ((IMAGING, 9), (SHARED, 1))),
    "substitute": (19, 0.1, 0.1, 1.8, 0.6, (8.5, 19), (1.1, 1, .8, 1, 1, .3,
                   0), ((PORTAL, 6), (SHARED, 4))),
    "ward_doctor": (13, 0.25, 0.01, 2.2, 0.3, (8.5, 18.5), (1, 1, 1, 1, 1,
                    .25, .2), ((HOSPITAL, 7), (PORTAL, 2), (SHARED, 1))),
    "ward_nurse": (16, 0.02, 0.0, 1.6, 0.05, (6.8, 14.5), (1, 1, 1, 1, 1, .7,
                   .7), ((HOSPITAL, 1),)),
    "student": (7, 0.1, 0.0, 1.6, 0.2, (8.5, 17.5), (1, 1, 1, 1, 1, 0, 0),
                ((HOSPITAL, 1),)),
    "emergency": (19, 0.96, 0.02, 2.0, 0.75, (8, 20), (1, 1, 1, 1, 1, 1, 1),
                  ((HOSPITAL, 5), (PORTAL, 3), (SHARED, 2))),
    "regulator": (42, 0.98, 0.0, 0.6, 1.0, (8, 20), (1, 1, 1, 1, 1, 1, 1),
                  ((PORTAL, 7), (SHARED, 3))),
    "records": (230, 0.05, 0.0, 1.1, 0.1, (8.2, 17), (1.1, 1, 1, 1, 1, 0, 0),
                ((HOSPITAL, 1),)),
    "hospital_secretary": (55, 0.55, 0.02, 1.1, 0.6, (8, 17), (1.1, 1, 1, 1,
                           .9, 0, 0), ((HOSPITAL, 8), (ORIENT, 2))),
    "hospital_pharmacist": (38, 0.1, 0.0, 1.1, 0.02, (8.5, 18), (1, 1, 1, 1,
                            1, .3, 0), ((HOSPITAL, 1),)),
    "team": (40, 0.1, 0.05, 1.3, 0.2, (7, 21), (1, 1, 1, 1, 1, .8, .8),
             ((SHARED, 5), (PORTAL, 5))),
}
