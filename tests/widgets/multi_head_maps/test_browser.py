"""The widget of the encoder's maps in Chromium: what only this widget has."""

from __future__ import annotations

from dlworkbook.widgets.multi_head_maps import MultiHeadMaps
from tests.kit.widget_page import facts, put, slide
from tests.widgets.multi_head_maps.adapter import agrees
from tests.widgets.test_every_widget import HOW


def moves(page) -> float:
    """By how many percent the last vectors move, as the last line says."""
    return float(facts(page)[3].split("move by ")[1].split("%")[0])


@HOW
def test_what_the_page_asks_for(widget, how):
    """A head that matters, one that hardly does, and where words give [CLS] most."""
    first = moves(widget)
    put(widget, "multi_head_maps", "layer", 3, how)
    put(widget, "multi_head_maps", "head", 10, how)
    agrees(widget, layer=3, head=10)
    assert moves(widget) < first / 2
    assert facts(widget)[0].startswith("[CLS]")
    put(widget, "multi_head_maps", "special", True, how)
    agrees(widget, layer=3, head=10, special=True)
    assert "[CLS]" not in facts(widget)[0]
    put(widget, "multi_head_maps", "head", 0, how)
    shares = []
    for layer in range(1, 7):
        put(widget, "multi_head_maps", "layer", layer, how)
        shares.append(float(facts(widget)[2].split("%")[0]))
    assert min(shares[1:5]) > 50 > max(shares[0], shares[5])


@HOW
def test_a_word_is_chosen(widget, how):
    slide(widget.get_by_label("Word", exact=True), 9, how)
    agrees(widget, token=9)
    assert facts(widget)[0].startswith("the 100.0%")


def test_a_press_on_a_row_chooses_its_word(widget):
    cell = widget.locator(".dlw-cell").nth(12 * 3 + 5).bounding_box()
    widget.mouse.click(cell["x"] + 3, cell["y"] + cell["height"] / 2)
    agrees(widget, token=3)


def test_shorter_sentences_keep_the_nearest_word(widget):
    put(widget, "multi_head_maps", "sentence", 6, "mouse")
    agrees(widget, sentence=6)
    slide(widget.get_by_label("Word", exact=True), 0, "mouse")
    put(widget, "multi_head_maps", "special", True, "mouse")
    agrees(widget, sentence=6, token=0, special=True)
    assert MultiHeadMaps(sentence=6, token=0, special=True).at() == 0


def test_a_share_of_100_percent_ends_before_the_next_bars(widget):
    """The first view has one; its words must not run into the column of those who look."""
    gap = widget.locator("svg.dlw-plot").evaluate("""(plot) => {
      const box = (e) => e.getBoundingClientRect();
      const next = Math.min(...[...plot.querySelectorAll(".dlw-bar-from")].map((e) => box(e).left));
      const said = [...plot.querySelectorAll("text")].filter((e) => e.textContent === "100.0%");
      return next - Math.min(...said.map((e) => box(e).right));
    }""")
    assert gap > 3
