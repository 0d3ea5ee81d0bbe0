"""Serve a built site on 127.0.0.1 as a good web host would: gzip, MIME types, headers, 404 page.

``make serve`` runs ``python -m publish.tools.serve [--port 8000]``. While it runs, the book is
built again whenever one of its files changes, and pages that are open reload themselves. With
``--directory`` a folder is served as it is. Tests and the benchmark use :func:`background`, which
also keeps a log of the requests.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import gzip
import http.server
import io
import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

HOST = "127.0.0.1"
DEFAULT_PORT = 8000
HEADERS = "_headers"  # in the root of a built site: see publish/site/policy.py
ROOT = Path(__file__).resolve().parents[2]

# Not left to the machine's mime.types: some systems call .js text/plain, and browsers then refuse
# to run it as a module.
MIME_TYPES = {
    "": "application/octet-stream",
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
RELOAD = "/_reload"  # of a site that is watched: the number of its build, and the script that asks
RELOAD_SCRIPT = f"""let seen;
for (;;) {{
  const build = await fetch(`{RELOAD}?after=${{seen ?? ''}}`).then(r => r.text(), () => null);
  if (build === null) await new Promise(done => setTimeout(done, 2000));
  else if (seen !== undefined && build !== seen) location.reload();
  else seen = build;
}}
"""


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
    """What a server shares between its request threads: the folder, the log, the gzip cache.

    ``builds`` counts how often it was built while it is served; None if nobody watches its files.
    """

    root: Path
    log: list[Hit] = field(default_factory=list)
    packed: dict[tuple[str, int], bytes] = field(default_factory=dict)
    builds: int | None = None
    built: threading.Condition = field(default_factory=threading.Condition)

    def gzipped(self, path: Path, data: bytes) -> bytes:
        """The gzip form of what a file says, computed once per version of the file."""
        key = (str(path), path.stat().st_mtime_ns)
        if key not in self.packed:
            self.packed[key] = gzip.compress(data, 6, mtime=0)
        return self.packed[key]

    def was_built(self) -> None:
        """Tell all pages that wait."""
        with self.built:
            self.builds += 1
            self.built.notify_all()


class Handler(http.server.SimpleHTTPRequestHandler):
    """The standard library's server of files, with gzip, charset, the site's headers and a log."""

    protocol_version = "HTTP/1.1"
    server_version = "workbook"
    sys_version = ""
    extensions_map = MIME_TYPES
    # One buffered write per answer; Nagle's algorithm would add 40 ms to some of them.
    wbufsize = -1
    disable_nagle_algorithm = True

    def __init__(self, *args, site: Site, **kwargs):
        self.site = site
        super().__init__(*args, directory=str(site.root), **kwargs)

    def guess_type(self, path) -> str:
        """Content type by the name of a file, with the charset where it is text."""
        kind = super().guess_type(path)
        return f"{kind}; charset=utf-8" if is_text(kind) else kind

    def do_GET(self) -> None:
        """A file; or, of a site that is watched, the number of its build."""
        url = urlsplit(self.path)
        if self.site.builds is None or not url.path.startswith(RELOAD):
            super().do_GET()
        elif url.path == RELOAD:
            self._number(url.query.removeprefix("after="))
        else:
            self._send(RELOAD_SCRIPT.encode(), MIME_TYPES[".js"])

    def send_head(self):
        """The headers of a file; what is sent is read here, so that its length is known."""
        self.raw = self.sent = 0
        self.kind = ""
        path = Path(self.translate_path(self.path))
        inside = path.resolve().is_relative_to(self.site.root.resolve())
        if not inside or (path.is_dir() and not (path / "index.html").is_file()):
            return self.send_error(HTTPStatus.NOT_FOUND)
        self.data = None
        file = super().send_head()
        if file is None:  # a redirect, not modified, or an error that was answered
            return None
        file.close()
        return io.BytesIO(self.data)

    def send_response(self, code, message=None) -> None:
        super().send_response(code, message)
        # A reader who rebuilds the book must see the new page: ask again, get 304 if unchanged.
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Vary", "Accept-Encoding")
        for name, value in read_headers(self.site.root).items():
            self.send_header(name, value)

    def send_header(self, keyword: str, value: str) -> None:
        """As always; the type of a file decides whether it is packed, and so its length."""
        if keyword == "Content-type":
            self.kind = value
        elif keyword == "Content-Length" and self.data is None and self.kind:
            value = str(self._read())
        super().send_header(keyword, value)

    def _read(self) -> int:
        """Read the file that is asked for, packed if that is wished; how many bytes to send."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        self.data = path.read_bytes()
        self.raw = len(self.data)
        if self.site.builds is not None and path.suffix == ".html":
            tag = f'<script type="module" src="{RELOAD}.js"></script></body>'.encode()
            self.data = self.data.replace(b"</body>", tag, 1)
        elif is_text(self.kind) and "gzip" in self.headers.get("Accept-Encoding", ""):
            self.data = self.site.gzipped(path, self.data)
            super().send_header("Content-Encoding", "gzip")
        self.sent = len(self.data)
        return self.sent

    def send_error(self, code, message=None, explain=None) -> None:
        """The site's own page for what is not there."""
        page = self.site.root / "404.html"
        if code != HTTPStatus.NOT_FOUND or not page.is_file():
            super().send_error(code, message, explain)
            return
        self.path, self.data = "/404.html", None
        self.send_response(code)
        self.send_header("Content-type", self.guess_type(page))
        self.send_header("Content-Length", "")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(self.data)

    def _send(self, data: bytes, kind: str) -> None:
        """Something that is no file."""
        self.kind, self.data = kind, data
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _number(self, seen: str) -> None:
        """The number of the build, as soon as it is another one than the page has seen."""
        with self.site.built:
            self.site.built.wait_for(lambda: str(self.site.builds) != seen, timeout=20)
            self._send(str(self.site.builds).encode(), MIME_TYPES[".txt"])

    def end_headers(self) -> None:
        super().end_headers()
        path = urlsplit(self.asked).path
        self.site.log.append(Hit(path, self.status, self.raw, self.sent, self.kind))

    def log_request(self, code="-", size="-") -> None:
        """Kept for the log, whose lines are complete when the headers are."""
        self.status = int(code)

    def parse_request(self) -> bool:
        parsed = super().parse_request()
        self.asked, self.raw, self.sent, self.kind, self.data = self.path, 0, 0, "", None
        return parsed

    def log_message(self, format, *args) -> None:
        """Keep the terminal quiet: the log is in ``site.log``."""


def is_text(kind: str) -> bool:
    """Whether a content type is text (fonts and images are compressed already)."""
    bare = kind.split(";")[0]
    return bare.startswith("text/") or bare.endswith(("json", "xml"))


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
    parser.add_argument("--root", type=Path, default=ROOT, help="the book's folder")
    parser.add_argument("--directory", type=Path, help="serve this folder as it is")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    options = parser.parse_args(argv)
    folder = options.directory or options.root / "_build" / "html"
    if not (folder / "index.html").is_file():
        print(f"There is no built site in {folder}. Build it first: make book", file=sys.stderr)
        return 1
    site = Site(folder)
    try:
        server = first_free(site, options.port)
    except OSError as error:
        print(f"Cannot serve: {error}. Choose a port: make serve PORT=9000", file=sys.stderr)
        return 1
    if options.directory is None:
        from . import watch

        site.builds = 0
        threading.Thread(
            target=watch.rebuild, args=(options.root, watch.state(options.root), site.was_built),
            daemon=True,
        ).start()
    address = f"http://{HOST}:{server.server_address[1]}/"
    print(f"Serving {folder}\n\n    {address}\n\nCtrl-C stops it.", flush=True)
    try:
        server.serve_forever(poll_interval=0.2)
    except KeyboardInterrupt:
        print("\nStopped.")
    finally:
        server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
