"""Searching: one record for each section, exercise and term of the glossary, indexed by Pagefind.

The records of a page are read from its doctree when it is written, and kept beside the doctrees.
At the end of the build, when the glossary is known, each gets the other words for what it holds
(Chinese terms, abbreviations, British and American spelling), and Pagefind writes its index into
``pagefind/``, from which ``search.js`` fetches what a query needs. What is asked of a record:

- solutions are found, but neither shown in a result nor given away by it: behind HIDDEN stand
  words that count and are not shown;
- Pagefind knows words and one space between them, so signs that it ignores say more: JOINED where
  code is cut and the page has no space, FORMULA before each piece of a formula, LINE before each of
  a block of code, END behind a block;
- what stands in ``words.json``: words that a query may have meant, and terms by their other names.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from docutils import nodes
from pagefind_bin_extended import get_executable
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from . import nav
from .answers import Row
from .exercises import Exercise, Fold, Solution, Summary
from .glossary import chinese

HIDDEN = "\u241e"  # of a record: what follows is not shown
JOINED, FORMULA, LINE, END = "\u2060", "\u2061", "\u2062", "\u2063"
FOLDER = "pagefind"
WORDS = "words.json"
KEPT = ("pagefind.js", "pagefind-worker.js", "pagefind-entry.json", "wasm.en.pagefind",
        "pagefind.en_*.pf_meta", "filter/*", "fragment/*", "index/*")
# Of a record: search.js says how much each weighs; the last two stand behind all others.
KINDS = ("text", "exercise", "end", "later", "term")
ENDS = {"In two minutes", "Sources"}  # sections that say again what a page has said
# Pages whose sections stand behind those of all others: they say again what these say, or are
# written for others than the reader of the book.
LATER = ("book/instructors/", "book/routes/", "book/appendix/")
# Pages that ask what others teach: these, and labs.
ASKING = ("book/interview/", "book/exam/")
# Not read: what is drawn, what scripts fill, and what stands above or below the text of a page.
UNREAD = (nodes.raw, nodes.comment, nodes.target, nodes.system_message, addnodes.index, Row)
UNREAD_CLASSES = {"cell_output", "toctree-wrapper", "page-facts", "exercise-meta", "exercise-title"}

_CUT = re.compile(r"(?<=[(\[{,=:+*/@|<>])(?=[^\s)\]}])")
_SPACE = re.compile(r"[ \t]+")
_BREAK = re.compile(r"[ \t]*\n\s*")
_FORMAT = re.compile(
    r"\\(?:(?:left|right|[bB]igg?[lrm]?|mathbf|mathrm|mathcal|mathbb|boldsymbol|bm|operatorname\*?"
    r"|text(?:bf|it|rm|style)?|displaystyle|quad|qquad)(?![a-zA-Z])"
    r"|(?:begin|end)\{\w+\*?\}|[,;:!\\ ])|&"
)
_INDEX = re.compile(r"(?<=[_^])\s*\{\s*|(?<=[(\[])\s+|\s+(?=[()\]_^])")
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_HAN = re.compile(r"[\u3400-\u9fff]{3,}")
_SPELLING = re.compile(r"\b(\w{4,}i)([sz])(e[drs]?|ers|ing|ations?)\b", re.IGNORECASE)
_COLOUR = re.compile(r"\b((?:neighb|col|behavi)o)(u?)(r\w*)\b", re.IGNORECASE)
_TIMES = re.compile(r"\b(\d+)\s*×\s*(\d+)\b")
_SHORT = re.compile(r"^[^.]*\((\w+)\)\.|(\w+) for short|also called ([\w -]+)|in code (\w+)")
LONGEST = 4  # words of a term


@dataclass
class Record:
    """One place of a page: its anchor (empty: the top), and what stands there."""

    anchor: str
    title: str
    kind: str = "text"  # or one of the other KINDS
    shown: str = ""
    hidden: str = ""
    parts: list[str] = field(default_factory=list)  # titles of its folds
    terms: list[str] = field(default_factory=list)  # words in italics: it introduces them
    labels: list[str] = field(default_factory=list)  # of its equations: what they say, in words


def code(text: str) -> str:
    """Code, cut behind brackets and signs, so that each name is a word: ``F.conv2d(``, ``X``."""
    return _CUT.sub(f"{JOINED} ", text)


def formula(tex: str) -> str:
    """TeX without what only shapes it: ``\\hat{\\mathbf{y}}_i``, ``\\hat y_i``."""
    text = _FORMAT.sub(" ", tex)
    for _ in "xx":  # what stood around braces, once they are gone
        text = _INDEX.sub("", text).replace("{", " ").replace("}", " ")
    return " ".join(FORMULA + part for part in text.split())


def title_of(node: nodes.Element) -> str:
    """Text of a heading, formulas as in the records."""
    return " ".join(_text(node).split())


def _text(node: nodes.Node) -> str:
    if isinstance(node, UNREAD):
        return ""
    if isinstance(node, nodes.Text):
        return node.astext()
    if isinstance(node, nodes.math | nodes.math_block):
        return formula(node.astext())
    if isinstance(node, nodes.literal_block):
        return re.sub(r"\S+", rf"{LINE}\g<0>", code(node.astext()))
    if isinstance(node, nodes.literal):
        return code(node.astext())
    if isinstance(node, nodes.image):
        return node.get("alt", "")
    return "".join(map(_text, node.children))


class Reader:
    """Reads a doctree into records, in the order of the page."""

    def __init__(self, doctree: nodes.document):
        self.records: list[Record] = []
        self.exercises: dict[str, Record] = {}  # by label
        for section in doctree.children:
            self._read(section, Record("", ""))

    def _new(self, node: nodes.Element, title: str, kind: str) -> Record:
        record = Record(node["ids"][0] if self.records else "", title, kind)
        self.records.append(record)
        return record

    def _read(self, node: nodes.Node, record: Record, hidden: bool = False) -> None:
        """Add what a node holds to a record, or to one of its own."""
        if isinstance(node, UNREAD) or UNREAD_CLASSES & set(_classes(node)):
            return
        if isinstance(node, nodes.section):
            title = title_of(node[0])
            record = self._new(node, title, "end" if title in ENDS else "text")
            node = node[1:]
        elif isinstance(node, Exercise):
            name = title_of(node[0].children[-1])
            record = self._new(node, f"Exercise {node['n']}: {name}", "exercise")
            self.exercises[node["label"]] = record
        elif isinstance(node, nodes.definition_list_item) and node[0].get("ids"):
            record, node = self._new(node[0], title_of(node[0]), "term"), node[1:]
        elif isinstance(node, Solution):
            record, hidden = self.exercises.get(node["target"], record), True
        elif isinstance(node, Fold) and "hint" in node["classes"]:
            hidden = True
        elif isinstance(node, Summary) and hidden:
            return
        elif isinstance(node, nodes.TextElement | nodes.image):
            text = _BREAK.sub("\n" if isinstance(node, nodes.literal_block) else " ", _text(node))
            text = _SPACE.sub(" ", text).strip()
            if hidden:
                record.hidden += text + "\n"
                return
            record.shown += text + END + "\n"
            if isinstance(node, Summary):
                record.parts.append(text)
            record.terms += [title_of(term) for term in node.findall(nodes.emphasis)]
            if label := node.get("label", "").removeprefix("eq-"):
                record.labels.append(label.replace("-", " "))
            return
        for child in node:
            self._read(child, record, hidden)


def _classes(node: nodes.Node) -> list[str]:
    return node.get("classes", []) if isinstance(node, nodes.Element) else []


# --- other words


def names(term: str, meaning: str) -> set[str]:
    """All names of a term: its own, the Chinese ones, its abbreviation, what else it is called."""
    found = {term, *(re.sub(r"\s*\(.*\)", "", name) for name in chinese(meaning))}
    for match in _SHORT.finditer(" ".join(meaning.split())):
        found |= set(filter(None, map(str.strip, filter(None, match.groups()))))
    return found


def _phrases(text: str) -> Iterator[str]:
    """Runs of up to LONGEST words, lower case, each also without the s at its end."""
    words = _WORD.findall(text.lower())
    for i in range(len(words)):
        for j in range(i + 1, min(i + LONGEST, len(words)) + 1):
            phrase = " ".join(words[i:j])
            yield phrase
            if phrase.endswith("s"):
                yield phrase[:-1]


def _respelt(match: re.Match) -> str:
    head, letter, tail = match.groups()
    return head + {"s": "z", "z": "s", "u": "", "": "u"}[letter.lower()] + tail


def others(text: str, synonyms: dict[str, set[str]]) -> list[str]:
    """Words under which a text is to be found, too, without those that it holds.

    Chinese has no spaces: what begins inside of a run is a word, too.
    """
    found, held = set(), set(_phrases(text))
    for phrase in held & synonyms.keys():
        found |= synonyms[phrase]
    for pattern in (_SPELLING, _COLOUR):
        found |= {_respelt(match) for match in pattern.finditer(text)}
    found |= {f"{rows}x{columns}" for rows, columns in _TIMES.findall(text)}
    for run in _HAN.findall(" ".join([text, *found])):
        found |= {run[i:] for i in range(1, len(run) - 1)}
    return sorted(word for word in found if word.lower() not in held)


def thesaurus(records: Iterable[Record]) -> dict[str, set[str]]:
    """Name, in lower case -> the other names of its term, from the glossary."""
    found: dict[str, set[str]] = {}
    for record in records:
        if record.kind == "term":
            alike = names(record.title, record.shown)
            for name in alike:
                found.setdefault(name.lower(), set()).update(alike - {name})
    return found


def called(records: Iterable[Record]) -> dict[str, str]:
    """Another name, in lower case -> the term that is called so, if there is only one."""
    found: dict[str, set[str]] = {}
    terms = [record for record in records if record.kind == "term"]
    for record in terms:
        for name in names(record.title, record.shown) - {record.title}:
            found.setdefault(name.lower(), set()).add(record.title)
    own = {record.title.lower() for record in terms}
    return {name: term.pop() for name, term in sorted(found.items())
            if len(term) == 1 and name not in own}


# --- the build


def _kept(app: Sphinx, page: str) -> Path:
    return Path(app.doctreedir) / "search" / f"{page}.json"


def _note(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document) -> None:
    """Keep the records of a page that is written."""
    if doctree is None or app.builder.format != "html":
        return
    path = _kept(app, page)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps([asdict(record) for record in Reader(doctree).records], ensure_ascii=False)
    path.write_text(text, encoding="utf-8")


def entries(pages: dict[str, list[Record]], titles: dict[str, str]) -> list[dict]:
    """What Pagefind is given: pages are records by name, titles those of pages, with number."""
    synonyms = thesaurus(record for records in pages.values() for record in records)
    found = []
    for page, records in pages.items():
        for record in records:
            kind = record.kind
            if kind != "term" and page.startswith(LATER):
                kind = "later"
            elif page.startswith(ASKING) or "/lab_" in page:
                kind = "exercise"
            elif page == "index":
                kind = "end"
            more = others(f"{record.title}\n{record.shown}\n{record.hidden}", synonyms)
            also = others("\n".join([record.title, *record.parts]), synonyms)
            # The title of the page is that of its first record, where it counts once.
            meta = {
                "title": record.title if record.anchor else titles[page],
                "page": titles[page] if record.anchor else "",
                "parts": "\n".join(record.parts), "terms": "\n".join(record.terms),
                "labels": "\n".join(record.labels), "also": "\n".join(also),
            }
            found.append({
                "url": f"{page}.html" + (f"#{record.anchor}" if record.anchor else ""),
                # With its title, as Pagefind leaves out what has no words.
                "content": "\n".join([record.shown + HIDDEN, record.title, record.hidden, *more]),
                "language": "en", "meta": {key: text for key, text in meta.items() if text},
                "filters": {"kind": [kind]},
            })
    return found


def vocabulary(pages: dict[str, list[Record]]) -> list[str]:
    """Words of titles and terms, also those of the glossary, sorted: of four letters and more."""
    found: set[str] = set()
    for record in (record for records in pages.values() for record in records):
        terms = names(record.title, record.shown) if record.kind == "term" else {record.title}
        text = " ".join([*terms, *record.parts, *record.terms]).lower()
        found |= set(re.findall(r"[a-z]{4,}", text))
    return sorted(found)


class Pagefind:
    """The program, asked one thing after the other: base64 of JSON, a comma behind each.

    Its own Python package does the same, but waits a tenth of a second for every answer.
    """

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [get_executable(), "--service"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self) -> Pagefind:
        return self

    def __exit__(self, *exception: object) -> None:
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()

    def ask(self, kind: str, **what: object) -> dict:
        """Send a request, and return the answer. Raises ExtensionError if it is an error."""
        request = json.dumps({"message_id": 1, "payload": {"type": kind, **what}})
        self.process.stdin.write(base64.b64encode(request.encode()) + b",")
        self.process.stdin.flush()
        answer = bytearray()
        while not answer.endswith(b","):
            more = self.process.stdout.read1()
            if not more:
                raise ExtensionError(f"Pagefind ended while it was asked for {kind}")
            answer += more
        payload = json.loads(base64.b64decode(answer[:-1]))["payload"]
        if payload["type"] == "Error":
            raise ExtensionError(f"Pagefind: {payload['message']}")
        return payload


def write(records: list[dict], words: dict, folder: Path) -> None:
    """Index records into a folder, and words beside them, in the place of what was there."""
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    with Pagefind() as pagefind:
        index = pagefind.ask("NewIndex", config={})["index_id"]
        for record in records:
            pagefind.ask("AddRecord", index_id=index, **record)
        # Not WriteFiles: it answers before its files are whole, and ends with what it has written
        # (Pagefind 1.5.2, its pull request 1272).
        files = pagefind.ask("GetFiles", index_id=index)["files"]
    for file in files:
        if any(fnmatch(file["path"], pattern) for pattern in KEPT):  # not the ready-made interfaces
            path = fresh / file["path"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(base64.b64decode(file["content"]))
    text = json.dumps(words, ensure_ascii=False, separators=(",", ":"))
    (fresh / WORDS).write_text(text, encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)


def _finish(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.format != "html":
        return
    pages = {}
    tree = nav.tree(app)
    for page in tree.order:
        kept = json.loads(_kept(app, page).read_text(encoding="utf-8"))
        pages[page] = [Record(**record) for record in kept]
    titles = {page: f"{tree.number(page)} {tree.title(page)}".strip() for page in pages}
    records = entries(pages, titles)
    every = [record for held in pages.values() for record in held]
    words = {"words": vocabulary(pages), "called": called(every)}
    folder, stamp = Path(app.outdir) / FOLDER, Path(app.doctreedir) / "search" / "index"
    if stamp.is_file() and stamp.read_text() == _digest(records, words, folder):
        return
    write(records, words, folder)
    stamp.write_text(_digest(records, words, folder))


def _digest(records: list[dict], words: dict, folder: Path) -> str:
    """Of what is indexed, and of the files that stand there: what was damaged is made anew."""
    files = sorted((str(path.relative_to(folder)), path.stat().st_size)
                   for path in folder.rglob("*") if path.is_file())
    return hashlib.sha256(repr((records, words, files)).encode()).hexdigest()


def _page(app: Sphinx) -> Iterator[tuple[str, dict, str]]:
    """The page of results, for whoever wants more of them, and for small screens."""
    yield "search", {}, "search.html"


def _instead(app: Sphinx) -> None:
    """No index of words by Sphinx."""
    app.builder.search = False


def setup(app: Sphinx) -> None:
    app.connect("builder-inited", _instead)
    app.connect("html-page-context", _note)
    app.connect("html-collect-pages", _page)
    app.connect("build-finished", _finish)
