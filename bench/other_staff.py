# SPDX-License-Identifier: EUPL-1.2
"""Who works where in other_region.py: hospitals, practices, pharmacies,
nursing homes and the rest, with their lines, machines, panels and absences.
Must not know who is a thief.
"""
import bisect
from other_town import Line, Machine, Panel, Place, Population, Professional
from other_town import Ward


class Region:
    """Everything that stands before the first day."""

    def __init__(self, rng, professionals, days):
        self.rng = rng
        self.days = days
        self.towns = max(3, professionals // 36)
        self.population = Population(rng, professionals * 90, self.towns)
        self.places = []
        self.staff = []
        self.update_day = rng.randrange(days // 3, days) if days > 6 else days
        self.exit_day = rng.randrange(days // 2, days) if days > 6 else days
        self.holiday = rng.randrange(days) if days > 6 else -1
        self.ward_move = 14
        self.arrivals = []  # persons who came through an emergency room
        self.lists = {}     # place → persons to be examined today
        self.start = 0
        hire(self, professionals)
        settle(self)
        self.person_ids = ["%016x" % rng.getrandbits(64)
                           for _ in range(self.population.persons)]
        self.professional_ids = []
        taken = set()
        for _ in self.staff:
            number = "8%011d" % rng.randrange(10**11)
            while number in taken:
                number = "8%011d" % rng.randrange(10**11)
            taken.add(number)
            self.professional_ids.append(number)

    def new_day(self):
        """Beds change; yesterday's lists are forgotten."""
        for where in self.places:
            for ward in where.wards:
                ward.turn(self.rng, self.population, self.arrivals)
        self.lists = {}

    def imaging_list(self, where, day):
        """Who is examined at a place on a day."""
        if where.number not in self.lists:
            beds = [p for w in where.wards for p in w.beds if p is not None]
            self.lists[where.number] = [
                self.rng.choice(beds) if beds and self.rng.random() < 0.5 else
                self.population.anybody(self.rng)
                for _ in range(self.rng.randrange(38, 80))]
        return self.lists[where.number]


def place(region, kind, town, line_kind):
    """A new place with its line."""
    new = Place(kind, town, Line(region.rng, line_kind, region.days))
    new.number = len(region.places)
    region.places.append(new)
    return new


def account(region, kind, where, machine=None):
    """A new account at a place; its office is the place's line."""
    new = Professional(len(region.staff), kind, where)
    new.pace = region.rng.lognormvariate(0, 0.3)
    where.accounts.append(new)
    region.staff.append(new)
    new.contexts["office"] = (where.line, machine or
                              Machine(region.rng, region.days))
    return new


def hospital(region, size, town):
    """60 to 150 accounts behind one exit, wards with kiosks."""
    rng = region.rng
    new = place(region, "hospital", town, "fixed")
    if size > 90:  # the larger one's exit moves for all on one day
        other = Line(rng, "fixed", region.days)
        new.line.days[region.exit_day:] = other.days[region.exit_day:]
    for _ in range(max(2, size // 14)):
        ward = Ward(rng.randrange(14, 30),
                    [Machine(rng, region.days, "KIOSK")
                     for _ in range(rng.randrange(3, 7))],
                    rng.choice((0.08, 0.15, 0.22, 0.3)))
        ward.turn(rng, region.population, [])
        new.wards.append(ward)
    new.machines = [Machine(rng, region.days, "URG") for _ in range(5)]
    shares = (("ward_nurse", .4), ("ward_doctor", .22), ("emergency", .08),
              ("student", .1), ("hospital_secretary", .07), ("records", .03),
              ("midwife", .03), ("imaging", .03), ("hospital_pharmacist",
                                                   .02))
    for kind, share in shares:
        for _ in range(max(1, round(size * share))):
            one = account(region, kind, new)
            one.ward = rng.choice(new.wards)
            if kind in ("emergency", "regulator"):
                one.contexts["office"] = (new.line, new.machines[0])
    return new


def practice(region, doctors, kind="doctor"):
    """1 to 6 doctors, sometimes a secretary, sometimes one machine."""
    rng = region.rng
    town = rng.choices(range(region.towns), [
        len(f) for f in region.population.town_families])[0]
    new = place(region, "practice", town, rng.choices(
        ("fixed", "week", "day", "v6"), (4, 3, 2, 2))[0])
    shared = Machine(rng, region.days) if rng.random() < 0.3 else None
    for _ in range(doctors):
        account(region, kind, new, shared)
    if doctors > 1 and rng.random() < 0.6:
        account(region, "practice_secretary", new)
    return new


def small(region, kind, accounts, line_kind, town=None):
    """A pharmacy, a nursing home, a centre: accounts at one line."""
    rng = region.rng
    if town is None:
        town = rng.randrange(region.towns)
    new = place(region, kind, town, line_kind)
    machines = [Machine(rng, region.days) for _ in range(2)]
    for role in accounts:
        account(region, role, new, rng.choice(machines))
    return new


def hire(region, wanted):
    """Places until there are enough accounts."""
    rng = region.rng
    scale = wanted / 400
    hospital(region, max(10, round(118 * scale)), 0)
    hospital(region, max(8, round(66 * scale)), 1)
    many = lambda number: max(1, round(number * scale))  # noqa: E731
    samu = region.places[0]
    for _ in range(many(6)):
        account(region, "regulator", samu, rng.choice(samu.machines))
    for _ in range(many(4)):
        roles = ["home_staff"] * rng.randrange(3, 7) + ["home_admission"]
        if rng.random() < 0.5:
            roles.append("team")
        small(region, "nursing_home", roles, "fixed")
    for _ in range(many(10)):
        roles = ["pharmacist"] * rng.randrange(1, 4)
        if rng.random() < 0.15:
            roles.append("team")
        small(region, "pharmacy", roles, rng.choice(("week", "fixed", "v6")))
    small(region, "imaging_centre", ["imaging"] * many(6), "fixed", 0)
    for kind, number in (("home_nurse", 20), ("physio", 16), ("midwife", 6)):
        for _ in range(many(number)):
            small(region, kind, [kind], rng.choice(("week", "day", "v6")))
    for _ in range(many(9)):
        practice(region, rng.randrange(1, 4), "specialist")
    for _ in range(many(8)):
        home = place(region, "home", rng.randrange(region.towns), "day")
        account(region, "substitute", home)
    while len(region.staff) < wanted:
        practice(region, min(rng.choices(range(1, 7), (6, 6, 5, 4, 2, 1))[0],
                             wanted - len(region.staff)))
    while len(region.staff) > wanted:
        gone = region.staff.pop()
        gone.place.accounts.remove(gone)


def families_near(region, town, number):
    """Persons of families of the town, and a few of the next ones."""
    rng, population = region.rng, region.population
    found = []
    while len(found) < number:
        where = town
        if rng.random() < 0.15:
            where = min(region.towns - 1, max(0, town + rng.choice((-1, 1))))
        found += population.families[rng.choice(
            population.town_families[where])]
    return found


PANELS = {"doctor": 900, "specialist": 500, "practice_secretary": 900,
          "pharmacist": 1500, "midwife": 130, "imaging": 300,
          "substitute": 40, "home_admission": 120, "hospital_secretary": 500,
          "team": 500, "emergency": 60, "regulator": 60, "student": 30,
          "ward_doctor": 150, "ward_nurse": 30, "records": 100,
          "hospital_pharmacist": 100}
ROSTERS = {"home_nurse": (26, 42), "physio": (30, 55), "home_staff": (40, 80)}


def settle(region):
    """Panels, homes, telephones, weeks and absences of everybody."""
    rng, population = region.rng, region.population
    for where in region.places:
        where.panel = Panel(population,
                            families_near(region, where.town, 1400))
        if where.kind == "pharmacy" and rng.random() < 0.45:
            where.flu_day = rng.randrange(region.days)
        residents = families_near(region, where.town, 80)
        for one in where.accounts:
            if one.kind == "home_staff":
                one.roster = residents
            elif one.kind in ROSTERS:
                low, high = ROSTERS[one.kind]
                chronic = [where.panel.draw(rng) for _ in range(high * 2)]
                one.roster = list(dict.fromkeys(chronic))[
                    :rng.randrange(low, high)]
            own = families_near(region, where.town, PANELS.get(one.kind, 60))
            if one.kind in ("doctor", "practice_secretary", "pharmacist",
                            "team"):
                own += [where.panel.draw(rng) for _ in range(len(own) // 2)]
            one.panel = Panel(population, own)
            live(region, one)


def live(region, one):
    """Home, telephone, part time, leave, a late start, a new machine."""
    rng, days = region.rng, region.days
    hospital_side = one.place.kind == "hospital"
    if rng.random() < (0.15 if hospital_side else 0.4):
        one.contexts["home"] = (
            Line(rng, rng.choice(("week", "day", "v6")), days),
            Machine(rng, days, "HOME"))
    if one.kind == "home_nurse" or rng.random() < 0.2:
        one.contexts["phone"] = (Line(rng, "mobile", days),
                                 Machine(rng, days, "TEL"))
    if rng.random() < 0.2:
        one.week = tuple(int(rng.random() < 0.5) for _ in range(7))
    else:
        one.week = (1,) * 7
    if days > 6 and rng.random() < 0.25:
        first = rng.randrange(-4, days)
        one.away = range(first, first + rng.randrange(5, 13))
    if rng.random() < 0.06:
        one.start = rng.randrange(min(5, days), max(6, days - 2))
    elif rng.random() < 0.025:  # leaves, and the account stays open
        one.end = rng.randrange(0, 5)
        if rng.random() < 0.4:  # comes back
            one.end, one.away = 10000, range(rng.randrange(1, 5),
                                             max(6, days - rng.randrange(7)))
    if days > 6 and rng.random() < 0.1:
        one.new_machine = (rng.randrange(2, days), Machine(rng, days))
    if one.kind == "substitute":
        doctors = [w for w in region.places if w.kind == "practice"]
        day = rng.randrange(0, 6)
        while doctors and day < days:
            last = day + rng.randrange(3, 12)
            one.substitutes.append((day, last, rng.choice(doctors)))
            day = last + rng.randrange(2, 10)


def choose(rng, weighted):
    """One of ((value, weight), …)."""
    total = 0
    sums = []
    for _, weight in weighted:
        total += weight
        sums.append(total)
    return weighted[bisect.bisect(sums, rng.random() * total)][0]
