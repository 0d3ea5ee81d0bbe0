"""The explorer's arithmetic is torch's, in every mode; its links; its Python side."""

# ruff: noqa: E501
from __future__ import annotations

from collections import Counter

import pytest
import torch

from dlworkbook.widgets import ConvolutionExplorer, StateError
from dlworkbook.widgets.kit import bundle
from tests.kit.node import difference, differential, evaluate
from tests.widgets.convolution.reference import ASK, random_cases, torch_answer

MODEL, STATE = (bundle.WIDGETS / "convolution" / name for name in ("model.js", "state.js"))
CASES = random_cases(600, seed=20211)


@pytest.fixture(scope="module")
def answers() -> list[dict | None]:
    return [torch_answer(s) for s in CASES]


def compare(got: dict, want: dict | None) -> str:
    """What is wrong with the widget's answer: whole numbers must be equal, others to 1e-9."""
    if want is None or "trouble" in got:
        refused = want is None and len(got.get("trouble", {}).get("text", "")) > 20
        return "" if refused else f"torch {'refuses' if want is None else 'accepts'}, the widget says {got!s:.200}"
    return difference(whole(got), whole(want))


def whole(value):
    """Floats that are whole numbers as such: they are compared exactly."""
    if isinstance(value, dict):
        return {key: whole(v) for key, v in value.items()}
    if isinstance(value, list):
        return [whole(v) for v in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


MUTANTS = [
    ("kernel not turned", "return s.flip ? turned(k) : k;", "return k;"),
    ("kernel mirrored, not turned", "[...row].reverse()).reverse()", "[...row].reverse())"),
    ("dilation off by one", "s.dilation[a] * (size - 1) + 1", "s.dilation[a] * size"),
    ("odd rest at the top", "[Math.floor(total / 2), total - ", "[Math.ceil(total / 2), total - "),
    ("full pads one less", 'case "full": return [most, most]', 'case "full": return [most - 1, most]'),
    ("TensorFlow rounds down", "Math.ceil(n[a] / s.stride[a]);\n", "Math.floor(n[a] / s.stride[a]);\n"),
    ("padding swapped", "return [s.padding[a], s.padding[a]]", "return [s.padding[1 - a], s.padding[1 - a]]"),
    ("size rounds up", "Math.floor((n[a] + p - span[a]) / s.stride[a])", "Math.ceil((n[a] + p - span[a]) / s.stride[a])"),
    ("stride of the rows for both", "const a = i * sh + u * dh - top, b = j * sw + v * dw - left;\n            nominal", "const a = i * sh + u * dh - top, b = j * sh + v * dw - left;\n            nominal"),
    ("dilation of the rows for both", "b = j * sw + v * dw - left;\n            nominal", "b = j * sw + v * dh - left;\n            nominal"),
    ("edge one too far", "if (a < 0 || a >= H || b < 0 || b >= W) continue;", "if (a < 0 || a >= H || b < 1 || b >= W) continue;"),
    ("groups ignored", "if (Math.floor(c / ci) !== Math.floor(o / oi)) return null;", "if (ci > C) return null;"),
    ("wrong slice in a group", "s.kernel[o][c % ci]", "s.kernel[o][0]"),
    ("transposed: wrong slice", "s.kernel[c][o % oi]", "s.kernel[c][0]"),
    ("bias after ReLU", "return s.relu ? Math.max(z, 0) : z;", "return s.relu ? Math.max(v, 0) + (s.bias[o] ?? 0) : z;"),
    ("ReLU cuts at one", "Math.max(z, 0)", "Math.max(z, 1)"),
    ("no bias", "v + (s.bias[o] ?? 0)", "v"),
    ("output padding forgotten", "- p + span[a] + s.output_padding[a]", "- p + span[a]"),
    ("output padding always allowed", "if (s.output_padding[a] >= limit)", "if (s.output_padding[a] > limit + 9)"),
    ("stamps not moved", "const i = a * sh + u * dh, j = b * sw + v * dw;", "const i = a + u * dh, j = b + v * dw;"),
    ("cut on one side only", "m.slice(top, top + oh)", "m.slice(0, oh)"),
    ("strided 'same' allowed", 's.mode === "same" && s.stride.some((v) => v > 1)', 's.mode === "same" && s.stride.every((v) => v > 4)'),
    ("taps on padding counted as real", "            real++;\n          }", "          }\n          real = nominal;"),
    ("nominal leaves padding out", "            nominal++;\n            if (a < 0", "            if (a < 0"),
    ("cut-off stamps counted", "if (i >= top && i < top + oh && j >= left && j < left + ow) real++;", "real++;"),
    ("kernel that just fits refused", "if (span[a] > have)", "if (span[a] >= have)"),
    ("window written with wrong rows", "const a = i * s.stride[0] + u * s.dilation[0] - top", "const a = i * s.stride[0] + u * s.dilation[0]"),
    ("bias count unchecked", "s.bias.length && s.bias.length !== O", "s.bias.length > 9"),
    ("slices without a channel allowed", "if (given !== C)", "if (given < C)"),
    ("groups unchecked for outputs", "if (divisible % s.groups || C % s.groups)", "if (C % s.groups)"),
]  # fmt: skip


@pytest.mark.slow
def test_equal_to_torch(answers):
    differential(MODEL, ASK, CASES, answers, MUTANTS, compare=compare)


def test_cases_cover_every_kind(answers):
    """A differential test is worth what its cases are: each kind often, refusals of each sort."""
    good = [s for s, a in zip(CASES, answers, strict=True) if a]
    kinds = Counter()
    for s in good:
        h, w = len(s["kernel"][0][0]), len(s["kernel"][0][0][0])
        kinds.update({
            s["mode"]: 1, "transposed": s["transposed"], "turned": s["flip"], "relu": s["relu"],
            "output padding": s["transposed"] and max(s["output_padding"]) > 0,
            "bias": bool(s["bias"]), "groups": s["groups"] > 1, "not square": h != w,
            "channels": len(s["input"]) > 1 and len(s["kernel"]) > 1,
            "even": h % 2 == 0 or w % 2 == 0, "dilated": max(s["dilation"]) > 1, "strided": max(s["stride"]) > 1,
        })  # fmt: skip
    assert len(good) >= 300
    assert min(kinds.values()) >= 20, kinds
    bad = [s for s, a in zip(CASES, answers, strict=True) if not a]
    codes = set(evaluate(MODEL, "data.map((s) => m.problem(s).code)", bad))
    assert codes == {"groups", "channels", "bias", "empty", "same-stride", "same-transposed", "output-padding"}


def test_exam_problem():
    """The published answer of EX-CONV-2021 (valid, cross-correlation), as an anchor by hand."""
    want = [[-7, 8, 20, -6], [2, 7, -1, 1], [9, -7, 14, 6], [12, 3, 2, 4]]
    assert evaluate(MODEL, "m.run(data).y[0]", ConvolutionExplorer().state()) == want
    assert ConvolutionExplorer().output()[0] == want


# --- links
def test_links_bring_back_the_state():
    ask = """(() => {
      const sorted = (s) => JSON.stringify(Object.entries(s).sort()), valid = (s) => { try { return m.STATE.validate(s); } catch { return null; } };
      const all = data.map((s) => ({ ...m.START, ...s })).filter(valid), links = all.map(m.STATE.encode);
      return { links, wrong: links.filter((t, n) => sorted(m.STATE.decode(t)) !== sorted(all[n])) };
    })()"""
    examples = evaluate(bundle.WIDGETS / "convolution/examples.js", "Object.values(m.EXAMPLES).map(([, s]) => s)")
    cases = [s | {"step": n % 5} for n, s in enumerate(CASES[:80])] + examples
    answer = evaluate(STATE, ask, cases)
    assert answer["wrong"] == [] and len(answer["links"]) >= 70
    allowed = set("abcdefghijklmnopqrstuvwxyz0123456789_:,./-")
    assert all(set(text) <= allowed for text in answer["links"]), "nothing needs an escape"
    start = ConvolutionExplorer().state()
    assert evaluate(MODEL, "data.filter(m.problem)", [start | s for s in examples]) == []


BAD_LINKS = {
    "q:1": "not a setting", "s:9": "stride must be", "x:2x2:1,2,3": "do not fill", "x:1x1x2:1,z": "not a number", "x:nothing": "unknown",
    "m:mirror": "mode must be", "x:1x1x11:" + ",".join("1" * 11): "rows of numbers", "f:2": "0 or 1", "hello": "not a setting",
    "__proto__": "not a setting", "k:1x1x6x1:1,1,1,1,1,1": "rows of numbers", "n:10000": "window must be a whole number from 0 to 9999",
    "s:1,2,3": "two numbers", "x:4x1x1:1,2,3,4": "1 to 3 channels", "b:1,2,3,4": "up to three numbers", "t:1_k:1x2x1x1:1,2_g:3": "at most 3 output channels",
}  # fmt: skip


def test_a_bad_link_is_refused_with_a_reason():
    ask = 'data.map((t) => { try { m.STATE.decode(t); return ""; } catch (e) { return e.message; } })'
    for (text, reason), said in zip(BAD_LINKS.items(), evaluate(STATE, ask, list(BAD_LINKS)), strict=True):
        assert reason in said, (text, said)


# --- the Python side
def test_words_and_picture_are_torch(answers):
    """What stands where nothing can move is computed by torch, as the page's numbers are."""
    checked = Counter()
    for case, want in zip(CASES[:300], answers, strict=False):
        try:
            widget = ConvolutionExplorer(**case)
        except StateError:
            continue
        got = widget.output()
        if want is None:
            assert got is None and "no output" in widget.describe()
        else:
            assert torch.allclose(torch.tensor(got), torch.tensor(want["y"]), rtol=1e-9, atol=1e-9)
            assert f"output {len(got[0])} by {len(got[0][0])}" in widget.describe()
        checked[want is None] += 1
    assert checked[True] > 15 and checked[False] > 120


def test_without_torch_the_words_say_less(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    widget = ConvolutionExplorer()
    assert widget.describe() == "6 by 6 input, 3 by 3 kernel, mode valid, stride 1."
    assert widget.png() is None and "stride 1.</p>" in widget.html()
