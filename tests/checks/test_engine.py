"""Tasks of other kinds than ``corr2d``, names of tasks, and how reports read."""

import html.parser
import json
import re

import numpy as np
import pytest
import torch

from dlworkbook import checks
from dlworkbook.checks import adapters, engine, tasks
from dlworkbook.checks.report import HEADS, Report
from dlworkbook.checks.task import Mistake, Probe, Task
from tests.checks.ch06_convolutional_networks.corr2d import im2col as good

# ---- a task with two results, and one whose answer is a class ----------------------------------


def line(x, y):
    w = ((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum()
    return w, y.mean() - w * x.mean()


X4 = np.array([1.0, 2, 3, 4])
LINE = Task(
    name="line",
    contract="line(x, y): slope and intercept of least squares.",
    reference=line,
    probes=(
        Probe("exact", (X4, np.array([5.0, 7, 9, 11]))),
        Probe("noisy", (X4, np.array([5.0, 7, 9, 12]))),
    ),
    mistakes=(
        Mistake(
            "T-1", "exchanged", "w and b are exchanged.", "Order?", (lambda x, y: line(x, y)[::-1],)
        ),
        Mistake(
            "T-2",
            "no ones",
            "No intercept.",
            "?",
            (lambda x, y: ((x * y).sum() / (x * x).sum(), 0),),
        ),
    ),
    arguments=("x", "y"),
    outputs=("w", "b"),
    fits=2,
)


class Scale(torch.nn.Module):
    def __init__(self, size):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(size))

    def forward(self, x):
        return x * self.weight


class Offset(Scale):
    def forward(self, x):
        return x + self.weight


def build_and_call(answer, inputs):
    """A class is built, given its parameters, and called."""
    weight, x = inputs
    module = answer(len(weight))
    with torch.no_grad():
        module.weight.copy_(weight)
    return module(x)


SCALE = Task(
    name="scale",
    contract="class Scale(size): multiplies by its weight.",
    reference=Scale,
    probes=(Probe("one", (np.array([1.0, 2, 3]), np.array([[1.0, 1, 2], [0, 1, 5]]))),),
    mistakes=(Mistake("S-1", "adds", "It adds.", "Multiply?", (Offset,)),),
    arguments=("weight", "x"),
    use="scale",
    backends=("torch",),
    answer_is="class",
)


@pytest.fixture
def toys(monkeypatch):
    known = {"line": LINE, "scale": SCALE}
    monkeypatch.setattr(tasks, "names", lambda: sorted(known))
    monkeypatch.setattr(tasks, "load", known.__getitem__)
    way = adapters.way
    monkeypatch.setattr(adapters, "way", lambda u: build_and_call if u == "scale" else way(u))


def test_a_task_with_two_results(toys):
    assert checks.check("line", line).passed
    assert checks.check("line", lambda x, y: tuple(float(v) for v in line(x, y))).passed
    assert checks.check("line", lambda x, y: np.polyfit(x, y, 1)).status == "wrong_type"
    assert checks.check("line", lambda x, y: tuple(np.polyfit(x, y, 1))).passed
    assert checks.check("line", lambda x, y: list(line(x, y))[::-1]).mistake == "T-1"
    assert checks.check("line", lambda x, y: (x @ y / (x @ x), 0)).mistake == "T-2"
    report = checks.check("line", lambda x, y: (line(x, y)[0], 1.0))
    assert report.status == "differs" and report.message.startswith("b of ")
    assert checks.check("line", lambda x, y: line(x, y)[0]).status == "wrong_type"
    report = checks.check("line", lambda x, y: (*line(x, y), 0.0))
    assert report.status == "wrong_type" and "3 result" in report.message
    report = checks.check("line", lambda x, y: (line(x, y)[0], None))
    assert report.status == "wrong_type" and report.message.startswith("b of "), str(report)
    assert "is None" in report.message and "returns nothing" not in report.message


def test_a_task_whose_answer_is_a_class(toys):
    assert checks.check("scale", Scale).passed
    assert checks.check("scale", Offset).mistake == "S-1"
    report = checks.check("scale", Scale(3))
    assert report.status == "not_callable" and "class itself" in report.message

    class Unfinished(Scale):
        def forward(self, x):
            raise NotImplementedError

    assert checks.check("scale", Unfinished).status == "not_done"

    class Fails(Scale):
        def __init__(self, size):
            self.weight = torch.nn.Parameter(torch.ones(size))  # before super().__init__()

    report = checks.check("scale", Fails)
    assert report.status == "raised" and "super" in report.message


# ---- names -------------------------------------------------------------------------------------


def test_tasks_and_contract():
    assert "corr2d" in checks.names()
    assert "(B, O, H-h+1, W-w+1)" in checks.contract("corr2d")
    with pytest.raises(KeyError):
        checks.contract("nothing")


def test_unknown_names_list_the_known_ones():
    for name in ("conv2", "Corr2D", "cor2d", "", "x" * 500, "__init__", "../corr2d"):
        report = checks.check(name, good)
        assert report.status == "unknown_task" and not report.passed
        assert "corr2d" in report.message and "x" * 100 not in report.message
        assert len(report.message) < 200 + sum(len(known) + 2 for known in checks.names())
    assert "Did you mean `corr2d`?" in checks.check("cor2d", good).message
    for first, second in ((good, "corr2d"), (None, good), (3, 4)):
        report = checks.check(first, second)
        assert report.status == "unknown_task" and checks.names()[0] in report.message
    assert checks.check("corr2d").status == "no_answer"


def test_a_fault_of_the_check_is_not_blamed_on_the_learner(monkeypatch):
    def broken(*_):
        raise RuntimeError("inside")

    monkeypatch.setattr(engine.naming, "right", broken)
    report = checks.check("corr2d", good)
    assert report.status == "check_failed" and "not of your answer" in report.message


# ---- how it reads ------------------------------------------------------------------------------


class Parser(html.parser.HTMLParser):
    """Collects tags and text, and sees that every tag is closed."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.text = [], [], ""

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def parsed(report):
    parser = Parser()
    parser.feed(report._repr_html_())
    assert not parser.open
    return parser


def raising(X, K):
    raise ValueError("<img src=x onerror=alert(1)> & `code")


def test_html_is_escaped_and_closed_and_brings_nothing_from_outside():
    for answer in (good, raising, None, lambda X, K: good(X, K[:, :, ::-1, ::-1]), lambda X: X):
        page = parsed(checks.check("corr2d", answer))
        assert {t for t, _ in page.tags} <= {"div", "strong", "p", "code", "details", "summary"}
        assert not any(k in a for _, a in page.tags for k in ("src", "href", "onerror"))
    page = parsed(checks.check("corr2d", raising))
    assert "<img src=x onerror=alert(1)>" in page.text


def test_result_is_told_in_words_and_not_by_colour_alone():
    for status in (*HEADS, "differs", "named_mistake"):
        report = Report("corr2d", status, "Message.", "Hint.", mistake=None)
        page = parsed(report)
        assert report.heading in page.text and re.search(r"[A-Za-z]{4}", report.heading)
        style = page.tags[0][1]["style"]
        assert "color:inherit" in style and "background:transparent" in style
        assert page.tags[0][1]["role"] == "status"


def test_text_form_wraps_and_carries_message_hint_and_remarks():
    report = Report("corr2d", "differs", "word " * 60, "Look.", remarks=["It printed."])
    text = str(report)
    assert max(map(len, text.splitlines())) <= 88
    assert "Hint: Look." in text and "Remark: It printed." in text and repr(report) == text

    class Printer:
        text_ = ""

        def text(self, text):
            self.text_ += text

    printer = Printer()
    report._repr_pretty_(printer, False)
    assert printer.text_ == text


def test_named_report_says_name_place_and_hint_and_not_the_answer():
    report = checks.check("corr2d", lambda X, K: good(X, K[:, :, ::-1, ::-1]))
    text = str(report)
    assert report.mistake == "LAB5-01" and "LAB5-01" in text
    assert "[0, 0, 0, 0]" in text and "yours is 23" in text and "[[1, 2], [3, 4]]" in text
    assert "37" not in text and "67" not in text and "77" not in text
    assert "37" not in report._repr_html_()


def test_one_expected_number_is_kept_behind_a_fold():
    report = checks.check("corr2d", lambda X, K: np.sin(good(X, K)))
    assert "37" not in str(report) and report.expected_entry == 37
    page = report._repr_html_()
    assert "<details" in page and page.index("<summary") < page.index("should be 37")
    assert "47" not in page.replace("color:", "")


def test_report_as_plain_data():
    for answer in (good, raising, None):
        data = checks.check("corr2d", answer).as_dict()
        assert json.loads(json.dumps(data)) == data
        assert data["task"] == "corr2d" and data["passed"] == (data["status"] == "passed")
