"""The same sources as a default Jupyter Book 1, to stand beside ours.

Settings are those of a new Jupyter Book, except that its scripts from content networks (MathJax,
the widget manager) are local copies. Our own directives get plain stand-ins (an admonition for an
exercise or a prediction, a dropdown for a solution or a fold, nothing for an answer's field or a
route's rows), which add no file to a page.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("index", "book/ch06_convolutional_networks/index")
CONVOLUTION = "book/ch06_convolutional_networks/convolution"
CDN = "cdn"
JUPYTER_BOOK = (str(Path(sys.executable).with_name("jupyter-book")),)

STAND_INS = '''"""Plain stand-ins for the directives that a default Jupyter Book does not have."""
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective


class Box(SphinxDirective):
    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = dict.fromkeys(("label", "number", "level", "minutes", "name"),
                                directives.unchanged)

    def run(self):
        kind = self.name
        classes = ["dropdown"] if kind in ("solution", "fold") else []
        box = nodes.admonition(classes=["admonition", *classes])
        box += nodes.title(text=": ".join([kind.capitalize(), *self.arguments]))
        if kind == "exercise" and self.options.get("label"):
            box["ids"].append(nodes.make_id(self.options["label"]))
        self.state.nested_parse(self.content, self.content_offset, box)
        return [box]


class Nothing(SphinxDirective):
    optional_arguments = 1
    has_content = True

    def run(self):
        return []


def setup(app):
    for name in ("exercise", "solution", "predict", "fold"):
        app.add_directive(name, Box)
    for name in ("answer", "route"):
        app.add_directive(name, Nothing)
    app.add_role("settles", lambda *_args, **_options: ([], []))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
'''


def config(execute: str, cdn: bool) -> dict:
    """Return the settings; ``cdn`` says whether local copies of the CDN files are there."""
    sphinx: dict = {"local_extensions": {"stand_ins": "."}}
    if cdn:
        sphinx["config"] = {
            "html_static_path": ["assets"],
            "mathjax_path": f"{CDN}/mathjax/tex-mml-chtml.js",
            "nb_ipywidgets_js": {
                f"/_static/{CDN}/require.js": {},
                f"/_static/{CDN}/html-manager/embed-amd.js": {
                    "data-jupyter-widgets-cdn": f"/_static/{CDN}/",
                },
            },
        }
    return {
        "title": "Deep Learning Workbook",
        "author": "The Deep Learning Workbook authors",
        "only_build_toc_files": True,
        "execute": {"execute_notebooks": execute, "timeout": 300},
        "bibtex_bibfiles": ["references.bib"],
        "sphinx": sphinx,
    }


def write_common(folder: Path, settings: dict, toc: dict) -> None:
    """Write what every default book has: settings, contents, stand-ins, references."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "_config.yml").write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
    (folder / "_toc.yml").write_text(yaml.safe_dump(toc, sort_keys=False), encoding="utf-8")
    (folder / "stand_ins.py").write_text(STAND_INS, encoding="utf-8")
    references = ROOT / "book" / "references.bib"
    text = references.read_text(encoding="utf-8") if references.is_file() else ""
    (folder / "references.bib").write_text(text, encoding="utf-8")


def copy_cdn(modules: Path, folder: Path) -> None:
    """Copy what the default book would load from content networks into its static files."""
    target = folder / "assets" / CDN
    if target.is_dir():
        return
    shutil.copytree(modules / "mathjax" / "es5", target / "mathjax")
    manager = modules / "@jupyter-widgets" / "html-manager" / "dist"
    shutil.copytree(manager, target / "html-manager", ignore=shutil.ignore_patterns("*.map"))
    shutil.copy(modules / "requirejs" / "require.js", target / "require.js")
    try:
        import anywidget
    except ImportError:
        return
    # The widget manager asks for anywidget by the version that the notebook's widget names.
    version = anywidget.AnyWidget._model_module_version.default_value
    labextension = Path(anywidget.__file__).parent / "nbextension" / "index.js"
    if labextension.is_file():
        script = target / f"anywidget@{version}" / "dist" / "index.js"
        script.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(labextension, script)


def copy_page(folder: Path, name: str) -> None:
    """Copy a page, and the pictures beside it, as they are."""
    source = ROOT / f"{name}.md"
    target = folder / f"{name}.md"
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def build(folder: Path, modules: Path) -> Path:
    """Write and build the default book; returns the folder of its pages.

    Runs the convolution page (the outputs are kept in a cache between runs). RuntimeError with
    the end of the log if no page came out.
    """
    contents = {
        "format": "jb-book",
        "root": PAGES[0],
        "chapters": [{"file": PAGES[1], "sections": [{"file": CONVOLUTION}]}],
    }
    write_common(folder, config("cache", cdn=True), contents)
    copy_cdn(modules, folder)
    for name in (*PAGES, CONVOLUTION):
        copy_page(folder, name)
    environment = {k: v for k, v in os.environ.items() if k != "DLWORKBOOK_STATIC"}
    environment["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(
        [*JUPYTER_BOOK, "build", str(folder), "-q"],
        env=environment, capture_output=True, text=True, timeout=1200,
    )
    html = folder / "_build" / "html"
    if not (html / f"{CONVOLUTION}.html").is_file():
        log = done.stdout[-2000:] + done.stderr[-3000:]
        raise RuntimeError(f"the default book was not built:\n{log}")
    failed = re.findall(r"(?m)^.*(?:Executing notebook failed|CellExecutionError).*$", done.stderr)
    if failed:
        raise RuntimeError("a page of the default book failed when it was run:\n" + failed[0])
    unknown = re.findall(r"Unknown (?:directive type|interpreted text role).*", done.stderr)
    if unknown:
        raise RuntimeError("the default book has no stand-in (STAND_INS):\n" + "\n".join(unknown))
    return html
