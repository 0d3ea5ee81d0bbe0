"""The mock interview's arithmetic beside a second one in Python, and broken copies of it."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

import dlworkbook
from dlworkbook.widgets.kit.random import generator, seed_of
from tests.kit.node import NodeError, differential, evaluate

MODEL = Path(dlworkbook.__file__).parent / "interview" / "model.js"
TOPICS = ["training", "networks", "pictures"]
RANK = {"wrong": 0, "slip": 1, "right": 3}
STATE = {"well": "right", "halfway": "slip", "not": "wrong"}
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def code(key: str) -> str:
    number, found = seed_of(key) % 36**4, ""
    for _ in range(4):
        number, digit = divmod(number, 36)
        found = DIGITS[digit] + found
    return found


def drawn(questions: list, settings: dict, record: dict) -> list[str]:
    def place(question):
        key = question["key"]
        entry = record.get(key, {})
        rank = RANK.get(entry.get("state"), 2)
        day = entry.get("kept", "") if rank == 3 else ""
        return rank, day, next(generator(settings["seed"] ^ seed_of(key))), key

    pool = [q for q in questions
            if q["topic"] in settings["topics"] and q["level"] in settings["levels"]]
    keys = [q["key"] for q in sorted(pool, key=place)]
    return keys if settings["number"] == "all" else keys[:settings["number"]]


def said(settings: dict) -> str:
    """The text of a link."""
    first = {"seed": ("s", 0), "number": ("n", 5), "topics": ("t", TOPICS),
             "levels": ("l", ["E", "M", "H"]), "codes": ("q", [])}
    sign = {"topics": ".", "levels": "", "codes": "."}
    parts = []
    for key, (letter, start) in first.items():
        value = settings[key]
        if value != start:
            text = sign[key].join(value) if key in sign else value
            parts.append(f"{letter}:{text}")
    return "_".join(parts)


def run(keys: list[str], verdicts: list[str]) -> tuple[list[str], list[tuple[str, str]]]:
    """(the queue at its end, what was given)."""
    queue, given = list(keys), []
    for verdict in verdicts:
        if len(given) == len(queue):
            break
        key = queue[len(given)]
        if verdict == "not" and key not in [one for one, _ in given]:
            queue.append(key)
        given.append((key, verdict))
    return queue, given


def summed(given: list, questions: list, seconds: list[int]) -> dict:
    last, time, times = {}, {}, {}
    for (key, verdict), spent in zip(given, seconds, strict=False):
        last[key] = verdict
        time[key] = time.get(key, 0) + spent
        times[key] = times.get(key, 0) + 1
    topic = {q["key"]: q["topic"] for q in questions}
    order = dict.fromkeys(q["topic"] for q in questions)

    def count(keys):
        verdicts = {name: sum(last[k] == name for k in keys) for name in STATE}
        return {"asked": len(keys), **verdicts, "seconds": sum(time[k] for k in keys)}

    own = {name: [k for k in last if topic[k] == name] for name in order}
    worst = sorted(last, key=lambda k: ["not", "halfway", "well"].index(last[k]))
    return {
        "all": count(list(last)),
        "topics": [{"topic": name, **count(keys)} for name, keys in own.items() if keys],
        "list": [{"key": k, "verdict": last[k], "seconds": time[k], "asked": times[k]}
                 for k in worst],
    }


AT = {"seconds": 3.5, "opened": 2, "text": "words"}


def unpacked(queue: list[str], given: list, seconds: list[int]) -> dict | None:
    """What comes back of a set that was kept."""
    told = [{"key": key, "verdict": verdict, "seconds": spent, "text": ""}
            for (key, verdict), spent in zip(given, seconds, strict=False)]
    at = AT if len(given) < len(queue) else None
    return {"run": {"queue": queue, "given": told}, "link": "s:1", "at": at} if queue else None


def cases() -> list[dict]:
    found = []
    for n in range(300):
        rng = random.Random(n)
        questions = [
            {"key": f"ch{rng.randrange(20):02}_x/page_{k}", "topic": rng.choice(TOPICS),
             "level": rng.choice("EMH")} for k in range(rng.choice([1, 4, 12, 30]))
        ]
        record = {
            q["key"]: rng.choice([
                {"state": "wrong", "kept": f"2026-0{rng.randint(1, 9)}-01"}, {"state": "slip"},
                {"state": "right", "kept": f"2026-0{rng.randint(1, 9)}-01"}, {"state": "right"},
                {"state": "odd"}, {}, {"kept": "2026-01-01"},
            ])
            for q in questions if rng.random() < rng.choice([0, 0.5, 1])
        }
        settings = {
            "seed": rng.choice([0, 1, 42, 999_999, rng.randrange(10**6)]),
            "number": rng.choice([5, 10, "all"]),
            "topics": [t for t in TOPICS if rng.random() < 0.7] or TOPICS,
            "levels": [x for x in "EMH" if rng.random() < 0.8] or ["H"],
            "codes": [code(q["key"]) for q in questions[:rng.choice([0, 0, 3])]],
        }
        found.append({
            "questions": questions, "record": record, "settings": settings, "topics": TOPICS,
            "verdicts": [rng.choice(list(STATE)) for _ in range(rng.choice([3, 20, 80]))],
            "seconds": [rng.randint(0, 260) for _ in range(80)],
            "from": rng.randint(0, 130), "step": rng.choice([0, 1, 2, 59, 130]),
        })  # fmt: skip
    return found


def expected(case: dict) -> dict:
    settings = case["settings"]
    keys = drawn(case["questions"], settings, case["record"])
    queue, given = run(keys, case["verdicts"])
    states = [case["record"].get(q["key"], {}).get("state") for q in case["questions"]]
    counts = {name: states.count(state) for name, state in STATE.items()}
    start, end = case["from"], case["from"] + case["step"]
    marks = {60: "One minute is over, one is left.",
             120: "Two minutes are over. The clock goes on."}
    passed = [words for at, words in marks.items() if start < at <= end]
    codes = settings["codes"]
    return {
        "drawn": keys, "plain": drawn(case["questions"], settings, {}), "text": said(settings),
        "back": settings, "queue": queue, "given": [list(one) for one in given],
        "current": queue[len(given)] if len(given) < len(queue) else None,
        "summed": summed(given, case["questions"], case["seconds"]),
        "tally": {**counts, "open": len(states) - sum(counts.values())},
        "named": {"keys": [q["key"] for q in case["questions"][:len(codes)]], "missing": 1},
        "unpacked": unpacked(queue, given, case["seconds"]),
        "over": end >= 120,
        "mark": passed[-1] if passed else "",
    }  # fmt: skip


ANSWER = """(() => {
  const a = m.makeAddress(c.topics), keys = m.drawn(c.questions, c.settings, c.record);
  let run = m.begin(keys);
  c.verdicts.forEach((v, n) => {
    if (m.current(run) !== undefined) run = m.judged(run, v, c.seconds[n]);
  });
  return {
    drawn: keys, plain: m.drawn(c.questions, c.settings), text: a.encode(c.settings),
    back: a.decode(a.encode(c.settings)), queue: run.queue,
    given: run.given.map((one) => [one.key, one.verdict]), current: m.current(run) ?? null,
    summed: m.summed(run, c.questions), tally: m.tally(c.questions, c.record),
    named: m.named(c.questions, [...c.settings.codes, '0000']),
    unpacked: m.unpacked(m.packed({ run, link: "s:1",
      at: m.current(run) === undefined ? null : AT }), c.questions),
    over: m.isOver(c.from + c.step),
    mark: m.mark(c.from, c.from + c.step),
  };
})()""".replace("AT", json.dumps(AT))
MUTANTS = [
    ("weak ones last", "wrong: 0, slip: 1, right: 3", "wrong: 3, slip: 1, right: 0"),
    ("halfway before not", "wrong: 0, slip: 1,", "wrong: 1, slip: 0,"),
    ("unseen first", "?? 2;", "?? -1;"),
    ("newest first", "before(a.day, b.day)", "before(b.day, a.day)"),
    ("day of weak ones counts", "day: rankOf(record[key]) === 3 ?", "day: record[key] ?"),
    ("no seed", "generator(seed ^ seedOf(key))()", "generator(seedOf(key))()"),
    ("same lot for all", "generator(seed ^ seedOf(key))()", "generator(seed)()"),
    ("another hash", "(seedOf(key) %", "(seedOf(key + 1) %"),
    ("order of the page", "a.lot - b.lot || ", ""),
    ("one less", ": settings.number)", ": settings.number - 1)"),
    ("level ignored", " && levels.includes(q.level)", ""),
    ("topic ignored", "topics.includes(q.topic) && ", ""),
    ("seed not in the link", 'seed: { code: "s", start: 0', 'seed: { code: "s", start: 42'),
    ("short code", '.padStart(4, "0")', ""),
    ("what is missing is not counted", "key === undefined).length", "key === null).length"),
    ("again for ever", 'verdict === "not" && !isAgain(run)', 'verdict === "not"'),
    ("never again", 'verdict === "not" && !', 'verdict === "" && !'),
    ("again after halfway", 'verdict === "not" && !', 'verdict === "halfway" && !'),
    ("again at once", "[...run.queue, ...more]", "[...more, ...run.queue]"),
    ("first verdict counts", "Object.assign(old, { verdict,", "Object.assign(old, {"),
    ("last time only", "old.seconds + seconds", "seconds"),
    ("best first", '["not", "halfway", "well"]', '["well", "halfway", "not"]'),
    ("time of no one", "sum + one.seconds", "sum"),
    ("two minutes are exclusive", "seconds >= LIMIT", "seconds > LIMIT"),
    ("half a minute", "[LIMIT / 2, ", "[LIMIT / 4, "),
    ("unknown states count", '?? "open"', '?? "well"'),
    ("asked again from the start", "keys: [...new Set(run.queue)]", "keys: run.queue"),
    ("time is lost", "judged(run, verdict, seconds, words)", "judged(run, verdict, 0, words)"),
]


def test_model_and_mutants():
    table = cases()
    differential(MODEL, ANSWER, table, [expected(case) for case in table], MUTANTS)


def test_a_new_question_displaces_at_most_one():
    """So a link goes on leading to nearly the same set when the book grows."""
    table = [case for case in cases() if len(case["questions"]) == 30]
    calls = [{"all": c["questions"], "few": c["questions"][1:],
              "settings": {**c["settings"], "number": 10, "topics": TOPICS, "levels": list("EMH")}}
             for c in table]  # fmt: skip
    sets = evaluate(MODEL, "data.map((c) => [m.drawn(c.all, c.settings), "
                           "m.drawn(c.few, c.settings)])", calls)
    lost = [set(few) - set(grown) for grown, few in sets]
    assert max(map(len, lost)) == 1 and len(sets) > 30


@pytest.mark.parametrize(("text", "message"), [
    ("s:x", "seed: “x” is not a number"),
    ("s:1000000", "seed must be a whole number from 0 to 999999"),
    ("s:-1", "seed must be a whole number"),
    ("s:1.5", "seed must be a whole number"),
    ("n:7", "number must be one of 5, 10, all"),
    ("t:constructor", "“constructor” is no topic of this page"),
    ("t:", "is no topic of this page"),
    ("t:training.<script>", "“<script>” is no topic of this page"),
    ("l:EX", "“X” is no level of this page"),
    ("q:abc", "a question of the set cannot be read"),
    ("q:" + ".".join(f"{n:04}" for n in range(501)), "a question of the set cannot be read"),
    ("rubbish", "“rubbish” is not a setting"),
    ("z:1", "“z:1” is not a setting"),
    ("__proto__:1", "is not a setting"),
])  # fmt: skip
def test_a_link_that_is_none_is_told(text, message):
    with pytest.raises(NodeError, match=message.replace("?", r"\?")):
        evaluate(MODEL, "m.makeAddress(data.topics).decode(data.text)",
                 {"topics": TOPICS, "text": text})


HELD = {"link": "s:1", "keys": ["a", "b"], "given": [["well", 3, ""]], "at": AT}
RUBBISH = [
    "", "{", "null", "3", {"keys": 3}, {"keys": []}, {"keys": ["a", "gone"]}, {"keys": None},
    {"given": None}, {"given": [["well", 3, ""]] * 3}, {"given": [["toString", 3, ""]]},
    {"given": [["well", -1, ""]]}, {"given": [["well", 3, {}]]}, {"given": [["well", "3", ""]]},
    {"given": [["well", 3, ""]] * 2}, {"at": 3}, {"at": {}}, {"at": {**AT, "seconds": None}},
    {"at": {**AT, "opened": "1"}}, {"at": {**AT, "text": 7}}, {"given": [], "at": None},
]


def test_a_set_that_cannot_have_been_kept_is_none():
    held = [json.dumps(HELD), json.dumps({**HELD, "at": None}), json.dumps({**HELD, "given": []})]
    texts = [one if isinstance(one, str) else json.dumps({**HELD, **one}) for one in RUBBISH]
    back = evaluate(MODEL, "data.map((one) => m.unpacked(one, [{ key: 'a' }, { key: 'b' }]))",
                    [*held, *texts, None])
    assert all(back[:3])
    assert [one for one, found in zip([*RUBBISH, None], back[3:], strict=True) if found] == []


def test_a_link_may_repeat_and_reorder():
    same = evaluate(MODEL, "m.makeAddress(data).decode('l:MEM_t:pictures.training.training')",
                    TOPICS)
    assert same["levels"] == ["E", "M"] and same["topics"] == ["training", "pictures"]
