"""The graph stepper in Chromium: what only this widget has."""

from __future__ import annotations

from tests.kit.widget_page import choose, control, more, press, ready
from tests.widgets.graph_stepper.adapter import agrees
from tests.widgets.test_every_widget import HOW

SPOKEN = ".dlw-live > [role=status]"


def words(page) -> str:
    return page.locator(".dlw-work").inner_text()


def type_in(page, label: str, text: str) -> None:
    page.get_by_label(label, exact=True).fill(text)


@HOW
def test_forward_and_backward_step_by_step(widget, how):
    """All steps of the first view there and back, and what is said of each."""
    said = []
    for step in range(9):
        agrees(widget, step=step)
        said.append(words(widget))
        if step < 8:
            press(widget.get_by_role("button", name="Next"), how)
    assert said[1] == "Forward: 3 ^ 2 = 9."
    assert said[4] == "The result is 15. Backward begins here: its derivative by itself is 1."
    assert said[7] == "Backward from × to its input 2, a: 1 from above × 2 here = 2."
    assert said[8].endswith("a: 1 from above × 6 here = 6. At a they add: 2 + 6 = 8.")
    for step in reversed(range(8)):
        press(widget.get_by_role("button", name="Back"), how)
        agrees(widget, step=step)
        assert words(widget) == said[step]


@HOW
def test_typed_texts(widget, how):
    """An expression and its values; a new letter gets a value, and a link brings all back."""
    type_in(widget, "Expression", "max(x, y)*x - 2y")
    agrees(widget, expression="max(x, y)*x - 2y", values="x = 2, y = 3")
    type_in(widget, "Values", "x = 3, y = 3")
    control_step = widget.get_by_label("Step", exact=True)
    control_step.press("End")
    state = {"expression": "max(x, y)*x - 2y", "values": "x = 3, y = 3", "step": 99}
    agrees(widget, **state)
    widget.wait_for_function("() => location.search.includes('_s:')")
    widget.reload()
    ready(widget)
    agrees(widget, **state)
    control_step.press("Home")
    press(widget.get_by_role("button", name="Next"), how)
    assert "A tie: each of the equal inputs gets an equal share." in words(widget)
    more(widget)
    press(widget.get_by_role("button", name="Reset"), how)
    agrees(widget)


def test_branches_are_shown(widget):
    """A branch that is not taken is dashed as soon as the operation has its value."""
    more(widget)
    choose(control(widget, "graph_stepper", "example"), "relu", "mouse")
    cut = widget.locator(".dlw-cut")
    assert cut.count() == 0
    for _ in range(3):
        widget.get_by_role("button", name="Next").click()
    assert words(widget) == "Forward: relu(−1) = 0. Branch taken: the input is below 0."
    assert cut.count() == 1
    widget.wait_for_function(
        f"() => document.querySelector('{SPOKEN}').textContent.endsWith('is below 0.')"
    )
    choose(control(widget, "graph_stepper", "example"), "max", "keyboard")
    for _ in range(3):
        widget.get_by_role("button", name="Next").press("Enter")
    assert words(widget) == "Forward: max(6, 5) = 6. Branch taken: input 1 of 2."
    assert cut.count() == 1
