"""The explorer's Python side: validation, and the forms it takes on site, in Colab, live."""

from __future__ import annotations

import base64
import gzip
import json
import re
import subprocess
import sys
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import pytest

from dlworkbook.widgets import ConvolutionExplorer, StateError
from dlworkbook.widgets.kit import bundle

ROOT = Path(__file__).resolve().parents[3]


def in_python(code: str, *, static: bool = False, before: str = "") -> str:
    """Standard output of a program in a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", before + "\n" + code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "HOME": "/tmp", "PYTHONPATH": str(ROOT)}
        | ({"DLWORKBOOK_STATIC": "1"} if static else {}),
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


NO_ANYWIDGET = "import sys; sys.modules['anywidget'] = None"
COLAB = "import sys, types; sys.modules['google.colab'] = types.ModuleType('google.colab')"
BUNDLE = """
import json
from dlworkbook.widgets import ConvolutionExplorer
print(json.dumps(ConvolutionExplorer()._repr_mimebundle_()))
"""


class Reader(HTMLParser):
    """Elements of a piece of HTML, by name, with attributes and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict, str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs), ""))

    def handle_data(self, data):
        tag, attrs, text = self.found[-1]
        self.found[-1] = (tag, attrs, text + data)

    def all(self, tag: str) -> list[tuple[dict, str]]:
        return [(a, t) for name, a, t in self.found if name == tag]


def test_static_bundle():
    data = json.loads(in_python(BUNDLE, static=True))
    assert set(data) == {"text/plain", "text/html", "image/png"}
    page = Reader(data["text/html"])
    box = page.all("div")[0][0]
    assert box["data-widget"] == "convolution"
    assert box["aria-label"] == "Convolution explorer"
    scripts = page.all("script")
    assert [a for a, _ in scripts] == [{"type": "application/json"}]
    assert json.loads(scripts[0][1])["kernel"] == [[[[0, -1, 1], [1, 0, 0], [0, -1, 1]]]]
    image = page.all("img")[0][0]
    assert "6 by 6 input" in image["alt"] and "first row -7, 8, 20, -6" in image["alt"]
    png = base64.b64decode(image["src"].split(",")[1])
    assert png[:4] == b"\x89PNG" and len(png) < 6000
    assert png[25] == 3, "the picture has a palette"


@pytest.mark.parametrize("before", [COLAB, NO_ANYWIDGET], ids=["colab", "no anywidget"])
def test_inline_bundle(before):
    """One piece of HTML with all it needs, and no comm."""
    data = json.loads(in_python(BUNDLE, before=before))
    assert set(data) == {"text/plain", "text/html"}
    page = Reader(data["text/html"])
    code = page.all("script")[1][1]
    assert 'dlworkbook.define("convolution"' in code and "window.dlworkbook.scan();" in code
    assert ".dlw-root" in page.all("style")[0][1]
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", data["text/html"])


def test_import_is_light():
    heavy = "torch numpy pandas matplotlib PIL"
    code = f"""
import sys
import zipfile
from dlworkbook.widgets import ConvolutionExplorer
ConvolutionExplorer(stride=2).state()
print([m for m in "{heavy}".split() if m in sys.modules])
"""
    assert in_python(code, before=NO_ANYWIDGET).strip() == "[]"
    assert in_python(code, static=True).strip() == "[]"


def test_live_bundle():
    data, _ = ConvolutionExplorer()._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "define" in data["text/html"]


def test_no_comm_while_the_site_is_built():
    code = """
from dlworkbook.widgets import ConvolutionExplorer
w = ConvolutionExplorer()
import sys
import zipfile
print("ipywidgets" in sys.modules, hasattr(w, "comm"))
"""
    assert in_python(code, static=True).split() == ["False", "False"]


BAD = [
    ({"stride": 0}, "stride", "0 is not a whole number from 1 to 4"),
    ({"stride": (1, 2, 3)}, "stride", "one number or two"),
    ({"dilation": 1.5}, "dilation", "not a whole number"),
    ({"mode": "reflect"}, "mode", "not one of valid, same"),
    ({"input": [[1, 2], [3]]}, "input", "rows of different lengths"),
    ({"input": [[1, "a"]]}, "input", "'a' is not a number"),
    ({"input": [[float("nan")]]}, "input", "nan is not a number"),
    ({"input": [[1e7]]}, "input", "beyond 1,000,000"),
    ({"input": [[0] * 11]}, "input", "1 x 1 x 11 is beyond 3 x 10 x 10"),
    ({"input": [1, 2]}, "input", "got 1 axes"),
    ({"kernel": [[1] * 6]}, "kernel", "beyond 3 x 3 x 5 x 5"),
    ({"groups": 4}, "groups", "not a whole number from 1 to 3"),
    ({"flip": 1}, "flip", "neither True nor False"),
    ({"bias": [1, 2, 3, 4]}, "bias", "up to 3 numbers"),
    ({"kernel": [[[[1]], [[1]]]]}, "ConvolutionExplorer", "made for 2 input channels"),
    ({"bias": [1, 2]}, "ConvolutionExplorer", "2 biases for 1 output"),
]


@pytest.mark.parametrize(("settings", "name", "message"), BAD, ids=lambda v: str(v)[:40])
def test_validation(settings, name, message):
    with pytest.raises(StateError, match=re.escape(message)) as caught:
        ConvolutionExplorer(**settings)
    assert name in str(caught.value)
    assert isinstance(caught.value, ValueError)


def test_validation_without_anywidget():
    code = """
from dlworkbook.widgets import ConvolutionExplorer, StateError
for settings in ({"stride": 0}, {"input": [[1, 2], [3]]}, {"colour": "red"}):
    try:
        ConvolutionExplorer(**settings)
    except (StateError, TypeError) as error:
        print(type(error).__name__, error)
w = ConvolutionExplorer(stride=2)
try:
    w.mode = "reflect"
except StateError as error:
    print(error)
print(w.stride, w.mode)
"""
    lines = in_python(code, before=NO_ANYWIDGET).splitlines()
    assert lines[0].startswith("StateError ConvolutionExplorer.stride: 0 is not a whole number")
    assert lines[1].startswith("StateError ConvolutionExplorer.input: rows of different")
    assert lines[2].startswith("TypeError ConvolutionExplorer has no setting colour")
    assert lines[3].startswith("ConvolutionExplorer.mode: 'reflect'")
    assert lines[4] == "[2, 2] valid"


def test_unknown_setting():
    with pytest.raises(TypeError, match="no setting strid"):
        ConvolutionExplorer(strid=2)


def test_arrays_and_tensors_are_welcome():
    import numpy as np
    import torch

    w = ConvolutionExplorer(input=np.arange(12).reshape(3, 4), kernel=torch.ones(2, 2))
    assert w.input == [[[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]]
    assert w.kernel == [[[[1, 1], [1, 1]]]]


def test_state_does_not_share_lists():
    w = ConvolutionExplorer()
    w.state()["input"][0][0][0] = 99
    assert w.input[0][0][0] == 5 and ConvolutionExplorer().input[0][0][0] == 5


# What a page fetches for a widget of the first four, compressed, may not grow. (Convolution: 23,415
# bytes before it took pasted matrices; 23,700 before grids with room were never cut, examples kept
# their names when turned, and paper got a still picture;
# 24,100, 24,250, 24,300, 24,400, then 24,500 before the loader named more widgets.)
MOST = {
    "attention_maps": 80_000, "convolution": 24_650, "gradient_flow": 65_279,
    "learning_rate": 58_783,
    "tangent_secant": 25_150,  # with the parser, and the exact numbers that judge a kink
}


def test_sizes():
    """Loader, style and script of a widget, compressed; of a new one at most 22 KB, data aside."""
    sizes = {n: len(gzip.compress(t.encode(), 9, mtime=0)) for n, t in bundle.files().items()}
    shared = sizes["loader.js"] + sizes["widgets.css"]
    for name in bundle.names():
        data = bundle.WIDGETS / name / "runs.json"
        bytes_ = len(gzip.compress(data.read_bytes(), 9, mtime=0)) if data.exists() else 0
        assert shared + sizes[f"{name}.js"] <= MOST.get(name, 22_000 + bytes_), name


def test_colours_are_the_kits():
    """A widget's style names the kit's colours and has none of its own: they follow the theme."""
    own = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(|--(?:blue|orange)")
    for sheet in bundle.WIDGETS.glob("*/style.css"):
        assert own.findall(sheet.read_text(encoding="utf-8")) == [], sheet


def test_loader_knows_the_versions():
    loader = bundle.files()["loader.js"]
    assert f'"convolution":"{bundle.digest(bundle.script("convolution"))}"' in loader


def test_makers_are_not_shipped(tmp_path):
    """The wheel holds what a maker made, not the maker."""
    from publish.tools import wheel

    names = zipfile.ZipFile(wheel.build(tmp_path)).namelist()
    assert "dlworkbook/widgets/learning_rate/runs.json" in names
    assert [name for name in names if "/make_" in name] == []
