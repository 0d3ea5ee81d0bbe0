"""One plot style for the whole book: readable on a phone, colour-blind safe, dark-mode ready."""

from __future__ import annotations

# Okabe-Ito, without its yellow (too light on white): safe for all common colour-vision types.
# Source: Wong, B. (2011). Points of view: Color blindness. Nature Methods 8, 441.
BLUE, ORANGE, GREEN, PURPLE, SKY, RED, BLACK = (
    "#0072B2", "#D55E00", "#009E73", "#AA4499", "#56B4E9", "#CC3311", "#222222",
)
PALETTE = [BLUE, ORANGE, GREEN, PURPLE, SKY, RED, BLACK]
DIVERGING = "RdBu_r"
SEQUENTIAL = "viridis"

RC = {
    "figure.figsize": (6.4, 3.6),  # inches; 6.4 in fill the text column
    "figure.dpi": 100,
    "figure.facecolor": "none",  # transparent, so that the page's ground shows
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "savefig.bbox": "tight",
    "font.family": "sans-serif",
    "font.size": 11,
    "axes.titlesize": 11.5,
    "axes.labelsize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "lines.linewidth": 1.8,
    "legend.frameon": False,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "image.cmap": SEQUENTIAL,
    "svg.fonttype": "path",  # the same picture on every machine
    "svg.hashsalt": "dlworkbook",  # the same file on every build
}


def use() -> None:
    """Set the book's matplotlib style; SVG output when run in a notebook."""
    import matplotlib as mpl
    from cycler import cycler

    mpl.rcParams.update(RC)
    mpl.rcParams["axes.prop_cycle"] = cycler(color=PALETTE)
    try:
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        # No date in the file: the same cell gives the same bytes.
        set_matplotlib_formats("svg", metadata={"Date": None})
    except Exception:  # not in a kernel: plots still work, with the default format
        pass
