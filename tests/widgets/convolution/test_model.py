"""The explorer's arithmetic in JavaScript is torch's, in every mode; broken copies are caught."""

# ruff: noqa: E501
from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from dlworkbook.widgets.kit import bundle
from tests.kit.widget_reference import compare, random_cases, run_js, run_math, torch_answer

CASES = random_cases(600, seed=20211)


@pytest.fixture(scope="module")
def answers() -> list[dict | None]:
    return [torch_answer(s) for s in CASES]


def failures(answers: list, folder: Path = bundle.WIDGETS / "convolution", most: int = 9) -> list[str]:
    """One line for each of the first cases in which the JS in ``folder`` differs from torch."""
    found = []
    for n, got in enumerate(run_math(CASES, folder)):
        wrong = compare(CASES[n], got, answers[n])
        if wrong:
            found.append(f"case {n}: {wrong}")
        if len(found) == most:
            break
    return found


def test_equal_to_torch(answers):
    assert failures(answers) == []


def test_cases_cover_every_kind(answers):
    """A differential test is worth what its cases are: each kind often, refusals of each sort."""
    good = [s for s, a in zip(CASES, answers, strict=True) if a]
    bad = [s for s, a in zip(CASES, answers, strict=True) if not a]
    kinds = Counter()
    for s in good:
        h, w = len(s["kernel"][0][0]), len(s["kernel"][0][0][0])
        kinds[s["mode"]] += 1
        kinds["transposed"] += s["transposed"]
        kinds["output padding"] += s["transposed"] and max(s["output_padding"]) > 0
        kinds["turned"] += s["flip"]
        kinds["relu"] += s["relu"]
        kinds["bias"] += bool(s["bias"])
        kinds["groups"] += s["groups"] > 1
        kinds["channels"] += len(s["input"]) > 1 and len(s["kernel"]) > 1
        kinds["even"] += h % 2 == 0 or w % 2 == 0
        kinds["not square"] += h != w
        kinds["dilated"] += max(s["dilation"]) > 1
        kinds["strided"] += max(s["stride"]) > 1
    assert len(good) >= 300
    assert min(kinds.values()) >= 20, kinds
    codes = Counter(r["trouble"]["code"] for r in run_math(bad))
    expected = {
        "groups",
        "channels",
        "bias",
        "empty",
        "same-stride",
        "same-transposed",
        "output-padding",
    }
    assert set(codes) == expected, codes


def test_exam_problem():
    """The published answer of EX-CONV-2021 (valid, cross-correlation), as an anchor by hand."""
    code = (
        f'import * as m from "{(bundle.WIDGETS / "convolution/model.js").as_uri()}";'
        f'import {{ DEFAULTS }} from "{(bundle.WIDGETS / "convolution/state.js").as_uri()}";'
        "console.log(JSON.stringify(m.run(DEFAULTS).y[0]));"
    )
    want = "[[-7,8,20,-6],[2,7,-1,1],[9,-7,14,6],[12,3,2,4]]"
    assert run_js(code).strip() == want


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
    ("groups ignored", "if (Math.floor(c / ci) !== Math.floor(o / oi)) return null;", ""),
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
    ("kernel that does not fit", "if (span[a] > have)", "if (k[a] > have)"),
    ("window written with wrong rows", "const a = i * s.stride[0] + u * s.dilation[0] - top", "const a = i * s.stride[0] + u * s.dilation[0]"),
    ("bias count unchecked", "s.bias.length && s.bias.length !== O", "s.bias.length > 9"),
    ("channels unchecked", "if (given !== C)", "if (given > 9)"),
    ("groups unchecked for outputs", "if (divisible % s.groups || C % s.groups)", "if (C % s.groups)"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("name", "old", "new"), MUTANTS, ids=[m[0] for m in MUTANTS])
def test_mutant_is_caught(name, old, new, tmp_path, answers):
    shutil.copytree(bundle.WIDGETS / "convolution", tmp_path / "js")
    target = tmp_path / "js" / "model.js"
    code = target.read_text(encoding="utf-8")
    assert code.count(old) == 1, "the mutation must apply exactly once"
    target.write_text(code.replace(old, new), encoding="utf-8")
    try:
        caught = failures(answers, tmp_path / "js", most=1)
    except RuntimeError as error:  # the broken copy fell over one of the cases
        assert "SyntaxError" not in str(error), error  # and is not merely badly written
        return
    assert caught, f"no case notices: {name}"
