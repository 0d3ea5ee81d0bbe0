"""The engine on made-up families: its rules, and copies of it in which one rule is broken."""

from __future__ import annotations

import pytest

from publish import practice
from tests.practice.copies import families

HEAD = """import { fraction, key, minus, over, plus, tex, times } from "../kit.js";
const name = "made_up", title = "Made up", minutes = { 1: 1 }, levels = { 1: "one" };
const bounds = { most: 20, places: 1 };
const field = (is, more = {}) => ({ kind: "integer", ask: "A number", is, else: "Add.", ...more });
const slip = (id, ...is) => ({ id, is, says: `It is ${id}.` });
"""
TAIL = "\nexport default { name, title, minutes, levels, bounds, draw };\n"


def drawn(folder, body: str, seeds=range(1, 31), change=None):
    """Problems of a family whose draw has this body; change: a file, and a text exchanged."""
    sources = families(folder, made_up=f"{HEAD}function draw(random, level) {{\n{body}\n}}{TAIL}")
    if change:
        name, old, new = change
        code = (sources / name).read_text(encoding="utf-8")
        assert code.count(old) == 1
        (sources / name).write_text(code.replace(old, new), encoding="utf-8")
    return practice.problems([("made_up", 1, seed) for seed in seeds], sources=sources)


SUM = """const [a, b] = random.ints(2, 1, 9);
return { statement: ["Add."], data: { a, b }, steps: ["Add."], fields: [field(a + b)],
  slips: [slip("difference", a - b), slip("product", a * b), slip("first", a),
    slip("second", b)] };"""
METHODS = {"difference", "product", "first", "second"}


def slips_of(problem) -> dict:
    return {slip["id"]: slip["is"] for slip in problem["fields"][0]["slips"]}


def told_apart(problem) -> bool:
    """Two slips or more, none of them the key or equal to another."""
    key, found = problem["fields"][0]["is"], slips_of(problem)
    return len(found) >= 2 and len({key, *found.values()}) == len(found) + 1


def test_slips_can_be_told_apart(tmp_path):
    made = drawn(tmp_path, SUM)
    for problem in made:
        assert told_apart(problem)
        assert all(s["say"] == f"It is {s['id']}." for s in problem["fields"][0]["slips"])
        assert sorted([*slips_of(problem), *problem["left"]]) == sorted(METHODS)
    assert {len(problem["left"]) for problem in made} >= {0, 2}


@pytest.mark.parametrize(
    "old, new",
    [
        ("slips.filter((slip) => !sameAnswer(field, field.is, slip.is)",
         "slips.filter((slip) => true || !sameAnswer(field, field.is, slip.is)"),
        ("return apart.filter(", "return apart; apart.filter("),
        ("methods.size < LEAST", "methods.size < 0"),
    ],
)  # fmt: skip
def test_without_a_rule_slips_are_confused(tmp_path, old, new):
    """A sum and a product, or two slips, are equal in some of these problems."""
    made = drawn(tmp_path, SUM, range(1, 201), ("engine.js", old, new))
    assert not all(map(told_apart, made))


def test_the_same_seed_gives_the_same_problem_and_another_another(tmp_path):
    first = drawn(tmp_path / "a", SUM)
    assert first == drawn(tmp_path / "b", SUM)
    assert len({str(problem["data"]) for problem in first}) > 20


def test_numbers_are_pinned():
    """An address that was shared gives the same problem in every later edition."""
    problem = practice.problems([("convolution_by_hand", 1, 1)])[0]
    assert problem["data"]["X"] == [[[0, 0, 5, 2], [6, 4, 0, 3], [5, 2, 2, 4], [4, 3, 5, 3]]]
    assert problem["fields"][0]["is"] == [[19, 17], [31, 21]]


def test_bounds_of_size_and_of_decimals(tmp_path):
    body = """const a = random.pick([1, 2.5, 3, 40, 0.25, 7]);
return { statement: ["x"], data: { deep: [{ a }] }, steps: ["x"], fields: [field(random.pick([3, 21]))],
  slips: [slip("one", 5), slip("two", 6)] };"""  # noqa: E501
    made = drawn(tmp_path / "a", body)
    assert {p["data"]["deep"][0]["a"] for p in made} == {1, 2.5, 3, 7}
    assert {p["fields"][0]["is"] for p in made} == {3}
    assert any(p["attempt"] for p in made)
    change = ("engine.js", "if (!bounded(data, bounds)", "if (false")
    made = drawn(tmp_path / "b", body, range(1, 201), change)
    assert {40, 0.25} <= {p["data"]["deep"][0]["a"] for p in made}


def test_a_slip_within_the_tolerance_is_left_out(tmp_path):
    body = """return { statement: ["x"], data: {}, steps: ["x"],
  fields: [field(10, { kind: "number", tol: 0.01 })],
  slips: [slip("near", 10.3), slip("apart", 10.9), slip("far", 3)] };"""
    made = drawn(tmp_path / "a", body, [1])
    assert set(slips_of(made[0])) == {"apart", "far"} and made[0]["left"] == ["near"]
    change = ("engine.js", "const WIDER = 4;", "const WIDER = 1;")
    assert "near" in slips_of(drawn(tmp_path / "b", body, [1], change)[0])


def test_what_cannot_be_drawn_is_told(tmp_path):
    body = """return { statement: ["x"], data: {}, steps: ["x"], fields: [field(1)],
  slips: [slip("one", 5)] };"""
    with pytest.raises(practice.PracticeError, match="made_up, level 1, seed 1: no problem in 200"):
        drawn(tmp_path, body, [1])


def test_a_level_or_seed_that_is_none():
    for wrong in (("cnn_shapes", 9, 1), ("cnn_shapes", 1, -1)):
        with pytest.raises(practice.PracticeError, match="no level"):
            practice.problems([wrong])


def test_fractions(tmp_path):
    body = """const [a, b] = [fraction(2, -4), fraction(1, 3)];
const all = [a, b, plus(a, b), minus(a, b), times(a, b), over(a, b), fraction(6, 3)];
return { statement: [all.map(key).join(" "), all.map(tex).join(" ")], data: {}, steps: ["x"],
  fields: [field(1)], slips: [slip("one", 5), slip("two", 6)] };"""
    plain, latex = drawn(tmp_path, body, [1])[0]["statement"]
    assert plain == "-1/2 1/3 -1/6 -5/6 -1/6 -3/2 2"
    assert latex.startswith(r"-\frac{1}{2} \frac{1}{3} -\frac{1}{6}") and latex.endswith(" 2")
