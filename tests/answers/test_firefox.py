"""Every kind of answer once in the reader's own Firefox (make test-firefox)."""

from __future__ import annotations

import pytest

from tests.answers import small_pages as book
from tests.answers.small_pages import ENTRIES, PAGE, kind
from tests.kit import firefox, sitecheck
from tests.kit.server import serve

pytestmark = pytest.mark.firefox
STATE = "const form = document.querySelector(`#answer-${a[0]}`); return [form.dataset.state, " \
    "form.querySelector('[role=status]').textContent]"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return book.make(tmp_path_factory.mktemp("answers"))


@pytest.fixture(scope="module")
def window(tmp_path_factory):
    with firefox.Firefox(tmp_path_factory.mktemp("profile")) as window:
        window.resize(1280, 900)
        yield window


@pytest.fixture(params=["server", "file"])
def base(request, built):
    """Where the book is: on a server, and on the disk."""
    if request.param == "file":
        yield built.out.as_uri()
    else:
        with serve(built.out) as (url, _log):
            yield url


def complaints(window) -> list[str]:
    """Errors on the console, but for one: Firefox wants to fetch the next page ahead (rel=next),
    and the policy, which names no source for that, refuses it."""
    return [line for line in window.errors if "(default-src)" not in line]


def order(window, name: str) -> list[str]:
    return window.run("return [...document.querySelectorAll(`#answer-${a[0]} li`)]"
                      ".map(item => item.dataset.letter)", name)


def place(window, selector: str) -> tuple[float, float]:
    """The middle of an element, in the window."""
    return tuple(window.run(
        "const e = document.querySelector(a[0]); e.scrollIntoView({block: 'center'}); "
        "const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]",
        selector,
    ))


def by_keyboard(window, name: str, text: str) -> None:
    focus = "document.querySelector(`#answer-${a[0]} ${a[1]}`).focus()"
    if kind(name) == "choice":
        window.run(focus, name, "input")
        letters = list("abc")
        several = name == "ex-kinds-several"
        for letter in letters:
            if several and letter in text:
                window.press("Space")
            if letter != letters[-1] and (several or letter < text):
                window.press("Tab" if several else "ArrowDown")
        if not several and text == "a":
            window.press("Space")
        window.press("Enter")
    elif kind(name) == "order":
        for at, letter in enumerate(text.split(", ")):
            window.run(focus, name, f"[data-letter={letter}] button")
            window.press(*["Enter"] * (order(window, name).index(letter) - at))
        window.run(focus, name, "button[type=submit]")
        window.press("Enter")
    else:
        window.run(focus, name, ":is(input, textarea)")
        window.press("Control+a", *text.replace("\n", ", "))
        window.press("Control+Enter" if kind(name) in ("vector", "matrix") else "Enter")


def test_every_kind(window, base):
    """By keyboard a slip, then the right answer; both outlast a reload."""
    window.goto(f"{base}/{PAGE}.html")
    window.run("localStorage.clear()")
    window.reload()
    problems = []

    def expect(name: str, text: str, wanted: str, words: str) -> None:
        state, said = window.run(STATE, name)
        if state != wanted or words not in said:
            problems.append(f"{name}: {text!r} is {state}, and told {said!r}")

    for name, known in ENTRIES.items():
        if name != "ex-kinds-several":  # whose boxes would have to be cleared
            by_keyboard(window, name, known.slip[0])
            expect(name, known.slip[0], "slip", known.slip[1])
        by_keyboard(window, name, "[[1,2],[3,4]]" if kind(name) == "matrix" else known.right)
        expect(name, known.right, "right", known.right_says)
    by_keyboard(window, "pr-number", "6")
    expect("pr-number", "6", "kept", "Kept.")
    window.reload()
    for name, known in ENTRIES.items():
        expect(name, known.right, "right", known.right_says)
    sitecheck.none(problems)
    settled = "return document.querySelector('[data-settles=pr-number]').textContent"
    assert window.run(settled) == "You predicted 6 px. Not so. That is without padding."
    shown = "return document.querySelector('.facts-line .progress').textContent"
    assert window.run(shown) == "10 of 10 checked, all right"
    sitecheck.none(complaints(window))


def test_order_by_mouse(window, base):
    name = "ex-kinds-order"
    window.goto(f"{base}/{PAGE}.html")
    window.run("localStorage.clear()")
    window.reload()
    for at, letter in enumerate("abc"):
        if order(window, name)[at] == letter:
            continue
        start = place(window, f"#answer-{name} [data-letter={letter}] .answer-grip")
        goal = window.run("return document.querySelectorAll(`#answer-${a[0]} li`)[a[1]]"
                          ".getBoundingClientRect().y", name, at)
        middle = (start[0], (start[1] + goal) / 2)
        window.drag(start, middle, (start[0], goal + 4), (start[0], goal + 3))
    assert order(window, name) == ["a", "b", "c"]
    window.drag(place(window, f"#answer-{name} button[type=submit]"))
    assert window.run(STATE, name)[0] == "right"
    sitecheck.none(complaints(window))
