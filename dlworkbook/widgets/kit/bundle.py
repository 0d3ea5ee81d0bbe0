"""From the folders of the widgets to the three forms in which a widget is delivered.

A widget is the folder ``widgets/<name>/``: ``view.js``, what it imports from beside it and from
the kit, and ``style.css``. It is shipped

- as one ES module (:func:`module`) and its style, which anywidget loads in JupyterLab;
- as one classic script (:func:`script`), which the loader fetches on a static page, also
  from ``file://``, where browsers refuse modules; its own style comes with it.

No bundler is needed because the sources keep three rules, checked here: an import is one
line, of named imports from a neighbour or from the kit, or of a JSON file; top-level names are
unique across the modules of a widget; no text literal spans lines.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

KIT = Path(__file__).resolve().parent
WIDGETS = KIT.parent

_IMPORT = re.compile(
    r'^import (?:\{[^}]*\} from "((?:\.{1,2}/)+[\w/]+\.js)"'
    r'|(\w+) from "(\./\w+\.json)" with \{ type: "json" \});$', re.M
)  # fmt: skip
_EXPORT = re.compile(r"^export (?=const |let |function |class )", re.M)
_DEFINED = re.compile(r"(?:const|let|function|class) (\w+)")
_MARKS = r"*=<>?:,;(){}|&!\[\]" + "\ue000"  # beside these no space is needed, nor around - and +
_SLASH = re.compile(r"(?<![\w)\]] )(?<![\w)\]])/")  # not that of a division
_SPACE = re.compile(rf"(?<=[-+{_MARKS}]) (?=[^-+])|(?<=[^-+]) (?=[-+{_MARKS}])")
_OPEN = re.compile(r"^((?:(?!//).)*[;,{(\[])\n", re.M)  # a line that needs no break after it
_BEHIND = re.compile(r"(?<=[;,{}()\]>]) // [^\"'`/]*$")
_DEFAULT = re.compile(r"^export default (\{[^}]*\});$", re.M)


def names() -> list[str]:
    """Names of all widgets, sorted: the folders that hold a view."""
    return sorted(file.parent.name for file in WIDGETS.glob("*/view.js"))


def small(code: str) -> str:
    """Code without comments, indentation and needless spaces and breaks (no other change).

    A comment behind code stays if it holds a quote, which might close a text that began before.
    """
    lines = (_BEHIND.sub("", line.strip()) for line in code.splitlines())
    code = "\n".join(_tight(n) for n in lines if n and not n.startswith("//")) + "\n"
    return _OPEN.sub(r"\1", code)


def _tight(line: str) -> str:
    """A line without needless spaces; a line that may hold a pattern stays as it is."""
    texts, code, at = [], "", 0
    while at < len(line):
        end = _end(line, at)
        if end > at:
            texts.append(line[at:end])
        code += "\ue000" if end > at else line[at]
        at = max(end, at + 1)
    if _SLASH.search(code) or "'" in code:
        return line
    return re.sub("\ue000", lambda _: texts.pop(0), _SPACE.sub("", code))


def _end(line: str, at: int) -> int:
    """Where the text ends that begins at a place of a line; the place itself if none does."""
    if line[at] == '"':
        found = re.compile(r'"(?:[^"\\]|\\.)*"').match(line, at)
        return found.end() if found else at
    if line[at] != "`":
        return at
    at, depth = at + 1, 0  # of the braces of code within the text
    while depth or line[at] != "`":
        if depth and (end := _end(line, at)) > at:
            at = end
            continue
        opens = line[at] == "{" and (depth or line[at - 1] == "$")
        depth += bool(opens) - (depth > 0 and line[at] == "}")
        at += 2 if line[at] == "\\" else 1
    return at + 1


def _used(code: str) -> str:
    """Code without the functions and constants of the kit that nothing in it names."""
    lines = (_BEHIND.sub("", line) for line in code.splitlines())  # a comment uses nothing
    code = "\n".join(n for n in lines if not n.lstrip().startswith("//")) + "\n"
    starts = [m.start() for m in re.finditer(r"^(?=[^\s})\]/])", code, re.M)]
    parts = [code[a:b] for a, b in zip(starts, [*starts[1:], None], strict=True)]
    while True:
        words = Counter(word for part in parts for word in set(re.findall(r"[\w$]+", part)))
        kept = [p for p in parts if not (found := _DEFINED.match(p)) or words[found[1]] > 1]
        if len(kept) == len(parts):
            return "".join(kept)
        parts = kept


def _order(file: Path, seen: dict[Path, str]) -> dict[Path, str]:
    """Sources of a module and of all it imports, dependencies first."""
    code = file.read_text(encoding="utf-8")
    where = file.relative_to(WIDGETS.parent)
    if "`" in code and re.search(r"^[^`]*`[^`]*$", code, re.M):
        raise ValueError(f"{where}: a template literal spans lines")
    for module, constant, data in _IMPORT.findall(code):
        part = (file.parent / (module or data)).resolve()
        if part in seen:
            continue
        if module:
            _order(part, seen)
        else:
            value = json.loads(part.read_text(encoding="utf-8"))
            text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
            seen[part] = f"const {constant} = {text};\n"
    seen[file] = _IMPORT.sub("", code)
    if re.search(r"^import\b", seen[file], re.M):
        raise ValueError(f"{where}: an import that the bundler does not know")
    return seen


def _together(file: Path) -> str:
    """The code of a module and of all it imports, in which each name is defined once."""
    code = "".join(_order(file, {}).values())
    defined = re.findall(r"^(?:export )?(?:async )?(?:const|let|function|class) (\w+)", code, re.M)
    twice = {d for d in defined if defined.count(d) > 1}
    if twice:
        name = file.parent.name
        raise ValueError(f"{name}: defined in two modules: {', '.join(sorted(twice))}")
    return code


def classic(file: Path) -> str:
    """A module that exports nothing, and all it imports, as one classic script."""
    return f'(() => {{\n"use strict";\n{small(_used(_EXPORT.sub("", _together(file))))}}})();\n'


@cache
def _joined(file: Path) -> tuple[str, str]:
    """(code without exports, the default export as an expression)."""
    code = _together(file)
    found = _DEFAULT.findall(code)
    if len(found) != 1:
        where = f"{file.parent.name}/{file.name}"
        raise ValueError(f"{where}: needs exactly one line 'export default {{ ... }};'")
    code = small(_used(_EXPORT.sub("", _DEFAULT.sub("", code)) + f"({found[0]})"))
    return code.removesuffix(f"({_tight(found[0])})\n"), found[0]


def handed(file: Path, to: str) -> str:
    """A module with a default export as one classic script, which hands that to a function."""
    code, exported = _joined(file)
    return f'(() => {{\n"use strict";\n{code}{to}({exported});\n}})();\n'


def module(name: str) -> str:
    """The widget as one ES module (anywidget's ``_esm``)."""
    code, widget = _joined(WIDGETS / name / "view.js")
    return f"{code}export default {widget};\n"


def script(name: str) -> str:
    """The widget as one classic script that registers itself, and its style, with the loader."""
    code, widget = _joined(WIDGETS / name / "view.js")
    style = json.dumps(_small_css(own_css(name)), ensure_ascii=False)
    define = f'window.dlworkbook.define("{name}", {widget}, {style});'
    return f'(() => {{\n"use strict";\n{code}{define}\n}})();\n'


def loader(versions: dict[str, str] | None = None) -> str:
    """The loader; ``versions`` maps a widget's name to the hash in its script's address."""
    filled = ",".join(f'"{k}":"{v}"' for k, v in sorted((versions or {}).items()))
    before, found, after = classic(KIT / "loader.js").partition("const versions={")
    if not found:
        raise ValueError("kit/loader.js: a line 'const versions = {};' is needed")
    return before + found + filled + after


def own_css(name: str) -> str:
    """What a widget adds to the style that all share: its own, behind those of its modules."""
    parts = [file.with_suffix(".css") for file in _order(WIDGETS / name / "view.js", {})]
    sheets = [*(part for part in parts if part.exists()), WIDGETS / name / "style.css"]
    return "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets if sheet.exists())


@cache
def css() -> str:
    """The style that all widgets share, with the depths of colour that `shade` asks for."""
    depths = [f"[data-a='{n}'] {{ --a: {n}% }}" for n in range(0, 101, 2)]
    return "\n".join([(KIT / "kit.css").read_text(encoding="utf-8"), *depths])


def _small_css(text: str) -> str:
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    return "\n".join(line.strip() for line in text.splitlines() if line.strip()) + "\n"


def small_css(name: str | None = None) -> str:
    """The shared style sheet without comments and indentation; with a widget's own, if named."""
    return _small_css(css() + "\n" + (own_css(name) if name else ""))


def digest(text: str) -> str:
    """A short hash of contents, for addresses that change when the contents do."""
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def files() -> dict[str, str]:
    """All files of a site: name below ``_static/dlworkbook/`` -> contents."""
    scripts = {f"{n}.js": script(n) for n in names()}
    versions = {n: digest(scripts[f"{n}.js"]) for n in names()}
    return {"loader.js": loader(versions), "widgets.css": small_css(), **scripts}
