"""The local server of ``make mark``: 127.0.0.1 only, and only for who has the address.

The address holds a secret, which every request must have. The header Host must be ours, so that no
page of the web can reach us under a name of its own; what changes something must be JSON, and from
this origin. Pages may load nothing but our own script and style.
"""

from __future__ import annotations

import hmac
import http.server
import json
import math
import secrets
import threading
from datetime import datetime
from functools import cached_property
from http import HTTPStatus
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from grading.make.written import Written
from grading.read.cleaning import clean

from . import comments, lines, marks, requests, standing
from .checked import FileError
from .group import Group, Item, NoResults
from .marks import Conflict, Entry
from .pages import Pages, history, points_told

HOST = "127.0.0.1"
LARGEST = 200_000  # bytes of a request
LONGEST = 20_000  # characters of a comment or a reason
STATIC = Path(__file__).parent / "static"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
GONE = "This submission is no longer among the results. Load the first page again."
HTML, JSON = "text/html; charset=utf-8", "application/json"


class Refused(Exception):
    """A request that is not answered as it wishes: status, and what is told."""

    def __init__(self, status: HTTPStatus, error: str, **more: Any) -> None:
        super().__init__(error)
        self.status, self.said = status, {"error": error, **more}


class Marker:
    """What the server does, apart from HTTP: one class, one marker."""

    def __init__(self, group: Group, who: str) -> None:
        self.group, self.who = group, who
        self.pages = Pages(group)

    def save(self, said: dict[str, Any]) -> dict[str, Any]:
        """Save a mark, an override, or that they are withdrawn."""
        name = said.get("q")
        question = self.group.questions.get(name) if isinstance(name, str) else None
        item = self.group.item(name, _text(said, "s")) if question else None
        if item is None:
            raise Refused(HTTPStatus.NOT_FOUND, GONE)
        row = item.row
        answer = _answer(question, item)
        if answer != said.get("answer") or marks.version(row) != said.get("version"):
            raise Refused(
                HTTPStatus.CONFLICT, conflict="answer",
                error="The file was graded anew meanwhile, in another version. Nothing is saved.",
            )
        entry = self._entry(question, item, answer, said)
        nothing = entry.kind == "withdrawn" and not item.part(name).history
        try:
            if not nothing:
                marks.add(self.group.out, row, entry, _text(said, "seen"))
        except Conflict as error:
            raise Refused(
                HTTPStatus.CONFLICT, conflict="marks", seen=error.marks.state(name),
                error=_theirs(error.marks.of(name)),
            ) from None
        now = standing.one(row, self.group.lab, self.group.out)
        part = now.by_name[name]
        every = self.group.standings()
        return {
            "seen": marks.load(marks.place(self.group.out, row)).state(name),
            "points": points_told(part), "history": history(part),
            "done": sum(one.by_name[name].points is not None for one in every),
            "at": datetime.now().strftime("%H:%M:%S"),
        }

    def _entry(self, question, item: Item, answer: str, said: dict) -> Entry:
        kind, row = said.get("kind"), item.row
        base = {
            "task": question.name, "kind": kind, "who": self.who, "when": marks.now(),
            "file": row.file, "version": marks.version(row), "answer": answer,
            "checked": item.part(question.name).checked,
        }
        if kind == "withdrawn":
            return Entry(**base)
        comment = _text(said, "comment", optional=True)
        points = said.get("points")
        if kind == "override":
            why = _text(said, "why")
            if not why:
                raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "Other points need a reason, which "
                                                               "the student will read.")
            if not _number(points) or not 0 <= points <= question.points:
                told = f"'{question.name}' has 0 to {question.points:g} points."
                raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, told)
            return Entry(**base, points=points, why=why, comment=comment, of=question.points)
        if kind != "mark" or not isinstance(question, Written):
            raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "That is no mark of this question.")
        if points is not None:
            if not isinstance(points, dict) or not all(map(_number, points.values())):
                raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "Points are numbers.")
            try:
                lines.total(question, points)
            except lines.RubricError as error:
                raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from None
        elif item.part(question.name).lines:  # a comment takes no points away
            points = item.part(question.name).lines
        worth = None if points is None else lines.worth(question)
        return Entry(**base, points=points, comment=comment, of=worth)

    def comments(self, said: dict[str, Any]) -> dict[str, Any]:
        """Add a comment to reuse, or take one out."""
        text = _text(said, "text")
        if not text:
            raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "There is no comment to keep.")
        found = comments.change(self.group.out, text, drop=said.get("drop") is True)
        return {"comments": found}

    def decide(self, said: dict[str, Any]) -> dict[str, Any]:
        """Write the decision about a request for a regrade."""
        found, _ = requests.every(self.group.out)
        request = next((one for one in found if one.name == said.get("request")), None)
        outcome, points = said.get("outcome"), said.get("points")
        if request is None:
            raise Refused(HTTPStatus.NOT_FOUND, "This request is no longer there.")
        good = isinstance(points, dict) and all(map(_number, points.values()))
        if outcome not in ("accepted", "declined") or (outcome == "accepted" and not good):
            raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "Give points for each task.")
        rows = {row.file: row for row in self.group.rows()}
        requests.decide(
            self.group.out, self.group.lab, rows.get(request.data["file"]), request, outcome,
            self.who, _text(said, "why"), points, _text(said, "seen"),
        )
        return {"outcome": outcome}


def _answer(question, item: Item) -> str:
    """What tells an answer from other versions of it; empty for a task with a check."""
    if not isinstance(question, Written):
        return ""
    text = item.row.written.get(question.name)
    return marks.digest(text) if text is not None else "none"


def _text(said: dict[str, Any], name: str, *, optional: bool = False) -> str:
    text = said.get(name, "" if optional else None)
    if not isinstance(text, str):
        raise Refused(HTTPStatus.BAD_REQUEST, f"'{name}' is missing.")
    return clean(text.replace("\r\n", "\n").strip(), LONGEST, lines=True)


def _number(value: object) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _theirs(entries: tuple[Entry, ...]) -> str:
    """Who has written meanwhile."""
    if not entries:
        return "The marks of this answer were taken out of their file meanwhile."
    last = entries[-1]
    return (f"{last.who} has saved this answer meanwhile ({last.when[11:16]}), in another window "
            "or in the file.")


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers one request."""

    server: Server
    server_version, sys_version = "workbook", ""
    timeout = 60

    def log_message(self, *args: object) -> None:
        """Nothing: addresses hold the secret."""

    def do_GET(self) -> None:
        self._answered(self._get)

    def do_POST(self) -> None:
        self._answered(self._post)

    def _answered(self, make) -> None:
        try:
            self._ours()
            status, kind, body = make()
        except Refused as error:
            status, kind, body = error.status, JSON, json.dumps(error.said)
        except (FileError, NoResults, ValueError, OSError) as error:
            status, kind = HTTPStatus.UNPROCESSABLE_ENTITY, JSON
            body = json.dumps({"error": str(error)})
        if kind == JSON and self.command == "GET":  # for people
            kind, body = "text/plain; charset=utf-8", f"{json.loads(body)['error']}\n"
        data = body if isinstance(body, bytes) else body.encode("utf-8", "replace")
        self.send_response(status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _ours(self) -> None:
        """Raises Refused unless Host is ours and the path has the secret."""
        names = [f"{HOST}:{self.server.server_port}", f"localhost:{self.server.server_port}"]
        if self.headers.get_all("Host") not in [[name] for name in names]:
            raise Refused(HTTPStatus.MISDIRECTED_REQUEST, "This server is not for that host.")
        _, secret, *_ = [*urlsplit(self.path).path.split("/", 2), ""]
        if not hmac.compare_digest(secret.encode(), self.server.secret.encode()):
            raise Refused(HTTPStatus.NOT_FOUND, "Open the address that `make mark` has printed.")

    @property
    def _place(self) -> str:
        return urlsplit(self.path).path.removeprefix(f"/{self.server.secret}/")

    def _get(self) -> tuple[HTTPStatus, str, str | bytes]:
        pages, place = self.server.marker.pages, self._place
        asked = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
        if place == "":
            return HTTPStatus.OK, HTML, pages.overview()
        if place == "mark" and asked.get("q") in pages.group.questions:
            if "s" in asked and pages.group.item(asked["q"], asked["s"]) is None:
                raise Refused(HTTPStatus.NOT_FOUND, GONE)
            page = pages.mark(asked["q"], asked.get("s", ""), only_open="open" in asked,
                              anon="anon" in asked)
            return HTTPStatus.OK, HTML, page
        if place == "regrades":
            return HTTPStatus.OK, HTML, pages.regrades()
        if place in FILES:
            kind, path = FILES[place]
            return HTTPStatus.OK, kind, path.read_bytes()
        raise Refused(HTTPStatus.NOT_FOUND, "There is no such page.")

    def _post(self) -> tuple[HTTPStatus, str, str]:
        own = [f"http://{self.headers['Host']}"]
        if self.headers.get_all("Origin", own) != own:
            raise Refused(HTTPStatus.FORBIDDEN, "This came from another page.")
        if self.headers.get_content_type() != JSON:
            raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "JSON is wanted.")
        size = self.headers.get("Content-Length", "")
        if not (size.isascii() and size.isdigit()) or int(size) > LARGEST:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "This is too long to be saved.")
        try:
            said = json.loads(self.rfile.read(int(size)))
        except (ValueError, RecursionError):
            said = None
        act = self.server.actions.get(self._place)
        if not isinstance(said, dict) or act is None:
            raise Refused(HTTPStatus.BAD_REQUEST, "This cannot be understood.")
        with self.server.lock:
            return HTTPStatus.OK, JSON, json.dumps(act(said))


def _katex() -> Path:
    """KaTeX, as it lies in the package that sets the book's formulas."""
    return Path(find_spec("sphinxcontrib.katex").origin).with_name("katex.min.js")


FILES = {
    "mark.css": ("text/css; charset=utf-8", STATIC / "mark.css"),
    "mark.js": ("text/javascript; charset=utf-8", STATIC / "mark.js"),
    "katex.js": ("text/javascript; charset=utf-8", _katex()),
}


class Server(http.server.ThreadingHTTPServer):
    """Serves one class; ``url`` holds the secret."""

    daemon_threads = True

    def __init__(self, group: Group, who: str, port: int = 0) -> None:
        super().__init__((HOST, port), Handler)
        self.secret = secrets.token_urlsafe(24)
        self.marker = Marker(group, who)
        self.lock = threading.Lock()  # marks are saved one by one

    @cached_property
    def actions(self) -> dict[str, Any]:
        """What can be posted, by its place."""
        return {"save": self.marker.save, "comments": self.marker.comments,
                "decide": self.marker.decide}

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_port}/{self.secret}/"
