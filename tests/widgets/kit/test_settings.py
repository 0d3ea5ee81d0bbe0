"""settings.json means the same in Python and in JavaScript; bundles run; mutants are caught."""

from __future__ import annotations

import random
import re
import subprocess
import sys

import pytest

from dlworkbook.widgets.kit import bundle
from dlworkbook.widgets.kit.base import declared
from dlworkbook.widgets.kit.settings import check_of
from tests.kit import widget_page
from tests.kit.node import NodeError, differential, evaluate, run_js

STATE = bundle.WIDGETS / "kit/state.js"
NAMES = [name for name in bundle.names() if declared(name)]
SETTINGS = {
    "fields": {
        "depth": {"start": 20, "of": [2, 5, 20], "code": "d"},
        "kind": {"start": "a_b", "of": ["a_b", "c"], "code": "k"},
        "step": {"start": 0, "from": 0, "to": 40, "code": "s"},
        "share": {"start": 0.5, "of": [0.25, 0.5, 1], "code": "sh"},
        "on": {"start": False, "code": "o"},
    }
}
ODD = [None, True, False, 0, 1, 2, 5, -1, 41, 2.5, 0.25, "2", "c", "a_b", "", [], [2]]


def kinds() -> list[tuple[str, str, dict]]:
    """Every declared field of a kind that the kit knows."""
    found = [("made up", key, field) for key, field in SETTINGS["fields"].items()]
    for name in NAMES:
        found += [(name, key, field) for key, field in declared(name)["fields"].items()]
    return [k for k in found if {"of", "from"} & set(k[2]) or isinstance(k[2]["start"], bool)]


@pytest.mark.parametrize(("name", "key", "field"), kinds(), ids=lambda v: str(v)[:20])
def test_python_and_javascript_allow_the_same(name, key, field):
    top = field.get("to", 0)
    values = [*ODD, field["start"], *field.get("of", []), top, top + 1]
    rule, *holds = evaluate(
        STATE, "[m.ruleOf(data.field)[0], ...data.values.map((v) => m.ruleOf(data.field)[1](v))]",
        {"field": field, "values": values},
    )  # fmt: skip
    check = check_of(field)
    for value, good in zip(values, holds, strict=True):
        try:
            assert check(value) == value and good, value
        except ValueError as error:
            assert not good, value
            words = "neither True nor False" if rule == "0 or 1" else f"not {rule}"
            assert str(error) == f"{value!r} is {words}"


def test_what_the_kit_writes_into_a_link_it_reads():
    rng = random.Random(1)
    states = [
        {k: rng.choice(f.get("of") or ([False, True] if "to" not in f else range(41)))
         for k, f in SETTINGS["fields"].items()} for _ in range(200)
    ]  # fmt: skip
    ask = "data.states.map((s) => m.makeState(data.settings).encode(s))"
    links = evaluate(STATE, ask, {"states": states, "settings": SETTINGS})
    assert len(set(links)) > 100
    assert all(re.fullmatch(r"[\w:.]*", link) for link in links)
    assert "d:5_k:c_s:3_sh:1_o:1" in evaluate(STATE, ask, {"settings": SETTINGS, "states": [
        {"depth": 5, "kind": "c", "step": 3, "share": 1, "on": True}]})  # fmt: skip
    back = "data.links.map((t) => m.makeState(data.settings).decode(t))"
    assert evaluate(STATE, back, {"links": links, "settings": SETTINGS}) == states


BAD = {
    "d:4": "depth must be one of 2, 5, 20", "d:1e1": "depth must be one of",
    "d:x": "depth must be one of", "k:d": "kind must be one of a_b, c",
    "s:41": "step must be a whole number from 0 to 40", "s:-1": "step must be a whole",
    "s:1.5": "step must be a whole", "s:x": "step: “x” is not a number",
    "o:2": "on must be 0 or 1", "hello": "“hello” is not a setting", "__proto__": "not a setting",
    "d:5:5": "not a setting", "q:1": "not a setting", "constructor:1": "not a setting",
}  # fmt: skip


def test_a_bad_link_is_refused_with_a_reason():
    ask = """data.bad.map((t) => {
      try { m.makeState(data.settings).decode(t); return ""; } catch (e) { return e.message; }
    })"""
    said = evaluate(STATE, ask, {"bad": list(BAD), "settings": SETTINGS})
    for (text, reason), message in zip(BAD.items(), said, strict=True):
        assert reason in message, (text, message)


@pytest.mark.parametrize("name", NAMES)
def test_declaration_is_complete(name):
    """Name and folder are one; codes differ; every choice has its name; Python starts alike."""
    about = declared(name)
    assert about["name"] == name and about["label"] and about["title"]
    codes = [field["code"] for field in about["fields"].values() if "code" in field]
    assert len(codes) == len(set(codes))
    for key, field in about["fields"].items():
        assert len(field.get("names", field.get("of", []))) == len(field.get("of", [])), key
    cls = widget_page.adapter(name).KIND
    assert cls.widget_name == name and cls.label == about["label"]
    assert cls().state() == {key: field["start"] for key, field in about["fields"].items()}


def test_import_is_light():
    """A widget's HTML needs no array package, and no drawing of its picture in Colab."""
    code = """
import sys
from dlworkbook.widgets import GradientByLayer, LearningRateSweep
for kind in (GradientByLayer, LearningRateSweep):
    kind().html(picture=False)
print([m for m in "torch numpy pandas matplotlib PIL".split() if m in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120,
                          env={"PATH": "/usr/bin:/bin", "HOME": "/tmp", "DLWORKBOOK_STATIC": "1",
                               "PYTHONPATH": str(bundle.WIDGETS.parents[1])})  # fmt: skip
    assert done.stdout.strip() == "[]", done.stderr[-500:]


@pytest.mark.parametrize("name", bundle.names())
def test_bundles_define_the_widget(name):
    """The module and the classic script run, and hand over an object that can render."""
    run_js(bundle.module(name) + "console.log(1);")
    stub = (
        "globalThis.window = { dlworkbook: { define: (n, w, css) =>"
        " console.log(n, typeof w.render, css.includes(`{`)) } };"
    )
    assert run_js(stub + bundle.script(name)).split() == [name, "function", "true"]


def test_small_code_means_the_same():
    """What the bundler takes out, spaces and what nothing names, changes no value."""
    lines = [
        'const a = "x  +  y" + `{ ${ [1, 2].map((v) => `< ${ v + 1 } >`).join(" , ") } }`;',
        "let b = 1 - -1, c = b++ + 2;",
        "const d = 6 / 2, e = /a  b/.test(`a  b`), f = 'it''s';".replace("'it''s'", '"it\'s"'),
        'const g = `a { b " c`, k = "`", n = { p: "q" , r: [ 1 ] };',
    ]
    code, ask = "\n".join(lines), "console.log(JSON.stringify([a, b, c, d, e, f, g, k, n]));"
    assert bundle.small(code) != code
    assert run_js(bundle.small(code) + ask) == run_js(code + "\n" + ask)


# --- a test that cannot fail is a defect
CASES = [[n] for n in range(200)]
MODEL = bundle.WIDGETS / "kit/state.js"
WHOLE = "m.ruleOf({ from: 0, to: 99 })[1](c[0])"


def caught(*mutants: tuple[str, str, str]) -> None:
    differential(MODEL, WHOLE, CASES, [n < 100 for n in range(200)], list(mutants))


def test_differential_catches_a_wrong_value_and_nothing_else():
    caught(("ends early", "v <= to", "v < to"))
    for mutant, said in {
        ("does nothing", "v <= to", "v<=to"): "no case notices",
        ("syntax", "v <= to", "v <= )"): "Node fell over",
        ("crash", "v <= to", "nothing.at.all"): "Node fell over",
        ("not there", "v ≤ to", "v < to"): "exactly once",
        ("unchanged", "v <= to", "v <= to"): "exactly once",
    }.items():
        with pytest.raises(AssertionError, match=said):
            caught(mutant)
    with pytest.raises(AssertionError, match="1 of 200 cases differ"):
        differential(MODEL, WHOLE, CASES, [n < 100 for n in range(199)] + [True])
    with pytest.raises(AssertionError, match="at least 200"):
        differential(MODEL, WHOLE, CASES[:9], [True] * 9)
    with pytest.raises(NodeError):
        run_js("nothing.at.all")
