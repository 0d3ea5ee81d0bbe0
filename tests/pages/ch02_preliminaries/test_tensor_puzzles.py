"""The page of puzzles: its lines against plain loops on random sizes, its boxes against the slips.

The catalogue of each puzzle (every slip named as itself, right answers of other kinds) is tried
with all tasks, in ``tests/checks/test_tasks.py``.
"""

from __future__ import annotations

import ast
import importlib
import math
import random
import re

import pytest
import torch

from dlworkbook import answers, checks
from dlworkbook.checks import tasks
from publish.page.book import Book
from tests.kit.pages import ROOT, definitions, named

PAGE = "ch02_preliminaries/tensor_puzzles"
TOOLS = {name: getattr(torch, name) for name in ("arange", "einsum", "eye", "full", "inf", "stack")}
NAMES = [name for name, path in tasks.files().items() if path.parent.name == PAGE.split("/")[0]]
torch.set_num_threads(1)  # small tensors


@pytest.fixture(scope="module")
def page():
    return Book(ROOT).page(f"book/{PAGE}")


@pytest.fixture(scope="module")
def lines():
    return definitions(PAGE, **TOOLS)


def puzzle(name: str):
    return importlib.import_module(f"dlworkbook.checks.tasks.ch02_preliminaries.{name}").draft


def tensors(inputs) -> list:
    """Arrays as the check gives them."""
    made = [torch.tensor(x) if hasattr(x, "shape") else x for x in inputs]
    return [x.float() if hasattr(x, "shape") and x.is_floating_point() else x for x in made]


def same(got, want) -> bool:
    """Equal shapes, and numbers equal to what float32 allows."""
    return got.shape == want.shape and torch.allclose(got.float(), want.float(), atol=1e-5)


def test_twenty_puzzles_each_with_a_box_a_check_and_named_slips(page):
    assert len(page.exercises) == 20 == len(NAMES)
    for exercise, name in zip(page.exercises, shown_order(page), strict=True):
        assert exercise.label == "ex-puzzle-" + name.replace("_", "-")
        assert exercise.answers and exercise.checks, name
        assert len(tasks.load(name).mistakes) >= 4, name
        (box,) = exercise.answers
        assert len(box.spec["slips"]) >= 2, name


def shown_order(page) -> list[str]:
    """The tasks in the order of the page."""
    found = re.findall(r"^checks\.check\('(\w+)', my_\1\)$", page.text, re.MULTILINE)
    assert sorted(found) == NAMES
    return found


def test_from_easy_to_hard(page):
    levels = ["EMH".index(e.directive.options["level"]) for e in page.exercises]
    assert levels == sorted(levels) and set(levels) == {0, 1, 2}


@pytest.mark.parametrize("name", NAMES)
def test_the_line_is_the_plain_loop_on_random_sizes(name, lines):
    draft, rng = puzzle(name), random.Random(7)
    for trial in range(40):
        sizes = draft.distinct(rng) if trial % 2 else [rng.randint(2, 4)] * draft.sizes
        given = tensors(draft.draw(rng, *sizes))
        kept = [x.clone() if hasattr(x, "shape") else x for x in given]
        got = lines[name](*given)
        want = draft.reference(*kept)
        assert same(got, want), (name, sizes)
        for now, was in zip(given, kept, strict=True):
            assert not hasattr(now, "shape") or torch.equal(now, was), f"{name} writes into it"


@pytest.mark.parametrize("name", NAMES)
def test_it_is_one_line_and_keeps_the_rules(name, page):
    (function,) = [
        node
        for cell in page.cells for node in (cell.tree.body if cell.tree else ())
        if isinstance(node, ast.FunctionDef) and node.name == name
    ]  # fmt: skip
    _, line = function.body
    assert isinstance(line, ast.Return) and line.lineno == line.end_lineno
    assert line.end_col_offset <= 79
    loops = (ast.For, ast.While, ast.ListComp, ast.GeneratorExp)
    assert not [node for node in ast.walk(line) if isinstance(node, loops)]


def box(name: str) -> dict:
    return answers.load("ex-puzzle-" + name.replace("_", "-"))


def inputs_of(name: str) -> list:
    """The inputs that a box asks for, from its label."""
    text = re.search(r"`(.*)`", box(name)["ask"])[1]
    call = ast.parse(re.sub(r"ln (\d)", r"log(\1)", text), mode="eval").body
    assert call.func.id == name
    made = [eval(ast.unparse(arg), {"log": math.log}) for arg in call.args]
    real = {"segment_sums": (0,), "block_diagonal": (0,), "squared_distances": (0, 1)}.get(name, ())
    made = [torch.tensor(x) if isinstance(x, list) else x for x in made]
    return [x.float() if k in real else x for k, x in enumerate(made)]


@pytest.mark.parametrize("name", NAMES)
def test_keys_and_slips_of_the_boxes_are_those_of_the_check(name):
    """A box's sentences are those of the mistakes that give its wrong answers."""
    given, spec, task = inputs_of(name), box(name), tasks.load(name)

    def copy():
        return [x.clone() if hasattr(x, "shape") else x for x in given]

    numbers = task.reference(*copy()).float()
    key = torch.tensor([[eval(str(z)) for z in row] for row in rows(spec["is"])])
    assert torch.allclose(key.reshape(numbers.shape).float(), numbers)
    made: dict[str, list] = {}
    for mistake in task.mistakes:
        for variant in mistake.variants:
            try:
                made.setdefault(mistake.message, []).append(torch.as_tensor(variant(*copy())))
            except (RuntimeError, IndexError, ValueError):
                continue
    for slip in spec["slips"]:
        wrong = torch.tensor(slip["is"]).float()
        assert any(
            y.shape == wrong.shape and torch.allclose(y.float(), wrong, atol=1e-4)
            for y in made[slip["say"]]
        ), (name, slip)


def rows(key: list) -> list:
    return key if isinstance(key[0], list) else [key]


# ---- the rules of the game ---------------------------------------------------------------------


def by_a_loop(x):
    return torch.stack([(x < own).sum() for own in x] or [x.sum()])[: len(x)]


def ready_made(x):
    return torch.searchsorted(x.sort()[0], x)


def in_two_lines(x):
    smaller = x < x[:, None]
    return smaller.sum(1)


def too_long(x):
    return (x[None, :] < x[:, None]).to(torch.float32).sum(dim=1, keepdim=False).to(torch.int64)


@pytest.mark.parametrize(
    ("answer", "told"),
    [(by_a_loop, "loops"), (ready_made, "`sort`"), (in_two_lines, "2 lines"), (too_long, "longer")],
)
def test_a_broken_rule_is_told_and_costs_nothing(answer, told):
    report = checks.check("ranks", answer)
    assert report.passed and report.credit == 1
    assert any(told in remark for remark in report.remarks), report.remarks


def test_a_line_that_keeps_the_rules_gets_no_remark(lines):
    def mine(x):
        """In other words."""
        return (x[:, None] > x).sum(1)

    assert checks.check("ranks", mine).remarks == []


def test_whole_numbers_are_no_fault_where_they_are_asked_for():
    """Nothing is said of fractions, for counts that are wrong without a name."""
    report = checks.check("ranks", lambda x: 3 + 2 * (x < x[:, None]).sum(1))
    assert report.status == "differs" and "fractions" not in report.message, str(report)


def test_an_argument_that_is_written_into_is_told():
    def in_place(X):
        u = X[:, ::2].clone()
        X[:, ::2] = -X[:, 1::2]
        X[:, 1::2] = u
        return X

    assert checks.check("rotate_pairs", in_place).status == "changed_input"


def test_an_unstable_sort_is_no_right_answer():
    """It keeps equal entries in order up to 16 of them, and only so long."""
    stable, unstable = (
        lambda a, b, stable=stable: torch.cat((a, b))[
            torch.arange(len(a)).repeat(2).argsort(stable=stable)
        ]
        for stable in (True, False)
    )
    assert checks.check("interleave", stable).passed
    report = checks.check("interleave", unstable)
    assert not report.passed and report.right == report.probes - 1


def test_no_picture_is_cut_on_a_phone(page):
    """There a picture keeps 72% of its width (text.css), and 320 pixels are to be had."""
    widths = re.findall(r"(?:figsize=|set_size_inches)\(([\d.]+),", page.text)
    assert len(widths) == 2
    assert all(float(width) * 97.8 * 0.72 <= 320 for width in widths), widths


def test_none_of_the_names_is_one_of_the_list_that_gave_the_form():
    """The 16 of Tensor-Puzzles; ours are other tasks."""
    theirs = (
        "ones sum outer diag eye triu cumsum diff vstack roll flip compress pad_to sequence_mask "
        "bincount scatter_add"
    )
    assert not set(theirs.split()) & set(NAMES)
    assert (ROOT / "book" / f"{PAGE}.md").is_file()


def test_rounded_distances_are_named_and_a_stable_sort_wants_its_axis_by_name():
    assert "squares" in named("ex-puzzle-squared-distances", "3 1; 1.41 2.83")
    X = torch.tensor([[6, 1, 6, 6], [0, 3, 2, 5]])
    order = X.argsort(dim=1, descending=True, stable=True)
    assert order.tolist() == [[0, 2, 3, 1], [3, 1, 2, 0]]
    with pytest.raises(TypeError):
        X.argsort(1, stable=True)
