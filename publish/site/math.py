"""KaTeX at build time: strict, reliable, and remembered from build to build.

sphinxcontrib-katex renders formulas through a Node server. As it stands, bad LaTeX passes
silently and its start can lose a race (the socket file exists before Node listens on it).
Here a bad formula is a warning that names the page and the line (an error under ``-W``), the
start waits for an answer, and each rendered formula is kept in ``katex.json`` beside the site,
so that a rebuild renders only what is new. The MathML in it is made valid (see mathml.py), and
programs that translate pages are told to leave formulas alone.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

import sphinxcontrib.katex as katex
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

from publish.tools.node import program

from . import mathml
from .scrolling import mark_formula

logger = logging.getLogger(__name__)

MACROS = {
    r"\softmax": r"\operatorname{softmax}",
    r"\R": r"\mathbb{R}",
}
SHORT = 20  # characters of LaTeX; a longer formula may break, or a phone could not show it
PUNCTUATION = re.compile(r"[.,;:!?)\]’”]+")
AS_IT_IS = {"CLASS": "math notranslate", "translate": "no"}
OPTIONS = {"throwOnError": True, "strict": "error", "macros": MACROS}
SECONDS = 60.0  # to start, and to render one formula: both take far longer under load


@classmethod
def start_server_process(
    cls, rundir: Path, timeout: float
) -> tuple[subprocess.Popen, socket.socket]:
    """Start the server and connect to it; takes the place of the library's method.

    The library takes the existence of the socket's file for a sign that Node listens on it,
    which it is not, and leaves the process behind when the connection is refused.
    """
    address = rundir / "katex.sock"
    process = subprocess.Popen(
        cls.build_command(socket=address), stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=rundir
    )
    end = time.monotonic() + timeout
    while True:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(str(address))
            return process, connection
        except (ConnectionRefusedError, FileNotFoundError):
            connection.close()
        if process.poll() is not None:
            raise katex.KaTeXError(f"Node.js ended at once with code {process.returncode}")
        if time.monotonic() > end:
            process.kill()
            process.wait()
            raise cls.timeout_error(timeout)
        time.sleep(0.005)


class FormulaCache:
    """Rendered formulas by the hash of source, options and KaTeX version; saved as JSON."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.used: dict[str, str] = {}
        try:
            self.known = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self.known = {}

    def render(self, latex: str, display: bool) -> str:
        """HTML of one formula; raises katex.KaTeXError with KaTeX' own message."""
        options = {**OPTIONS, "displayMode": display}
        seed = json.dumps([katex.katex_version, mathml.REVISION, latex, options], sort_keys=True)
        key = hashlib.sha256(seed.encode()).hexdigest()[:24]
        if key not in self.known:
            # KaTeX adds its own definitions to `macros`: send a copy.
            html = katex.render_latex(latex, {**options, "macros": dict(MACROS)})
            html = mathml.repair(html)
            for fault in mathml.faults(html):
                raise katex.KaTeXError(f"its MathML would be invalid: {fault}")
            self.known[key] = html
        self.used[key] = self.known[key]
        return self.used[key]

    def save(self) -> None:
        if self.known:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            partial = self.path.with_suffix(".part")
            partial.write_text(json.dumps(self.known), encoding="utf-8")
            partial.replace(self.path)


class KeepTogether(SphinxPostTransform):
    """Short formulas do not break over two lines, and keep the full stop that follows them."""

    default_priority = 800
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        for math in list(self.document.findall(nodes.math)):
            if len(math.astext()) > SHORT:
                continue
            together = nodes.inline(classes=["together"])
            parent, index = math.parent, math.parent.index(math)
            following = parent[index + 1] if index + 1 < len(parent) else None
            parent[index] = together
            together += math
            match = PUNCTUATION.match(following) if isinstance(following, nodes.Text) else None
            if match:
                together += nodes.Text(match[0])
                parent[index + 1] = nodes.Text(following[match.end():])


_cache: FormulaCache


def _html(writer, node: nodes.Node, display: bool) -> str:
    latex = node.astext()
    try:
        return _cache.render(latex, display)
    except katex.KaTeXError as error:
        logger.warning("KaTeX cannot typeset %r: %s", latex, error, location=node)
        return f"<code>{writer.encode(latex)}</code>"


def visit_math(writer, node: nodes.math) -> None:
    writer.body.append(
        writer.starttag(node, "span", "", **AS_IT_IS) + _html(writer, node, False) + "</span>"
    )
    raise nodes.SkipNode


def visit_math_block(writer, node: nodes.math_block) -> None:
    writer.body.append(writer.starttag(node, "div", "", **AS_IT_IS))
    if node["number"]:
        number = katex.get_node_equation_number(writer, node)
        writer.body.append(f'<span class="eqno">({number})')
        writer.add_permalink_ref(node, "Link to this equation")
        writer.body.append("</span>")
    writer.body.append(mark_formula(_html(writer, node, True)) + "</div>\n")
    raise nodes.SkipNode


def _open_cache(app: Sphinx) -> None:
    global _cache
    _cache = FormulaCache(Path(app.outdir).parent / "katex.json")
    katex.NODEJS_BINARY = program()


def _close_cache(app: Sphinx, exception: Exception | None) -> None:
    _cache.save()


def setup(app: Sphinx) -> None:
    # Its clean-up runs twice when another clean-up fails, and would hide that error.
    katex.builder_finished = lambda app, exception: shutil.rmtree(
        app._katex_static_path, ignore_errors=True
    )
    app.setup_extension("sphinxcontrib.katex")
    katex.KaTeXServer.start_server_process = start_server_process
    katex.STARTUP_TIMEOUT = katex.RENDER_TIMEOUT = SECONDS
    app.add_html_math_renderer(
        "katex_strict",
        inline_renderers=(visit_math, None),
        block_renderers=(visit_math_block, None),
    )
    app.add_post_transform(KeepTogether)
    app.connect("builder-inited", _open_cache)
    app.connect("build-finished", _close_cache)
