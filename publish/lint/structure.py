"""Lint rules about a page's front matter, head, parts and exercises.

A rule takes (page, book) and yields (line, what is wrong and what to do).
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Iterator

from publish.page import d2l, frontmatter, items, numbers
from publish.page.model import Heading, Page, Paragraph
from publish.page.parser import Cell, Directive

Found = Iterator[tuple[int, str]]

_ABBREVIATIONS = re.compile(r"\b(e\.g|i\.e|vs|etc|cf|Fig|Eq|et al)\.")
_SENTENCE_END = re.compile(r"[.!?]['\")\]]*(?=\s|$)")


def sentences(text: str) -> int:
    """Number of sentences of a paragraph."""
    text = _ABBREVIATIONS.sub(r"\1", text.strip())
    ends = len(_SENTENCE_END.findall(text))
    return ends if re.search(r"[.!?]['\")\]]*$", text) else ends + 1


def form(page: Page, book) -> Found:
    """The keys by which a page is known as a notebook."""
    kernel = (page.front.data.get("kernelspec") or {}).get("name")
    if kernel != "python3":
        yield page.front.line("kernelspec"), (
            "the front matter needs kernelspec: {name: python3, display_name: Python 3}, "
            "or the cells are not run"
        )
    text_format = (page.front.data.get("jupytext") or {}).get("text_representation") or {}
    if text_format.get("format_name") != "myst":
        yield page.front.line("jupytext"), (
            "the front matter needs jupytext: {text_representation: {extension: .md, "
            "format_name: myst}}"
        )


def front_matter(page: Page, book) -> Found:
    """The keys that every section page must have, and that they hold together."""
    meta = page.meta
    for key in ("number", "level", "summary"):
        if not getattr(meta, key):
            yield page.front.line("workbook"), f"front matter 'workbook' lacks '{key}'; add it"
    if not 3 <= len(meta.goals) <= 4:
        yield page.front.line("workbook", "goals"), (
            f"{len(meta.goals)} goals; write three or four, each something that can be tested"
        )
    if meta.summary and sentences(meta.summary) != 1:
        yield page.front.line("workbook", "summary"), "the summary must be one sentence"
    if meta.summary and not meta.summary.rstrip().endswith((".", "?", "!")):
        yield page.front.line("workbook", "summary"), "the summary must end with a full stop"


def page_number(page: Page, book) -> Found:
    """The page's number is one of its d2l sections, and its folder is of that chapter."""
    meta = page.meta
    line = page.front.line("workbook", "number")
    covered = [numbers.section_of(n) for n in sorted(meta.d2l.get("zh", []), key=numbers.sort_key)]
    if covered and meta.number and meta.number not in covered:
        yield line, (
            f"number is \"{meta.number}\", but the first section of d2l.zh is "
            f"\"{covered[0]}\"; use that, or a later one of d2l.zh"
        )
    name = meta.path.parent.name
    folder = re.match(r"ch(\d+)_", name)
    if folder and meta.number and int(folder[1]) != int(meta.number.split(".")[0]):
        yield line, f"number \"{meta.number}\" does not belong into folder {name}"
    # Where d2l does not divide a chapter, the chapter and its page have one number.
    undivided = ("zh", meta.number) in d2l.sections() and meta.number.isdigit()
    shares = {page.name} | ({f"{page.name.rpartition('/')[0]}/index"} if undivided else set())
    for name, other in book.pages.items():
        if name not in shares and meta.number and other.meta.number == meta.number:
            yield line, f"number \"{meta.number}\" is also that of {name}.md; a number is used once"


def needs(page: Page, book) -> Found:
    """What must be known before: pages of the book, or of chapters that are planned."""
    line = page.front.line("workbook", "needs")
    for need in page.meta.needs:
        folder, _, name = need.partition("/")
        if (book.root / "book" / f"{need}.md").is_file():
            continue
        existing = [p.stem for p in (book.root / "book" / folder).glob("*.md")]
        close = difflib.get_close_matches(name, existing, n=1, cutoff=0.8)
        if close:
            yield line, f"needs '{need}': no such page; did you mean '{folder}/{close[0]}'?"
        elif not name or folder not in d2l.CHAPTERS.values():
            yield line, (
                f"needs '{need}': neither a page below book/ nor one of a planned chapter "
                f"(folders: {', '.join(d2l.CHAPTERS.values())})"
            )


def routes(page: Page, book) -> Found:
    """Exam problems, interview questions and labs are those that the routes know."""
    for route in items.ROUTES:
        for key in getattr(page.meta, route):
            wrong = items.problem(route, key)
            if wrong:
                yield page.front.line("workbook", route), f"{route} '{key}': {wrong}"


def head(page: Page, book) -> Found:
    """One title, first of all; then a paragraph; and on section pages the prediction."""
    titles = [h for h in page.of(Heading) if h.level == 1]
    if not titles:
        return
    if page.blocks[0] is not titles[0]:
        yield page.blocks[0].line, "something stands before the title; move it below"
    level = 1
    for heading in page.of(Heading):
        if heading.level > level + 1:
            yield heading.line, (
                f"heading of level {heading.level} below one of level {level}; leave none out"
            )
        level = heading.level
    if not page.meta.is_section:
        return
    after = page.blocks[page.blocks.index(titles[0]) + 1 :]
    first = after[0] if after else None
    if not isinstance(first, Paragraph) or first.directives:
        line = first.line if first else titles[0].line
        yield line, "a paragraph of one or two sentences must follow the title"
    elif not 1 <= sentences(first.text) <= 2:
        yield first.line, (
            f"the first paragraph has {sentences(first.text)} sentences; one or two make the "
            "reader want the answer"
        )


def _classes(directive: Directive) -> list[str]:
    return str(directive.options.get("class") or "").split()


def parts(page: Page, book) -> Found:
    """Every part is there and in order, or skipped with a reason."""
    skip = page.meta.skip
    headings = [h for h in page.of(Heading) if h.level == 2]
    end = headings[0].line if headings else len(page.text.split("\n")) + 1
    old = [d for d in page.directives("admonition") if "predict" in _classes(d)]
    predict = page.directives("predict") or (old if page.meta.minutes else [])
    if page.is_lab:
        pass  # its first screen is the task
    elif "predict" in skip:
        if predict:
            yield predict[0].line, "'predict' is in skip, but the page has one; remove it from skip"
    elif not predict:
        yield page.title_line, (
            "no prediction; add '::::{predict}' before the first '##'"
        )
    elif predict[0].line > end:
        yield predict[0].line, "the prediction must stand before the first '##' heading"

    found: dict[str, Heading] = {}
    for part in _wanted(page):
        same = page.part(part)
        for extra in same[1:]:
            yield extra.line, f"a second part '{part.capitalize()}'; use '###' inside the first"
        if same:
            found[part] = same[0]
        if same and part in skip:
            yield same[0].line, f"'{part}' is in skip, but the page has it; remove it from skip"
        if not same and part not in skip:
            yield page.title_line, (
                f"part '{part.capitalize()}' is missing: add '## {part.capitalize()}', or "
                f"'{part}' with a reason to 'skip' in the front matter"
            )
    # newer pages turn their widget as soon as the derivation has something to turn
    order = [part for part in found if part != "turn" or not page.rewritten]
    for before, part in itertools.pairwise(order):
        if found[part].line < found[before].line:
            yield found[part].line, (
                f"part '{part.capitalize()}' stands before '{before.capitalize()}'; the order is "
                f"{', '.join(p.capitalize() for p in ('predict', *_wanted(page)))}"
            )
    yield from _content(page, found)


def _wanted(page: Page) -> list[str]:
    """The parts that begin with a heading; newer pages show their picture where it is needed."""
    if page.is_lab:
        return list(frontmatter.LAB_PARTS)
    return [part for part in frontmatter.PARTS[1:] if part != "see" or not page.rewritten]


def _content(page: Page, found: dict[str, Heading]) -> Found:
    """What a part must hold to be worth its name."""

    def within(part: str) -> list:
        start = found[part].line
        later = [h.line for h in page.of(Heading) if h.level == 2 and h.line > start]
        return [b for b in page.blocks if start < b.line < min(later, default=10**9)]

    for part, heading in found.items():
        blocks = within(part)
        cells = [b for b in blocks if isinstance(b, Cell)]
        name = part.capitalize()
        if not blocks:
            yield heading.line, f"part '{name}' is empty; write it, or skip it with a reason"
        elif part in ("derive", "build") and not any(_asserts(c) for c in cells):
            what = "the formula of the text" if part == "derive" else "the framework"
            yield heading.line, (
                f"nothing in '{name}' is asserted; compare with {what} in a cell with 'assert'"
            )
        elif part == "see" and not any(c.figure for c in cells):
            yield heading.line, "'See' has no figure; add a cell with 'mystnb: figure: ...'"
        elif part == "break" and not cells:
            yield heading.line, "'Break' runs nothing; show what the mistake really outputs"
        elif part == "exercises" and not any(
            isinstance(b, Directive) and b.name == "exercise" for b in blocks
        ):
            yield heading.line, "'Exercises' holds no {exercise}; add one, or skip with a reason"


def _asserts(cell: Cell) -> bool:
    return "assert" in cell.source or "proves(" in cell.source


def exercises(page: Page, book) -> Found:
    """Each exercise has a hint and a solution, and these belong to one."""
    for exercise in page.exercises:
        if not exercise.hints:
            yield exercise.line, (
                f"exercise '{exercise.title}' has no hint; put one ':::{{hint}}' inside it"
            )
        if exercise.label and not exercise.solutions:
            yield exercise.line, (
                f"exercise '{exercise.title}' has no solution; add "
                f"':::{{solution}} {exercise.label}'"
            )
        for solution in exercise.solutions:
            if not solution.cells and not solution.directive.body.text.strip():
                yield solution.directive.line, (
                    "the solution is empty; give text, or cells tagged 'solution'"
                )
    for hint in page.directives("hint"):
        if "exercise" not in hint.parents:
            yield hint.line, "this hint stands outside an exercise; move it inside"


def exercise_numbers(page: Page, book) -> Found:
    """d2l's numbers exist, and front matter and exercises name the same ones."""
    shown: dict[tuple[str, str], int] = {}
    for exercise in page.exercises:
        for number in exercise.numbers:
            if number[0] not in d2l.EDITIONS:  # one lab or exam may give several exercises
                continue
            if number in shown:
                yield exercise.line, (
                    f"{number[0]} {number[1]} is also the number of the exercise in line "
                    f"{shown[number]}"
                )
            shown.setdefault(number, exercise.line)
    listed = {(e, n) for e, own in page.meta.d2l.items() for n in own}
    for edition, number in sorted(listed):
        line = page.front.line("workbook", "d2l", edition)
        wrong = d2l.problem(edition, number)
        if wrong:
            yield line, f"d2l.{edition} \"{number}\": {wrong}"
        if (edition, number) not in shown:
            yield line, (
                f"no exercise has ':number: {edition} {number}', which d2l.{edition} lists"
            )
    for (edition, number), line in shown.items():
        if (edition, number) not in listed:
            wrong = d2l.problem(edition, number)
            yield line, wrong or (
                f"exercise number {edition} {number} is not in the front matter; add it to "
                f"'d2l: {{{edition}: [...]}}'"
            )


RULES = (head,)  # every page of the book
SECTION_RULES = (
    form, front_matter, page_number, needs, routes, parts, exercises, exercise_numbers,
)
