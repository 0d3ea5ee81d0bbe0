"""From the ES modules in ``js/`` to the three forms in which a widget is delivered.

A widget's source is ``js/<name>.js`` and what it imports from its neighbours. It is shipped

- as one ES module (:func:`module`), which anywidget loads in JupyterLab;
- as one classic script (:func:`script`), which the loader fetches on a static page, also
  from ``file://``, where browsers refuse modules.

No bundler is needed because the sources keep three rules, checked here: an import is one
line of named imports from ``./file.js``; top-level names are unique across the modules of a
widget; no text literal spans lines.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
SOURCES = HERE / "js"

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+)\.js";$', re.M)
_EXPORT = re.compile(r"^export (?=const |let |function |class )", re.M)
_BEHIND = re.compile(r"(?<=[;,{}()\]>]) // [^\"'`/]*$")
_DEFAULT = re.compile(r"^export default (\{[^}]*\});$", re.M)


def names() -> list[str]:
    """Names of all widgets, sorted: the modules that export one; the others are parts."""
    return sorted(
        f.stem for f in SOURCES.glob("*.js")
        if re.search(r"^export default\b", f.read_text(encoding="utf-8"), re.M)
    )


def small(code: str) -> str:
    """Code without comments, indentation and blank lines (no other change).

    A comment behind code stays if it holds a quote, which might close a text that began before.
    """
    lines = (_BEHIND.sub("", line.strip()) for line in code.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//")) + "\n"


def _order(name: str, seen: dict[str, str]) -> dict[str, str]:
    """Sources of a module and of all it imports, dependencies first."""
    code = (SOURCES / f"{name}.js").read_text(encoding="utf-8")
    if "`" in code and re.search(r"^[^`]*`[^`]*$", code, re.M):
        raise ValueError(f"js/{name}.js: a template literal spans lines")
    for part in _IMPORT.findall(code):
        if part not in seen:
            _order(part, seen)
    seen[name] = _IMPORT.sub("", code)
    if re.search(r"^import\b", seen[name], re.M):
        raise ValueError(f"js/{name}.js: an import that the bundler does not know")
    return seen


@cache
def _joined(name: str) -> tuple[str, str]:
    """(code without exports, the widget object as an expression)."""
    code = "".join(_order(name, {}).values())
    found = _DEFAULT.findall(code)
    if len(found) != 1:
        raise ValueError(f"js/{name}.js: needs exactly one 'export default {{ render }};'")
    defined = re.findall(r"^(?:export )?(?:const|let|function|class) (\w+)", code, re.M)
    twice = {d for d in defined if defined.count(d) > 1}
    if twice:
        raise ValueError(f"js/{name}.js: defined in two modules: {', '.join(sorted(twice))}")
    return small(_EXPORT.sub("", _DEFAULT.sub("", code))), found[0]


def module(name: str) -> str:
    """The widget as one ES module (anywidget's ``_esm``)."""
    code, widget = _joined(name)
    return f"{code}export default {widget};\n"


def script(name: str) -> str:
    """The widget as one classic script that registers itself with the loader."""
    code, widget = _joined(name)
    define = f'window.dlworkbook.define("{name}", {widget});'
    return f'(() => {{\n"use strict";\n{code}{define}\n}})();\n'


def loader(versions: dict[str, str] | None = None) -> str:
    """The loader; ``versions`` maps a widget's name to the hash in its script's address."""
    code = small((SOURCES / "mount.js").read_text(encoding="utf-8"))
    blank = "const versions = {};"
    line = next(x for x in code.splitlines() if x.startswith(blank))
    filled = ", ".join(f'"{k}": "{v}"' for k, v in sorted((versions or {}).items()))
    return code.replace(line, f"const versions = {{{filled}}};")


@cache
def css() -> str:
    """The style sheet of all widgets: what they share, depths of colour, then what each adds."""
    shared = HERE / "widgets.css"
    own = sorted(f for f in HERE.glob("*.css") if f != shared)
    texts = [f.read_text(encoding="utf-8") for f in [shared, *own]]
    # What `shade` of common.js asks for: steps of two per cent.
    depths = [f"[data-a='{n}'] {{ --a: {n}% }}" for n in range(0, 101, 2)]
    return "\n".join([texts[0], *depths, *texts[1:]])


def small_css() -> str:
    """The style sheet without comments and indentation."""
    text = re.sub(r"/\*.*?\*/", "", css(), flags=re.S)
    return "\n".join(line.strip() for line in text.splitlines() if line.strip()) + "\n"


def digest(text: str) -> str:
    """A short hash of contents, for addresses that change when the contents do."""
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def files() -> dict[str, str]:
    """All files of a site: name below ``_static/dlworkbook/`` -> contents."""
    scripts = {f"{n}.js": script(n) for n in names()}
    versions = {n: digest(scripts[f"{n}.js"]) for n in names()}
    return {"loader.js": loader(versions), "widgets.css": small_css(), **scripts}
