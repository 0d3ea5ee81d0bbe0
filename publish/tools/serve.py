"""Serve a built site on 127.0.0.1 as a good web host would: gzip, MIME types, headers, 404 page.

``make serve`` runs ``python -m publish.tools.serve [--directory _build/html] [--port 8000]``.
Tests and the benchmark use :func:`background`, which also keeps a log of the requests.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import gzip
import http.server
import mimetypes
import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import formatdate, parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from urllib.parse import unquote, urlsplit

HOST = "127.0.0.1"
DEFAULT_PORT = 8000
HEADERS = "_headers"  # in the root of a built site: see publish/site/policy.py
ROOT = Path(__file__).resolve().parents[2]

# Not left to the machine's mime.types: some systems call .js text/plain, and browsers then refuse
# to run it as a module.
MIME_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".inv": "application/octet-stream",
    ".ipynb": "application/x-ipynb+json",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".whl": "application/octet-stream",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
}
COMPRESSED = {
    "application/json",
    "application/manifest+json",
    "application/wasm",
    "application/x-ipynb+json",
    "application/xml",
    "image/svg+xml",
}


def mime_type(path: str | Path) -> str:
    """Return the content type of a file by its name, with the charset where it is text."""
    suffix = Path(path).suffix.lower()
    kind = MIME_TYPES.get(suffix) or mimetypes.guess_type(str(path))[0]
    kind = kind or "application/octet-stream"
    text = kind.startswith("text/") or kind.endswith("json") or kind.endswith("xml")
    return f"{kind}; charset=utf-8" if text else kind


def is_compressible(kind: str) -> bool:
    """Tell whether a good host would gzip this content type (fonts and images are compressed)."""
    bare = kind.split(";")[0]
    return bare.startswith("text/") or bare in COMPRESSED


def read_headers(root: Path) -> dict[str, str]:
    """The headers that a built site asks for (below ``/*`` in ``_headers``); empty if none."""
    path = root / HEADERS
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    given = [line.strip() for line in lines if line.startswith(" ") and ": " in line]
    return dict(line.split(": ", 1) for line in given)


@dataclass
class Hit:
    """One answered request: path without query, status, bytes before and after gzip."""

    path: str
    status: int
    raw: int
    sent: int
    kind: str


@dataclass
class Site:
    """What a server shares between its request threads: the folder, the log, the gzip cache."""

    root: Path
    log: list[Hit] = field(default_factory=list)
    packed: dict[tuple[str, int], bytes] = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, str]:
        """What the build asks to send with every answer, read anew: a rebuild may change it."""
        return read_headers(self.root)

    def find(self, url_path: str) -> Path | None:
        """Map a URL path to a file of the site; None if there is none or it lies outside."""
        target = (self.root / unquote(url_path).lstrip("/")).resolve()
        if target.is_dir():
            target = target / "index.html"
        if not target.is_file() or not target.is_relative_to(self.root.resolve()):
            return None
        return target

    def gzipped(self, path: Path, data: bytes) -> bytes:
        """Return the file's gzip form, computed once per version of the file."""
        key = (str(path), path.stat().st_mtime_ns)
        if key not in self.packed:
            self.packed[key] = gzip.compress(data, 6, mtime=0)
        return self.packed[key]


class Handler(http.server.BaseHTTPRequestHandler):
    """GET and HEAD of the files of one :class:`Site`."""

    protocol_version = "HTTP/1.1"
    server_version = "workbook"
    sys_version = ""
    # One buffered write per answer; Nagle's algorithm would add 40 ms to some of them.
    wbufsize = -1
    disable_nagle_algorithm = True

    def __init__(self, *args, site: Site, **kwargs):
        self.site = site
        super().__init__(*args, **kwargs)

    def do_GET(self) -> None:
        """Answer with the file, its gzip form, 304, a redirect to a folder, or the 404 page."""
        url = urlsplit(self.path)
        path = self.site.find(url.path)
        if path is None:
            self._missing(url.path)
            return
        if path.name == "index.html" and not url.path.endswith(("/", "index.html")):
            # Relative links of the page would otherwise resolve one level too high.
            query = f"?{url.query}" if url.query else ""
            target = f"{url.path}/{query}"
            self._answer(url.path, HTTPStatus.MOVED_PERMANENTLY, b"", location=target)
            return
        modified = int(path.stat().st_mtime)
        if self._is_fresh(modified):
            self._answer(url.path, HTTPStatus.NOT_MODIFIED, b"")
            return
        self._send_file(url.path, path, HTTPStatus.OK, modified)

    do_HEAD = do_GET

    def _missing(self, url_path: str) -> None:
        page = self.site.root / "404.html"
        if page.is_file():
            self._send_file(url_path, page, HTTPStatus.NOT_FOUND, None)
        else:
            body = b"<!doctype html><title>404</title><p>No such page."
            self._answer(url_path, HTTPStatus.NOT_FOUND, body, kind="text/html; charset=utf-8")

    def _is_fresh(self, modified: int) -> bool:
        since = self.headers.get("If-Modified-Since")
        if not since:
            return False
        try:
            return int(parsedate_to_datetime(since).timestamp()) >= modified
        except (TypeError, ValueError):
            return False

    def _send_file(self, url_path, path, status, modified) -> None:
        data = path.read_bytes()
        kind = mime_type(path)
        packed = None
        if is_compressible(kind) and "gzip" in self.headers.get("Accept-Encoding", ""):
            packed = self.site.gzipped(path, data)
        self._answer(url_path, status, data, packed=packed, kind=kind, modified=modified)

    def _answer(self, url_path, status, data, *, packed=None, kind="", modified=None, location=""):
        body = data if packed is None else packed
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        if packed is not None:
            self.send_header("Content-Encoding", "gzip")
        if modified is not None:
            self.send_header("Last-Modified", formatdate(modified, usegmt=True))
        if location:
            self.send_header("Location", location)
        # A reader who rebuilds the book must see the new page: ask again, get 304 if unchanged.
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Vary", "Accept-Encoding")
        for name, value in self.site.headers.items():
            self.send_header(name, value)
        if status != HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and status != HTTPStatus.NOT_MODIFIED:
            self.wfile.write(body)
        self.site.log.append(Hit(url_path, int(status), len(data), len(body), kind))

    def log_message(self, format, *args) -> None:
        """Keep the terminal quiet: the log is in ``site.log``."""


class Server(http.server.ThreadingHTTPServer):
    """Threads die with the program; a browser that closes early is no error."""

    daemon_threads = True
    # On Windows this option would let a second server take a port that is in use.
    allow_reuse_address = os.name != "nt"

    def handle_error(self, request, client_address) -> None:
        """Stay silent when the browser went away; report anything else."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


def open_server(site: Site, port: int) -> Server:
    """Bind a server to 127.0.0.1:port (0: any free one); OSError if the port is taken."""
    return Server((HOST, port), functools.partial(Handler, site=site))


@contextlib.contextmanager
def background(root: str | Path, port: int = 0) -> Iterator[tuple[str, list[Hit]]]:
    """Serve a folder from a thread; yields its base URL (no slash at the end) and its log."""
    site = Site(Path(root))
    server = open_server(site, port)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_address[1]}", site.log
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


def first_free(site: Site, port: int, tries: int = 20) -> Server:
    """Bind to the first free port from ``port`` on; OSError if none of ``tries`` is free."""
    for candidate in range(port, port + tries):
        try:
            server = open_server(site, candidate)
        except OSError:
            continue
        if candidate != port:
            print(f"Port {port} is in use by another program, so this is port {candidate}.")
        return server
    raise OSError(f"no free port between {port} and {port + tries - 1}")


def main(argv: list[str] | None = None) -> int:
    """Serve until Ctrl-C; returns the exit status (1: nothing to serve or no port)."""
    parser = argparse.ArgumentParser(prog="python -m publish.tools.serve", description=__doc__)
    parser.add_argument("--directory", type=Path, default=ROOT / "_build" / "html")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    options = parser.parse_args(argv)
    root = options.directory
    if not (root / "index.html").is_file():
        print(f"There is no built site in {root}. Build it first: make book", file=sys.stderr)
        return 1
    try:
        server = first_free(Site(root), options.port)
    except OSError as error:
        print(f"Cannot serve: {error}. Choose a port: make serve PORT=9000", file=sys.stderr)
        return 1
    address = f"http://{HOST}:{server.server_address[1]}/"
    print(f"Serving {root}\n\n    {address}\n\nCtrl-C stops it.", flush=True)
    try:
        server.serve_forever(poll_interval=0.2)
    except KeyboardInterrupt:
        print("\nStopped.")
    finally:
        server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
