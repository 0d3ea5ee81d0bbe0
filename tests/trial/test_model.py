"""The trial exam's arithmetic beside a second one in Python, and broken copies of it."""

from __future__ import annotations

import random

import pytest

from dlworkbook.widgets.kit import bundle
from dlworkbook.widgets.kit.random import generator
from publish import practice
from tests.kit.node import NodeError, differential, evaluate

FOLDER = bundle.WIDGETS.parent
MODEL, CLOCK = FOLDER / "trial/model.js", FOLDER / "widgets/kit/clock.js"
MOST = 999_999
BELL = "The time is over. Hand in now, or go on: what you enter from now on is marked as late."


def chance(text: str):
    """int(low, high) of practice/kit.js."""
    total = 0x811C9DC5
    for letter in text:
        total = (total ^ ord(letter)) * 0x01000193 % 2**32
    numbers = generator(total)
    return lambda low, high: low + next(numbers) % (high - low + 1)


def drawn(families: dict, seed: int, number: int, level: int | str) -> list[dict]:
    lots = []
    for name, about in families.items():
        one = chance(f"trial:{seed}:{name}")
        levels = sorted(map(int, about["levels"]))
        lot, own, any_level = one(0, 2**31), one(1, MOST), levels[one(0, len(levels) - 1)]
        below = any_level if level == "mixed" else max([k for k in levels if k <= level] or [1])
        lots.append((lot, name, below, own))
    return [{"family": name, "level": k, "seed": own} for _, name, k, own in sorted(lots)[:number]]


def clock(seconds: float) -> str:
    return f"{int(seconds // 60)}:{int(seconds) % 60:02}"


def mark(minutes: int, start: int, end: int) -> str:
    marks = {60 * minutes: BELL}
    if minutes != 10:
        marks[30 * minutes] = f"Half of the time is over, {clock(30 * minutes)} left."
    if minutes > 5:
        marks[60 * minutes - 300] = "Five minutes are left."
    return next((marks[at] for at in sorted(marks, reverse=True) if start < at <= end), "")


def shows(minutes: int, seconds: int) -> dict:
    left = 60 * minutes - seconds
    if left > 0:
        return {"time": clock(left), "word": f"of {minutes}:00 left", "over": False}
    return {"time": clock(-left), "word": "over the time", "over": True}


def shares(minutes: int, fields: int) -> list[int]:
    found = [0] * fields
    for k in range(max(minutes, fields)):  # dealt out one by one, from the last field on
        found[fields - 1 - k % fields] += 1
    return found


def review(problems: list[dict], given: list) -> dict:
    rows, slips = [], {}
    for problem, entries in zip(problems, given, strict=True):
        fields = []
        worth = shares(problem["minutes"], len(problem["fields"]))
        for spec, entry, of in zip(problem["fields"], entries, worth, strict=True):
            text = entry["text"]
            slip = next((s for s in spec["slips"] if str(s["is"]) == text), None)
            state = ("empty" if not text else "right" if text == str(spec["is"]) else
                     "slip" if slip else "malformed" if text == "(((" else "wrong")
            fields.append({"state": state, "slip": slip["id"] if slip else "", "of": of,
                           "got": of * (state == "right"),
                           "late": entry["late"] and state != "empty"})
            if slip:
                key = problem["family"], slip["id"]
                slips.setdefault(key, {"family": key[0], "title": problem["title"], "id": key[1],
                                       "say": slip["say"], "times": 0})["times"] += 1
        rows.append({**{k: problem[k] for k in ("family", "title", "level", "seed")},
                     "of": sum(worth), "got": sum(f["got"] for f in fields), "fields": fields})
    late = sum(f["got"] for row in rows for f in row["fields"] if f["late"])
    weak = sorted((row for row in rows if row["got"] < row["of"]), key=lambda r: r["got"] / r["of"])
    return {
        "of": sum(r["of"] for r in rows), "got": sum(r["got"] for r in rows) - late, "late": late,
        "marked": rows, "slips": list(slips.values()),
        "weak": [{"family": r["family"], "title": r["title"], "level": r["level"],
                  "seed": r["seed"] % MOST + 1} for r in weak],
    }


def made_up(rng: random.Random, name: str) -> dict:
    """A problem whose fields want whole numbers."""
    def field():
        key, *wrong = rng.sample(range(-90, 91), 4)
        slips = [{"id": f"slip_{k}", "is": value, "say": f"It is {k}."}
                 for k, value in enumerate(wrong[:rng.randint(1, 3)])]
        return {"kind": "integer", "ask": "N", "is": key, "else": "No.", "slips": slips}

    return {"family": name, "title": name.title(), "level": rng.randint(1, 3),
            "seed": rng.choice([rng.randint(1, MOST), MOST]), "minutes": rng.randint(1, 12),
            "fields": [field() for _ in range(rng.randint(1, 5))]}


def record(entries: dict, families: dict) -> dict:
    taken = sorted((e["kept"], e["text"]) for k, e in entries.items()
                   if k.startswith("exam:") and e.get("kept") and "/" in e.get("text", ""))
    slips = []
    for key, entry in entries.items():
        family, _, name = key.removeprefix("slip:").partition(".")
        if key.startswith("slip:") and family in families and entry.get("tries", 0) > 0:
            slips.append({"family": family, "id": name, "times": entry["tries"]})
    slips.sort(key=lambda s: (-s["times"], s["family"] + s["id"]))
    last = {"text": taken[-1][1], "kept": taken[-1][0]} if taken else None
    return {"exams": len(taken), "last": last, "slips": slips}


def cases() -> list[dict]:
    found = []
    for n in range(300):
        rng = random.Random(n)
        names = rng.sample(["axes", "boxes", "chains", "depths", "edges", "folds", "gates", "heads",
                            "ideas", "joins", "keys", "lines"], rng.choice([2, 7, 12]))
        families = {name: {"title": name.title(), **{
            part: {k: rng.randint(1, 9) for k in range(1, levels + 1)}
            for part in ("levels", "minutes")}}
            for name in names for levels in [rng.randint(1, 3)]}  # fmt: skip
        problems = [made_up(rng, name) for name in names[:rng.choice([2, 3, 6])]]
        if n % 3 == 0:
            problems[1] = {**made_up(rng, names[0])}  # a family twice: its slips are one

        def entry(spec, rng=rng):
            slip = rng.choice(spec["slips"])["is"]
            text = rng.choice([str(spec["is"]), str(spec["is"]), str(slip), "99", "", "((("])
            return {"text": text, "late": rng.random() < 0.3}

        start = rng.choice([0, rng.randint(0, 1900)])
        entries = {f"exam:s:{k}": {"text": f"{rng.randint(0, 9)}/20", "kept": f"2026-0{k + 1}"}
                   for k in rng.sample(range(9), rng.choice([0, 1, 4]))}
        entries |= {f"slip:{rng.choice(names)}.slip_{k}": {"tries": rng.randint(1, 3)}
                    for k in range(rng.choice([0, 6]))}
        entries |= {"exam:s:99": {"text": "all", "kept": "2027"}, "exam:s:98": {"text": "1/2"},
                    "slip:gone.slip_1": {"tries": 2}, f"slip:{names[0]}.none": {"tries": 0}}
        minutes = rng.choice([4, 5, 8, 10, 11, 25, 30])
        end = start + rng.choice([0, 1, 2, 300, 900])
        if n % 5 == 0:  # at a mark
            end = rng.choice([60 * minutes, 30 * minutes, max(0, 60 * minutes - 300),
                              60 * minutes - 20])
            start = max(0, end - 1)
        found.append({
            "families": families, "problems": problems, "entries": entries, "minutes": minutes,
            "settings": {"seed": rng.choice([0, 7, MOST, rng.randint(0, MOST)]),
                         "number": rng.choice([3, 6, 10]),
                         "level": rng.choice([1, 2, 3, "mixed"])},
            "given": [[entry(spec) for spec in p["fields"]] for p in problems],
            "from": start, "to": end,
        })  # fmt: skip
    return found


def expected(case: dict) -> dict:
    settings, minutes = case["settings"], case["minutes"]
    exam = drawn(case["families"], **settings)
    text = "_".join(f"{key[0]}:{settings[key]}" for key, start in
                    (("seed", 0), ("number", 3), ("level", 1)) if settings[key] != start)
    return {
        "drawn": exam, "text": text or "s:0", "back": settings,
        "minutes": sum(case["families"][p["family"]]["minutes"][p["level"]] for p in exam),
        "mark": mark(minutes, case["from"], case["to"]), "shows": shows(minutes, case["to"]),
        "late": case["to"] >= 60 * minutes, "clock": clock(case["to"]),
        "review": review(case["problems"], case["given"]),
        "record": record(case["entries"], case["families"]),
    }  # fmt: skip


ANSWER = """({
  drawn: m.drawExam(c.families, c.settings), text: m.exams.encode(c.settings),
  back: m.exams.decode(m.exams.encode(c.settings)),
  minutes: m.minutesOf(c.families, m.drawExam(c.families, c.settings)),
  mark: m.mark(c.minutes, c.from, c.to), shows: m.shows(c.minutes, c.to),
  late: m.isLate(c.minutes, c.to), clock: m.shows(0, c.to + .9).time,
  review: m.review(c.problems, c.given), record: m.recordOf(c.entries, c.families),
})"""
MUTANTS = [
    ("no seed", "chance(`trial:${seed}:${family}`)", "chance(`trial:${family}`)"),
    ("one problem for all", "chance(`trial:${seed}:${family}`)", "chance(`trial:${seed}`)"),
    ("order of the names", "a.lot - b.lot || ", ""),
    ("one less", "slice(0, number)", "slice(0, number - 1)"),
    ("level mixed is the first", 'level === "mixed" ? any', 'level === "mixed" ? 1'),
    ("next higher level", "one <= level)", "one >= level)"),
    ("minutes of level 1", "families[family].minutes[level]", "families[family].minutes[1]"),
    ("points for minutes alone", "Math.max(minutes, fields.length)", "minutes"),
    ("the rest goes to the first", "k >= fields.length - (all % fields.length)",
     "k < all % fields.length"),
    ("the rest is lost", "(all % fields.length) ? 1", "(all % fields.length) ? 0"),
    ("half at a third", "[all / 2, ", "[all / 3, "),
    ("half beside five", "([a], [b]) => a - b)", "([a], [b]) => a - b || -1)"),
    ("four minutes", "all - 300", "all - 240"),
    ("no bell", ", [all, BELL]]", "]"),
    ("out of order", "sort(([a], [b]) => a - b)", "sort(([a], [b]) => b - a)"),
    ("said again", "from < at && to", "to"),
    ("said too late", "to >= at", "to > at"),
    ("late a second after", "seconds >= 60 * minutes", "seconds > 60 * minutes"),
    ("counts up", "clockText(left), word", "clockText(seconds), word"),
    ("over before the bell", "return left > 0", "return left > 60"),
    ("no padding of seconds", '.padStart(2, "0")', ""),
    ("rounded up", "String(Math.floor(seconds) % 60)", "String(Math.ceil(seconds) % 60)"),
    ("slips have points", 'state === "right" ? of', 'state !== "wrong" ? of'),
    ("empty is late", 'late: late && state !== "empty"', "late"),
    ("slip without a name", "?.id", "?.is"),
    ("late ones count", "(one) => one.got) - late", "(one) => one.got)"),
    ("all is late", "(field.late ? field.got : 0)", "field.got"),
    ("a slip once", "known.times += 1", "known.times += 0"),
    ("slips of all families are one", "one.family === family && one.id", "one.id"),
    ("all are weak", "lost(one) > 0", "lost(one) >= 0"),
    ("best first", "lost(b) / b.of - lost(a) / a.of", "lost(a) / a.of - lost(b) / b.of"),
    ("most points first", "lost(b) / b.of - lost(a) / a.of", "lost(b) - lost(a)"),
    ("the same numbers again", "(seed % MOST) + 1", "seed"),
    ("a seed too large", "(seed % MOST) + 1", "seed + 1"),
    ("first exam", "taken.at(-1)", "taken.at(0)"),
    ("newest first", "a.kept < b.kept ? -1 : a.kept > b.kept ? 1 :",
     "a.kept < b.kept ? 1 : a.kept > b.kept ? -1 :"),
    ("rubbish is an exam", "/^\\d+\\/\\d+$/.test(text) && ", ""),
    ("without a day", ".test(text) && kept)", ".test(text))"),
    ("families that are gone", "Object.hasOwn(families, name[1]) && ", ""),
    ("rare slips first", "b.times - a.times", "a.times - b.times"),
    ("slips that were none", "tries > 0", "tries >= 0"),
]


def test_model_and_mutants():
    table = cases()
    differential(MODEL, ANSWER, table, [expected(case) for case in table], MUTANTS,
                 beside=[CLOCK])


def test_a_new_family_displaces_at_most_one():
    """So an address goes on leading to nearly the same exam when families are added."""
    families = practice.families()
    fewer = {name: about for name, about in families.items() if name != "pooling"}
    calls = [{"seed": seed, "number": 6, "level": 2} for seed in range(100)]
    sets = evaluate(MODEL, "data[2].map((s) => [m.drawExam(data[0], s), m.drawExam(data[1], s)])",
                    [families, fewer, calls])
    lost = [[p for p in few if p not in grown] for grown, few in sets]
    assert max(map(len, lost)) == 1
    assert all(len({p["family"] for p in grown}) == 6 for grown, _ in sets)


def test_every_problem_of_an_exam_can_be_made():
    calls = [{"seed": seed, "number": 10, "level": level}
             for seed in (1, 2, 3) for level in (1, 2, 3, "mixed")]
    exams = evaluate(MODEL, "data[1].map((s) => m.drawExam(data[0], s))",
                     [practice.families(), calls])
    asked = [(p["family"], p["level"], p["seed"]) for exam in exams for p in exam]
    assert len(practice.problems(asked)) == 120


@pytest.mark.parametrize(("text", "message"), [
    ("s:x", "seed: “x” is not a number"), ("s:1000000", "seed must be a whole number from 0"),
    ("n:7", "number must be one of 3, 6, 10"), ("l:4", "level must be one of 1, 2, 3, mixed"),
    ("l:toString", "level must be one of"), ("rubbish", "is not a setting"),
    ("__proto__:1", "is not a setting"),
])  # fmt: skip
def test_an_address_that_is_none_is_told(text, message):
    with pytest.raises(NodeError, match=message):
        evaluate(MODEL, "m.exams.decode(data)", text)
