"""What every text field of a widget must do (kit/field.js): take what fits, by mouse and keyboard;
say what is wrong with the rest, where it stops making sense, and what is used instead; and stay
awake whatever is pasted. Texts and sentences of a widget are ``FIELDS`` of its adapter.
"""

from __future__ import annotations

import pytest

from dlworkbook.widgets.kit import bundle
from tests.kit import widget_page as kit
from tests.kit.widget_page import more, press, ready
from tests.widgets.test_every_widget import HOW

ALL = [(name, label) for name in kit.names() for label in getattr(kit.adapter(name), "FIELDS", {})]
FIELD = pytest.mark.parametrize(("name", "label"), ALL)
# Too long, too deep, too large, of names that objects have, of markup, of characters without shape.
HOSTILE = (
    "x" * 100, "x" * 501, "a = " + "1" * 5000, "(" * 400, "(" * 49 + "x" + ")" * 49, "-" * 499,
    "x^" * 200 + "x", "max(" * 100, "9" * 400, "1e999", "1e-999*x", "x" + "+x" * 249, "a=1," * 120,
    "max(x," * 40 + "x" + ")" * 40, "__proto__", "constructor", "toString",
    "<img src=x onerror=alert(1)>", "${alert(1)}", "%00%ff", "\u202eabc", "😀" * 200,
    "\ud800", " " * 300, "1," * 200, "α" * 90,
)  # fmt: skip
PASTE = """(field, text) => {
  const start = performance.now();
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  return performance.now() - start;
}"""


def open_first(tab, site: str, name: str, label: str):
    tab.goto(f"{site}/{name}.html")
    ready(tab)
    return tab.get_by_label(label, exact=True)


def shown(tab) -> list[str]:
    return tab.locator(".dlw-root :is(.dlw-facts, .dlw-shapes)").all_inner_texts()


def test_the_kit_has_the_only_text_field():
    for view in bundle.WIDGETS.glob("*/view.js"):
        assert 'type: "text", id' not in view.read_text(encoding="utf-8"), view
    assert {name for name, _ in ALL} == {
        view.parent.name for view in bundle.WIDGETS.glob("*/view.js")
        if "textField(" in view.read_text(encoding="utf-8")
    }  # fmt: skip


@FIELD
@HOW
def test_what_fits_is_taken(tab, widget_site, name, label, how):
    """Pasted or key by key; it stands in the link; reset takes it away."""
    about, (good, settings, _, _) = kit.adapter(name), kit.adapter(name).FIELDS[label]
    field = open_first(tab, widget_site, name, label)
    if how == "mouse":
        field.fill(good)
    else:
        field.press("Control+a")
        field.press_sequentially(good)
    about.agrees(tab, **settings)
    assert not tab.locator(".dlw-alert").is_visible()
    tab.wait_for_function(f"() => location.search.includes('{name}=')")
    tab.reload()
    ready(tab)
    about.agrees(tab, **settings)
    more(tab)
    press(tab.get_by_role("button", name="Reset"), how)
    about.agrees(tab)
    assert tab.evaluate("pageKeys") == []


@FIELD
def test_what_does_not_fit_is_named(tab, widget_site, name, label):
    """The picture stays as it was, and Escape brings the text back that belongs to it."""
    about, (_, _, kept, bad) = kit.adapter(name), kit.adapter(name).FIELDS[label]
    field, alert = open_first(tab, widget_site, name, label), tab.locator(".dlw-alert")
    before, text = shown(tab), field.input_value()
    for typed, said in bad.items():
        field.fill(typed)
        words = alert.inner_text()
        assert words.startswith(said) and words.endswith(f". {kept} is used until it fits."), words
        assert field.get_attribute("aria-invalid") == "true"
        assert field.get_attribute("aria-describedby") == alert.get_attribute("id")
        assert field.input_value() == typed and shown(tab) == before
    field.press("Escape")
    assert field.input_value() == text and not alert.is_visible()
    assert field.get_attribute("aria-invalid") is None
    about.agrees(tab)


@FIELD
def test_nothing_that_is_pasted_stops_it(tab, widget_site, name, label):
    """Each text is taken or refused in a sentence, at once, and read as text."""
    about, (good, settings, _, _) = kit.adapter(name), kit.adapter(name).FIELDS[label]
    field, alert = open_first(tab, widget_site, name, label), tab.locator(".dlw-alert")
    for text in HOSTILE:
        took = min(field.evaluate(PASTE, text) for _ in range(2))
        assert took < 700, (text[:20], took)
        if alert.is_visible():
            assert alert.inner_text().endswith(" is used until it fits."), text[:20]
            assert len(alert.inner_text()) < 400 and alert.locator("*").count() == 0
        field.press("Escape")
        assert not alert.is_visible(), text[:20]
    field.evaluate(PASTE, "x" * 501)
    assert "too long" in alert.inner_text() or "letters" in alert.inner_text()
    open_first(tab, widget_site, name, label).fill(good)
    about.agrees(tab, **settings)
