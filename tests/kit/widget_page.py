"""Pages that hold a widget, and hands that move its controls: for the tests of every widget.

What only one widget has stands in ``tests/widgets/<name>/adapter.py``:

    KIND     its Python class
    OTHER     settings of the second widget on the page with two
    STATES    texts of links that it must look well with, the first view being one
    BAD       a link that cannot be read, and what is said of it
    ALT       what the still picture's text says of the first view
    NEEDS     key of a control -> settings without which it is switched off
    FIELDS    (if it has text fields) label -> (a text that fits, the settings that it makes, what
              the field keeps at first as it is told, {text that does not fit: what is said of it})
    SLACK     (if not 8) pixels by which the room kept free may be more than what is taken
    agrees(page, box=0, **settings)   asserts that what box number ``box`` shows is what Python,
              or torch, says for these settings
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from dlworkbook.widgets.kit import bundle
from dlworkbook.widgets.kit.base import declared

STYLE = """
html { --pst-color-text-base:#222832; --pst-color-text-muted:#48566b; --pst-color-background:#fff;
  --pst-color-primary:#0a7d91; font-family: system-ui;
  background: var(--pst-color-background); color: var(--pst-color-text-base) }
html[data-theme="dark"] { --pst-color-text-base:#ced6dd; --pst-color-text-muted:#9ca4af;
  --pst-color-background:#14181e; --pst-color-primary:#3fb1c5 }
main { max-width: 44rem; margin: auto; padding: 0 8px }
"""
KEYS = "window.pageKeys=[];addEventListener('keydown',(e)=>pageKeys.push(e.key))"
SHIFT = (
    "window.shift = 0; new PerformanceObserver((list) => { for (const e of list.getEntries())"
    " window.shift += e.value; }).observe({ type: 'layout-shift', buffered: true });"
)


def names() -> list[str]:
    """The widgets that are described by settings.json and an adapter."""
    return [name for name in bundle.names() if declared(name)]


def adapter(name: str) -> Any:
    """What the tests of every widget must know of this one."""
    return import_module(f"tests.widgets.{name}.adapter")


def write(out: Path, name: str, cls: type, other: dict) -> None:
    """``<name>.html`` with one widget, ``<name>-two.html`` with two and an anchor between them."""

    def page(file: str, body: str) -> None:
        (out / file).write_text(
            '<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<title>Widget</title><link rel="icon" href="data:,">'
            '<link rel="alternate" type="application/x-ipynb+json" href="page.ipynb">'
            '<link rel="stylesheet" href="widgets.css"><script async src="loader.js"></script>'
            f"<style>{STYLE}</style><script>{KEYS};{SHIFT}</script></head>"
            f"<body><main><h1>Widget</h1>{body}<p>After</p></main></body></html>",
            encoding="utf-8",
        )

    one = cls().html()
    page(f"{name}.html", one)
    page(f"{name}-two.html", f'{one}<h2 id="further">Further</h2>{cls(**other).html()}')


def ready(page, number: int = 1) -> None:
    """Wait until so many widgets have started."""
    page.wait_for_function(
        f"() => document.querySelectorAll('.dlw-box[data-ready=true]').length >= {number}"
    )


def more(page, box: int = 0) -> None:
    """Open what is behind "More"."""
    fold = page.locator(".dlw-box").nth(box).locator(".dlw-more")
    if fold.count() and fold.get_attribute("open") is None:
        fold.locator("summary").click()


def slide(slider, place: int, how: str) -> None:
    """Move a range to a place, with mouse or arrow keys."""
    if how == "keyboard":
        slider.focus()
        now = int(slider.input_value())
        for _ in range(abs(place - now)):
            slider.press("ArrowRight" if place > now else "ArrowLeft")
    else:
        low, high = int(slider.get_attribute("min")), int(slider.get_attribute("max"))
        slider.scroll_into_view_if_needed()
        box, knob = slider.bounding_box(), 16
        x = box["x"] + knob / 2 + (box["width"] - knob) * (place - low) / max(1, high - low)
        slider.page.mouse.click(x, box["y"] + box["height"] / 2)
    assert slider.input_value() == str(place)
    assert slider.get_attribute("aria-valuetext")


def choose(field, value: str, how: str) -> None:
    """Choose an option; by keyboard with arrow keys on the closed list."""
    if how == "mouse":
        field.select_option(value)
        return
    field.focus()
    values = field.evaluate("(e) => [...e.options].map((o) => o.value)")
    for _ in values:
        field.press("ArrowUp")
    for _ in range(values.index(value)):
        field.press("ArrowDown")
    assert field.input_value() == value


def press(button, how: str) -> None:
    """Press a button or a check box."""
    if how == "mouse":
        button.click()
    else:
        button.focus()
        button.press("Space" if button.get_attribute("type") == "checkbox" else "Enter")


PASTE = """([e, text]) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text", text);
  const how = { clipboardData, bubbles: true, cancelable: true };
  return e.dispatchEvent(new ClipboardEvent("paste", how));
}"""


# JavaScript: the cells of a shown grid, row by row; borders and the sheet left out.
GRID_ROWS = """(grid) => {
  const cells = [...grid.children].filter((e) => !e.matches(".dlw-pad, .dlw-sheet"));
  return [...new Set(cells.map((e) => e.offsetTop))]
    .map((top) => cells.filter((e) => e.offsetTop === top));
}"""


def pasted(page, label: str, text: str) -> bool:
    """Paste a text into the cell of this name; whether the widget took it from the field."""
    cell = page.get_by_label(label, exact=True)
    cell.focus()
    return not page.evaluate(PASTE, [cell.element_handle(), text])


def control(page, name: str, key: str, box: int = 0):
    """The control of a setting."""
    label = declared(name)["fields"][key]["label"]
    return page.locator(".dlw-box").nth(box).get_by_label(label, exact=True)


def put(page, name: str, key: str, value: Any, how: str, box: int = 0) -> None:
    """Give a setting a value by its control."""
    field, element = declared(name)["fields"][key], control(page, name, key, box)
    if field.get("place") == "fold":
        more(page, box)
    if field.get("slider"):
        slide(element, field["of"].index(value), how)
    elif "of" in field:
        choose(element, str(value), how)
    elif "from" in field:
        slide(element, value, how)
    elif element.is_checked() != value:
        press(element, how)


def others(field: dict) -> list:
    """Values to try: every choice but the first view's, or the ends of a slider and two between."""
    if "of" in field and not field.get("slider"):
        values = field["of"]
    elif "of" in field:
        values = [field["of"][0], field["of"][1], field["of"][-1]]
    elif "from" in field:
        low, high = field["from"], field["to"]
        values = [low, (3 * low + high) // 4, (low + high) // 2 + 1, high]
    else:
        values = [False, True]
    return [value for value in values if value != field["start"]]


def controls(name: str) -> dict[str, dict]:
    """The declared settings that have a control."""
    return {key: f for key, f in declared(name)["fields"].items() if "label" in f}


def facts(page, box: int = 0) -> list[str]:
    """What the list of facts says."""
    return page.locator(".dlw-box").nth(box).locator(".dlw-facts dd").all_inner_texts()


def number(text: str) -> float:
    """A number as widgets write it, with a true minus sign."""
    return float(text.replace("−", "-"))


def along(ticks: list) -> Callable[[float], float]:
    """Pixels -> the unit of a linear axis, from its first and last tick: (written, where)."""
    (a, p), (b, q) = ticks[0], ticks[-1]
    return lambda v: a + (v - p) * (b - a) / (q - p)


def in_axes(shown: dict, *paths: str) -> dict[str, list[tuple[float, float]]]:
    """Paths of a plot, given in pixels, in the units of its axes.

    ``xs`` and ``ys`` of ``shown`` are the ticks: pairs of what is written and where it stands.
    """
    to_x, to_y = along(shown["xs"]), along(shown["ys"])
    return {path: [(to_x(x), to_y(y)) for x, y in shown[path]] for path in paths}
