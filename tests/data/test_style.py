"""The plot style: Chinese in a figure, on a machine without a Chinese font."""

from __future__ import annotations

import io
import warnings

import matplotlib as mpl
from matplotlib.figure import Figure

from dlworkbook import style


def drawn(title: str) -> str:
    """A figure with this title as SVG; a missing character is an error."""
    figure = Figure(figsize=(2, 1))
    figure.subplots().set_title(title)
    out = io.StringIO()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure.savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue()


def test_figures_have_chinese_and_the_usual_letters():
    with mpl.rc_context():
        style.use()
        style.use()  # a page and its notebook may both ask
        both, plain = drawn("loss 损失"), drawn("loss")
    assert both.count("WorkbookChinese") >= 2 and "DejaVuSans" in both
    assert "WorkbookChinese" not in plain
