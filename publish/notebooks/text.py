"""Rewrites a page's Markdown for a notebook.

Source lines pass through untouched; only what a notebook cannot show is replaced, at the
positions that the parser reports.
"""

from __future__ import annotations

from textwrap import dedent
from urllib.parse import urlsplit

from docutils.nodes import make_id
from markdown_it.token import Token

from dlworkbook.solutions import TITLE as SOLUTION
from publish.page import numbers
from publish.page.frontmatter import LEVELS
from publish.page.model import REFERS, Exercise, Label, Page, split_keys, split_title
from publish.page.parser import Directive, Fragment, normalize

from . import boxes
from .book import Book
from .references import References

PRACTICE = "/book/exam/practice"
Edit = tuple[int, int, str]  # start and end in the fragment's text, replacement


class TextWriter:
    """Writes the text of one page as plain Markdown."""

    def __init__(self, book: Book, page: Page, references: References, handout: bool = False):
        self.book, self.page, self.references, self.handout = book, page, references, handout
        self.notes: dict[str, str] = {}  # footnote: its text
        self._solutions: set[int] = set()  # exercises whose solution has begun
        self._wanted = self._linked_labels()

    # --- fragments

    def fragment(self, fragment: Fragment, *, quoted: bool = False) -> RewrittenText:
        """All edits of a fragment; the result gives the text of any range of lines.

        quoted: the text will stand in a block quote, where mathematics must keep to one line
        (notebooks take it out before they remove the quote marks).
        """
        edits: list[Edit] = []
        starts = _line_starts(fragment)
        depth = 0
        anchors: list[str] = []
        note: tuple[str, int, int] | None = None
        notes: list[tuple[str, int, int]] = []
        for i, token in enumerate(fragment.tokens):
            if token.type == "blockquote_open":
                depth += 1
            elif token.type == "blockquote_close":
                depth -= 1
            elif token.type == "footnote_reference_open":
                note = (token.meta["label"], *token.map)
            elif token.type == "footnote_reference_close" and note:
                notes.append(note)
                note = None
            elif token.type == "myst_target":
                edits.append((starts[token.map[0]], starts[token.map[1]], ""))
                anchors.append(self._anchor_if_wanted(token.content))
            elif token.type == "heading_close" and any(anchors):
                end = starts[fragment.tokens[i - 2].map[1]]
                edits.append((end, end, "\n" + "".join(anchors) + "\n"))
                anchors = []
            elif token.type == "inline":
                edits += self._inline(fragment, token)
            else:
                block = self._block(fragment, token, quoted or depth > 0)
                if block is not None:
                    prefix, rest = _prefixes(fragment.lines[token.map[0]], token)
                    lines = block.split("\n") if block else []
                    text = "".join(
                        ((rest if k else prefix) + line).rstrip() + "\n"
                        for k, line in enumerate(lines)
                    )
                    edits.append((starts[token.map[0]], starts[token.map[1]], text))
        rewritten = RewrittenText(fragment, sorted(edits, key=lambda e: e[:2]), starts)
        for label, start, end in notes:
            self.notes[label] = _note_text(rewritten.lines(start, end), label)
            rewritten.drop(start, end)
        return rewritten

    def line(self, text: str, line: int) -> str:
        """A caption, a title or a goal."""
        return self.one_line(self.book.parser.line(text, f"{self.page.name}.md", line))

    def one_line(self, fragment: Fragment) -> str:
        return " ".join(self.fragment(fragment, quoted=True).all().split())

    # --- directives

    def exercise(self, directive: Directive, level: int) -> str:
        """An exercise as a heading of the given level, and its facts."""
        options = directive.options
        title = self.one_line(directive.title)
        exercise = self.page.exercise(options["label"])
        facts = [LEVELS[options["level"]]]
        facts += [f"{exercise.minutes} min"] * self.page.rewritten
        facts += numbers.shown(exercise.numbers)
        anchor = self._anchor_if_wanted(options["label"])
        head = f"{'#' * level} Exercise {exercise.number}: {title}"
        return f"{head}\n\n{anchor}*{' · '.join(facts)}*"

    def solution_title(self, exercise: Exercise) -> str:
        return f"{SOLUTION} {exercise.number}"

    def solution(self, directive: Directive) -> str:
        """The text of a solution, folded; empty if the solution is code only."""
        body = self.fragment(directive.body).all()
        if not body:
            return ""
        exercise = self.page.exercise(directive.argument)
        more = ", continued" if exercise.number in self._solutions else ""
        self._solutions.add(exercise.number)
        return _details(self.solution_title(exercise) + more, body)

    def box(self, directive: Directive) -> str:
        """What stands above the cell in which an answer is given."""
        answer = self.page.answer(directive.argument)
        return boxes.label(answer.name, answer.spec, answer.variable,
                           lambda text: self.line(text, directive.line))

    def fold(self, directive: Directive) -> str:
        """Title and text of a fold: its cells, which follow, are what is folded."""
        anchor = self._anchor_if_wanted(directive.options.get("name") or "")
        title = f"{anchor}**{self.one_line(directive.title)}**" if directive.title else ""
        body = self.fragment(directive.body).all()
        return "\n\n".join(filter(None, [title, body]))

    def practice(self, directive: Directive) -> str:
        """Where the problems are: they need the script of the site."""
        page = self.book.resolve(PRACTICE, self.page)
        if not page:
            raise self.page.error(directive.line, f"practice: there is no page {PRACTICE}.md")
        where = _linked(page.title, self.book.url(page, self.page))
        return f"*To practise this with fresh numbers: {where}, on the site.*"

    def bibliography(self) -> str:
        """The sources that the page cites; empty if it cites none."""
        if not self.page.cited:
            return ""
        return self.references.markdown(self.page.cited, lambda key: key in self.page.cited)

    def footnotes(self) -> str:
        """The footnotes in the order in which the text refers to them; empty without any."""
        lines = []
        for number, label in enumerate(self.page.footnotes, start=1):
            anchor = f'<a id="note-{number}" name="note-{number}"></a>'
            text = self.notes[label].replace("\n", "\n   ")
            lines.append(f"{number}. {anchor}{text}")
        return "\n".join(lines)

    def _block(self, fragment: Fragment, token: Token, quoted: bool) -> str | None:
        """Replacement of a block token; None if it passes through."""
        if token.type == "html_block" or token.type == "myst_line_comment":
            return ""
        if token.type in ("math_block", "math_block_label"):
            return self._math(fragment, token, quoted)
        directive = token.meta.get("directive")
        if directive is None:
            return None
        if directive.name in ("exercise", "solution", "predict"):
            return None  # cells of their own
        if directive.name == "answer":
            return self.box(directive)
        if directive.name == "fold":
            return self.fold(directive)
        if directive.name == "bibliography":
            return self.bibliography()
        if directive.name in ("practice", "trial"):
            return self.practice(directive)
        if directive.name == "book-only":
            return "" if self.handout else self.fragment(directive.body, quoted=quoted).all()
        if directive.name == "hint":
            return _details("Hint", self.fragment(directive.body, quoted=quoted).all())
        return self._admonition(directive)

    def _admonition(self, directive: Directive) -> str:
        title = directive.name.capitalize()
        if directive.title:
            title = self.one_line(directive.title)
        body = self.fragment(directive.body, quoted=True).all()
        anchor = self._anchor_if_wanted(directive.options.get("name") or "")
        if "dropdown" in (directive.options.get("class") or "").split():
            return _details(title, anchor + body)
        text = f"{anchor}**{title}**\n\n{body}".rstrip()
        return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))

    def _math(self, fragment: Fragment, token: Token, quoted: bool) -> str | None:
        # what stands on the line of the opening $$ has another indentation than the rest
        opening, _, rest = token.content.partition("\n")
        content = f"{opening.strip()}\n{dedent(rest)}"
        lines = [line.rstrip() for line in content.split("\n") if line.strip()]
        tag = ""
        if token.type == "math_block_label":
            tag = f" \\tag{{{self.page.labels[normalize(token.info)].number}}}"
        if not quoted:
            if not tag:
                return None
            return "\n".join(["$$", *lines[:-1], lines[-1] + tag, "$$"])
        for line in lines:
            if "%" in line.replace("\\%", ""):
                raise fragment.error(
                    token.map[0], "a LaTeX comment (%) in mathematics inside a quote"
                )
        return f"$$ {' '.join(line.strip() for line in lines)}{tag} $$"

    # --- inline

    def _inline(self, fragment: Fragment, token: Token) -> list[Edit]:
        edits: list[Edit] = []
        text = fragment.text
        in_link = False
        for child in token.children or []:
            in_link = in_link or child.type == "link_open"
            if child.type == "link_close":
                in_link = False
            if "span" not in child.meta:
                continue
            start, end = child.meta["span"]
            line = fragment.line_of(start)
            if child.type == "myst_role":
                replacement = self._role(child, line)
                if not replacement:  # nor a blank in its place
                    after = text[end : end + 1] == " "
                    start, end = start - (not after and text[:start].endswith(" ")), end + after
                if in_link and "](" in replacement:
                    raise self.page.error(line, f"a link inside a link: {text[start:end]}")
                edits.append((start, end, replacement))
            elif child.type == "footnote_ref":
                number = self.page.footnotes.index(child.meta["label"]) + 1
                edits.append((start, end, f"<sup>[{number}](#note-{number})</sup>"))
            elif child.type == "html_inline":
                edits.append((start, end, ""))
            elif child.type == "math_inline" and "\n" in text[start:end]:
                # in a quote the second line's mark would be taken for part of the formula
                edits.append((start, end, f"${' '.join(child.content.split())}$"))
            elif child.type == "link_open" and child.markup != "autolink":
                edits += self._link(child, text, start, end, line)
        return edits

    def _link(self, token: Token, text: str, start: int, end: int, line: int) -> list[Edit]:
        href = str(token.attrs["href"])
        parts = urlsplit(href)
        if parts.scheme in ("http", "https", "mailto"):
            return []
        if href.startswith("#"):
            found = self._find(href[1:], line)
            url = self._label_url(*found, href[1:])
        elif parts.path.endswith(".md") and not parts.scheme:
            url = self._page_url(parts.path, line, parts.fragment)
        else:
            raise self.page.error(
                line, f"link to {href!r}: allowed are full addresses, #labels and pages (.md)"
            )
        # the last "](" of a link is the one before its address
        middle = text.rindex("](", start, end)
        if text[start + 1 : middle] == "":
            raise self.page.error(line, f"link to {href!r} without a text")
        if not url:  # a page that a notebook without a site cannot reach: leave the text
            return [(start, start + 1, ""), (middle, end, "")]
        title = f' "{token.attrs["title"]}"' if token.attrs.get("title") else ""
        return [(middle, end, f"]({url}{title})")]

    def _role(self, token: Token, line: int) -> str:
        name = token.meta["name"]
        content = " ".join(token.content.split())
        if name == "glue:text":
            return self._glue(content, line)
        if name == "settles":
            return ""  # the check of the prediction follows the paragraph
        if name.startswith("cite"):
            return self._cite(name, content, line)
        title, target = split_title(content)
        if name == "doc":
            page = self.book.resolve(target, self.page)
            if not page:
                raise self.page.error(line, f"{{doc}}: there is no page {target!r} in _toc.yml")
            return _linked(title or page.title, self.book.url(page, self.page))
        page, label = self._find(target, line)
        here = page.name == self.page.name
        if label.kind not in REFERS[name]:
            raise self.page.error(
                line, f"{{{name}}}`{target}`: this is the label of a {label.kind}; "
                      f"{{{name}}} takes that of a {' or '.join(REFERS[name])}"
            )
        if name == "eq":
            return f"({label.number})" + ("" if here else f" of {self._page_link(page)}")
        if name == "numref":
            text = f"Figure {label.number}"
            if title:
                text = title.replace("%s", label.number).replace("{number}", label.number)
            return text if here else _linked(text, self._label_url(page, label, target))
        text = title or (f"Exercise {label.number}" if label.kind == "exercise" else label.title)
        return _linked(text, self._label_url(page, label, target))

    def _find(self, target: str, line: int) -> tuple[Page, Label]:
        found = self.book.find(target, self.page)
        if not found:
            raise self.page.error(line, f"there is no label {target!r} in the book")
        return found

    def _glue(self, content: str, line: int) -> str:
        name = content.partition(":")[0]
        if name not in self.page.glued:
            raise self.page.error(line, f"{{glue:text}}: no cell of the page glues {name!r}")
        where = "above" if self.page.glued[name] < line else "below"
        return f"`{name}` (printed {where})"

    def _cite(self, role: str, content: str, line: int) -> str:
        links = []
        for key in split_keys(content):
            if key not in self.references:
                raise self.page.error(line, f"{{{role}}}: {key!r} is in no BibTeX file of the book")
            authors, year = self.references.label(key)
            text = f"{authors} ({year})" if role == "cite:t" else f"{authors}, {year}"
            links.append(f"[{text}](#{self.references.anchor(key)})")
        return ", ".join(links) if role == "cite:t" else f"({'; '.join(links)})"

    def _page_link(self, page: Page) -> str:
        return _linked(page.title, self.book.url(page, self.page))

    def _page_url(self, target: str, line: int, anchor: str = "") -> str:
        page = self.book.resolve(target, self.page)
        if not page:
            raise self.page.error(line, f"link to {target!r}: there is no such page in _toc.yml")
        return self.book.url(page, self.page, anchor)

    def _label_url(self, page: Page, label: Label, target: str) -> str:
        if page.name == self.page.name:
            return f"#{_identifier(target)}"
        return self.book.url(page, self.page, "" if label.kind == "page" else _identifier(target))

    def _anchor_if_wanted(self, label: str) -> str:
        """What a link to the label jumps to; empty if no text of the page links to it."""
        if normalize(label) not in self._wanted:
            return ""
        name = _identifier(label)
        return f'<a id="{name}" name="{name}"></a>'

    def _linked_labels(self) -> set[str]:
        """Labels that the page's own text links to: only these get an anchor."""
        found = self.page.references
        linked = [r.content[1:] for r in found if r.kind == "link" and r.content.startswith("#")]
        return {normalize(name) for name in [*linked, *(r.target for r in found if r.kind == "ref")]}


class RewrittenText:
    """A fragment with its edits applied."""

    def __init__(self, fragment: Fragment, edits: list[Edit], starts: list[int]):
        self.fragment, self.edits, self.starts = fragment, edits, starts
        self.dropped: list[tuple[int, int]] = []

    def drop(self, start: int, end: int) -> None:
        """Leave these lines out from now on."""
        self.dropped.append((start, end))

    def all(self) -> str:
        return self.lines(0, len(self.fragment.lines))

    def lines(self, start: int, end: int) -> str:
        """Text of the lines start to end (not included), without blank lines around it."""
        parts = []
        for drop_start, drop_end in sorted(self.dropped):
            if start <= drop_start < end:
                parts.append(self._apply(start, drop_start))
                start = drop_end
        parts.append(self._apply(start, end))
        return _strip_blank_lines("".join(parts))

    def _apply(self, first: int, last: int) -> str:
        text = self.fragment.text + "\n"
        position, end = self.starts[first], self.starts[last]
        out = []
        for start, stop, replacement in self.edits:
            # an edit between two ranges of lines (an anchor after a heading) belongs to the first
            if start < position or stop > end or (start == stop == self.starts[first]):
                continue
            out += [text[position:start], replacement]
            position = stop
        return "".join([*out, text[position:end]])


def _line_starts(fragment: Fragment) -> list[int]:
    """Offset of each line, and of the end."""
    starts = [0]
    for line in fragment.lines:
        starts.append(starts[-1] + len(line) + 1)
    return starts


def _prefixes(line: str, token: Token) -> tuple[str, str]:
    """What stands before a block on its first line (quote and list marks), and on the others."""
    marks = {"math_block": "$$", "math_block_label": "$$"}
    mark = marks.get(token.type) or token.markup or ""
    column = line.find(mark) if mark else 0
    prefix = line[: max(column, 0)]
    return prefix, "".join(c if c in "> \t" else " " for c in prefix)


def _strip_blank_lines(text: str) -> str:
    lines = text.split("\n")
    while lines and not lines[0].strip():
        del lines[0]
    while lines and not lines[-1].strip():
        del lines[-1]
    return "\n".join(lines)


def _note_text(text: str, label: str) -> str:
    first, *others = text.split("\n")
    mark = f"[^{label}]:"
    first = first[first.index(mark) + len(mark):].strip()
    return "\n".join([first, *(line.strip() for line in others)])


def _details(summary: str, body: str) -> str:
    """A fold; the blank lines make notebooks read the inside as Markdown."""
    return f"<details>\n<summary>{summary}</summary>\n\n{body}\n\n</details>"


def _linked(text: str, url: str) -> str:
    return f"[{text}]({url})" if url else text


def _identifier(label: str) -> str:
    """The id that docutils makes of a label, which is the anchor on the site."""
    return make_id(normalize(label))
