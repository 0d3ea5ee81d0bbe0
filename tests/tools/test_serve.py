"""``make serve``: compression, content types, 404 page, folders, ports, Ctrl-C."""

from __future__ import annotations

import gzip
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from publish.tools import serve

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path):
    """A small built site."""
    root = tmp_path / "html"
    (root / "sub").mkdir(parents=True)
    (root / "index.html").write_text("<p>" + "start " * 400)
    (root / "sub" / "index.html").write_text("<p>sub")
    (root / "404.html").write_text("<p>lost")
    (root / "app.js").write_text("let a = 1;" * 50)
    (root / "font.woff2").write_bytes(bytes(range(256)) * 4)
    for name in ("a.ipynb", "a.whl", "plot.svg"):
        (root / name).write_text("text")
    (tmp_path / "secret.txt").write_text("secret")
    return root


def get(url: str, **headers):
    """Return (status, headers, body) of a GET, whatever the status."""
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def test_text_is_compressed_only_for_who_asks(folder):
    with serve.background(folder) as (url, log):
        _, headers, body = get(f"{url}/", **{"Accept-Encoding": "gzip"})
        _, plain_headers, plain = get(f"{url}/")
    assert headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body) == plain == (folder / "index.html").read_bytes()
    assert plain_headers["Content-Encoding"] is None
    assert (log[0].raw, log[0].sent) == (len(plain), len(body))


@pytest.mark.parametrize(
    ("name", "kind", "packed"),
    [
        ("index.html", "text/html; charset=utf-8", True),
        ("app.js", "text/javascript; charset=utf-8", True),
        ("font.woff2", "font/woff2", False),
        ("a.ipynb", "application/x-ipynb+json; charset=utf-8", True),
        ("a.whl", "application/octet-stream", False),
        ("plot.svg", "image/svg+xml; charset=utf-8", True),
    ],
)
def test_content_types(folder, name, kind, packed):
    with serve.background(folder) as (url, _):
        _, headers, _ = get(f"{url}/{name}", **{"Accept-Encoding": "gzip"})
    assert headers["Content-Type"] == kind
    assert (headers["Content-Encoding"] == "gzip") == packed


@pytest.mark.parametrize("path", ["/nowhere.html", "/../secret.txt", "/%2e%2e/secret.txt"])
def test_missing_and_outside_give_the_404_page(folder, path):
    with serve.background(folder) as (url, _):
        status, headers, body = get(url + path)
    assert (status, body) == (404, b"<p>lost")
    assert headers["Content-Type"].startswith("text/html")


def test_folder_without_slash_is_redirected(folder):
    with serve.background(folder) as (url, log):
        status, _, body = get(f"{url}/sub?q=1")
    assert (status, body) == (200, b"<p>sub")
    assert [hit.status for hit in log] == [301, 200]


def test_unchanged_file_is_not_sent_again_and_changed_one_is(folder):
    with serve.background(folder) as (url, _):
        _, headers, _ = get(f"{url}/app.js")
        since = {"If-Modified-Since": headers["Last-Modified"]}
        assert get(f"{url}/app.js", **since)[0] == 304
        (folder / "app.js").write_text("changed")
        import os

        os.utime(folder / "app.js", (2e9, 2e9))
        assert get(f"{url}/app.js", **since)[2] == b"changed"


def test_head_sends_no_body(folder):
    with serve.background(folder) as (url, _):
        request = urllib.request.Request(f"{url}/", method="HEAD")
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert int(answer.headers["Content-Length"]) > 1000
            assert answer.read() == b""


def test_without_a_built_site_it_says_what_to_do(tmp_path, capsys):
    assert serve.main(["--directory", str(tmp_path)]) == 1
    assert "make book" in capsys.readouterr().err


def test_no_free_port_says_what_to_do(folder, capsys, monkeypatch):
    def taken(site, port):
        raise OSError("in use")

    monkeypatch.setattr(serve, "open_server", taken)
    assert serve.main(["--directory", str(folder)]) == 1
    assert "make serve PORT=" in capsys.readouterr().err


def test_taken_port_gives_the_next_and_ctrl_c_stops(folder):
    with socket.socket() as other:
        other.bind((serve.HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        process = subprocess.Popen(
            [
                sys.executable, "-m", "publish.tools.serve",
                "--directory", folder, "--port", str(port),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert f"Port {port} is in use" in process.stdout.readline()
            lines = [process.stdout.readline() for _ in range(3)]
            address = lines[-1].strip()
            assert get(address)[0] == 200
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=10)
        finally:
            process.kill()
    assert process.returncode == 0
    assert out.endswith("Stopped.\n")
    assert err == ""
