"""Printed exams from the practice problems, with a key: ``make exam SEED=7 FAMILIES=...``.

Each variant has the same families and levels with other numbers. ``dist/exam_<seed>/`` gets one
sheet for each variant (``variant_1.html``), ``key.html`` with answers, steps and the numbers to
which known mistakes lead, and ``keys.json`` for programs, so that who grades needs no Node. A
problem's number is that of its address on the page: ``?practice=family.level.number``.
"""

from __future__ import annotations

import argparse
import json
import sys
from html import escape
from pathlib import Path
from typing import Any

from publish import practice

MOST_VARIANTS = 99
DIST = Path(__file__).resolve().parents[2] / "dist"
PRINT = """
:root { --measure: 44rem; --ink: #000; --rule: #999; }
body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; font: 11.5pt/1.45 Georgia, "Liberation Serif", serif; color: #000; background: #fff; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin: 1.6rem 0 .4rem; break-after: avoid; }
.head { display: flex; gap: 1.5rem; } .head span { flex: 1; border-bottom: 1px solid #000; padding-top: 1.4rem; }
.problem { break-inside: avoid; max-width: none; }
.line { display: flex; gap: .6rem; align-items: end; margin: .9rem 0; } .line i { flex: 1; border-bottom: 1px solid #000; }
.room { height: 5.5rem; border: 1px solid #999; margin: .3rem 0 .9rem; }
.answer { margin: .8rem 0 .3rem; }
.about { color: #444; font-size: .9em; } .slips { font-size: .92em; } .variant { break-before: page; }
li, p { overflow-wrap: anywhere; }
"""  # noqa: E501


def parse(text: str) -> list[tuple[str, int]]:
    """Families and levels from ``cnn_shapes:2, pooling``; level 1 where none is said."""
    known, found = practice.families(), []
    for part in text.replace(",", " ").split() or practice.names():
        name, _, level = part.partition(":")
        if name not in known:
            raise ValueError(f"there is no family {name!r}; there are {', '.join(known)}")
        practice.check_level(name, level or 1)
        found.append((name, int(level or 1)))
    return found


def requests(wanted: list[tuple[str, int]], seed: int, variants: int) -> list[practice.Request]:
    """The problems of all variants, variant by variant; no two have the same number."""
    return [(name, level, seed * 10000 + variant * 100 + k)
            for variant in range(1, variants + 1)
            for k, (name, level) in enumerate(wanted, 1)]


def _answer(value: Any) -> str:
    """A key or a slip as HTML."""
    if isinstance(value, list) and value and isinstance(value[0], list):
        rows = "".join("<tr>" + "".join(f"<td>{_answer(x)}</td>" for x in row) + "</tr>"
                       for row in value)
        return f'<div class="practice-matrix"><table><tbody>{rows}</tbody></table></div>'
    if isinstance(value, list):
        return f"({', '.join(map(_answer, value))})"
    return escape(str(value).replace("-", "−"))


def _statement(n: int, problem: dict[str, Any]) -> str:
    fields = []
    markup = problem["html"]
    for field, ask, of in zip(problem["fields"], markup["asks"], markup["choices"], strict=True):
        of = "".join(f"<li>{escape(letter)}. {text}</li>" for letter, text in of)
        unit = f" {escape(field['unit'])}" if "unit" in field else ""
        fields.append(f"<p>{ask}:</p><div class=room></div>" if field["kind"] == "matrix" else
                      (f"<ul>{of}</ul>" if of else "")
                      + f"<div class=line><span>{ask}:</span><i></i>{unit}</div>")
    return (f'<section class="problem practice"><h2>{n}. {escape(problem["title"])} '
            f'<span class=about>about {problem["minutes"]} min</span></h2>'
            f'{problem["html"]["statement"]}{"".join(fields)}</section>')


def _solution(n: int, problem: dict[str, Any]) -> str:
    answers = []
    for field, ask in zip(problem["fields"], problem["html"]["asks"], strict=True):
        slips = "".join(f"<li>{_answer(s['is'])} {escape(s['say'].replace('`', ''))}</li>"
                        for s in field["slips"])
        unit = f" {escape(field['unit'])}" if "unit" in field else ""
        key = f"{_answer(field['is'])}{unit}"
        answers.append(f"<div class=answer><strong>{ask}:</strong> {key}</div>"
                       f"<ul class=slips>{slips}</ul>")
    steps = "".join(f"<li>{step}</li>" for step in problem["html"]["steps"])
    where = f"{problem['family']}.{problem['level']}.{problem['seed']}"
    return (f'<section class="practice"><h2>{n}. {escape(problem["title"])} <span class=about>'
            f'{where}</span></h2>{"".join(answers)}<ol>{steps}</ol></section>')


def _page(title: str, body: str) -> str:
    style = (practice.SOURCES / "style.css").read_text(encoding="utf-8")
    return (f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
            f"<style>{PRINT}{style}</style></head><body>\n{body}\n</body></html>\n")


def write(wanted: list[tuple[str, int]], seed: int, variants: int, folder: Path) -> list[Path]:
    """Write sheets and keys into a folder; the paths written."""
    made = practice.problems(requests(wanted, seed, variants), html=True)
    size = len(wanted)
    sheets = [made[k * size:(k + 1) * size] for k in range(variants)]
    folder.mkdir(parents=True, exist_ok=True)
    texts, solutions = {}, []
    total = sum(problem["minutes"] for problem in sheets[0])
    for v, sheet in enumerate(sheets, 1):
        title = f"Exam {seed}, variant {v}"
        body = "\n".join(_statement(n, problem) for n, problem in enumerate(sheet, 1))
        texts[f"variant_{v}.html"] = _page(title, (
            f"<h1>{title}</h1><p class=head><span>Name</span><span>Number</span></p>"
            f"<p class=about>{size} problems, about {total} minutes. Show the way to each number."
            f"</p>\n{body}"))
        solved = "\n".join(_solution(n, problem) for n, problem in enumerate(sheet, 1))
        solutions.append(f"<div class=variant><h1>Key to exam {seed}, variant {v}</h1>{solved}"
                         "</div>")
    texts["key.html"] = _page(f"Key to exam {seed}", "\n".join(solutions))
    keys = {str(v): [practice.key(problem) for problem in sheet]
            for v, sheet in enumerate(sheets, 1)}
    texts["keys.json"] = json.dumps({"seed": seed, "variants": keys}, indent=1) + "\n"
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in texts]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="printable exams with their key")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--families", default="", help="cnn_shapes:2, pooling ... (level 1)")
    parser.add_argument("--variants", type=int, default=1)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args(arguments)
    if not 0 <= asked.seed < 100000 or not 1 <= asked.variants <= MOST_VARIANTS:
        parser.error(f"the seed is a number below 100000, and there are 1 to {MOST_VARIANTS} "
                     "variants")
    try:
        wanted = parse(asked.families)
    except ValueError as error:
        parser.error(str(error))
    folder = asked.out or DIST / f"exam_{asked.seed}"
    for path in write(wanted, asked.seed, asked.variants, folder):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
