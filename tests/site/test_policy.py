"""The Content-Security-Policy: made from the pages that were built, sent, and put into tags."""

from __future__ import annotations

import base64
import hashlib
import urllib.request

import pytest

from publish.site import policy
from publish.tools import serve
from tests.kit.small_book import build, page, without_addresses

PAGES = {"index": page("# The Book\n\nText.\n"), "other": page("# Other\n\nText.\n")}
MODULES = ("facts", "numbering", "theme", "search", "seo", "policy")
HEAD = '<html><head><meta charset="utf-8">\n<title>T</title>'


def sha(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@pytest.fixture
def no_address(monkeypatch):
    without_addresses(monkeypatch)


@pytest.mark.parametrize(
    ("html", "scripts"),
    [
        ("<script>a()</script><SCRIPT type='module'>\nb()\n</SCRIPT>", ["a()", "\nb()\n"]),
        ('<script src="x.js"></script><script defer src=y.js></script>', []),
        ('<script type="application/json">{}</script><script type=text/plain>c</script>', []),
        ("<script data-x='src'>a < b</script>", ["a < b"]),
        ("<p>&lt;script&gt;a&lt;/script&gt;</p>", []),
    ],
)
def test_inline_scripts_are_those_that_a_browser_runs(html, scripts):
    assert policy.inline_scripts(html) == scripts
    assert policy.inline_hashes(html) == {sha(text) for text in scripts}


def test_policy_follows_what_is_built(tmp_path):
    """Another script, another hash; a script that is gone leaves none behind."""
    path = tmp_path / "index.html"
    path.write_text(HEAD + "<script>one()</script>")
    policy.write(tmp_path, tags=True)
    first = serve.read_headers(tmp_path)[policy.NAME]
    assert sha("one()") in first and sha("one()") in path.read_text()
    path.write_text(path.read_text().replace("one()", "two()"))
    policy.write(tmp_path, tags=True)
    second = serve.read_headers(tmp_path)[policy.NAME]
    assert sha("two()") in second and sha("one()") not in second
    assert path.read_text().count("http-equiv") == 1 and sha("one()") not in path.read_text()
    policy.write(tmp_path, tags=False)
    assert path.read_text() == HEAD + "<script>two()</script>"


def test_unchanged_pages_are_not_written_again(tmp_path):
    path = tmp_path / "index.html"
    path.write_text(HEAD)
    policy.write(tmp_path, tags=True)
    before = path.stat().st_mtime_ns
    policy.write(tmp_path, tags=True)
    assert path.stat().st_mtime_ns == before


def test_policy_is_strict():
    value = policy.policy({"sha256-x="}, header=True)
    rules = dict(rule.split(" ", 1) for rule in value.split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert rules["script-src"] == "'self' 'wasm-unsafe-eval' 'sha256-x='"
    assert "unsafe-inline" not in rules["script-src"] and "unsafe-eval" not in value.replace(
        "wasm-unsafe-eval", ""
    )
    assert not any(mark in value for mark in ("*", "http:", "https:", "blob:"))
    tag = policy.policy({"sha256-x="}, header=False)
    assert f"{tag}; frame-ancestors 'none'" == value  # which a tag cannot carry


def test_build_writes_headers_for_all_pages_and_no_tags_without_an_address(tmp_path, no_address):
    built = build(tmp_path, PAGES, MODULES)
    value = serve.read_headers(built.out)[policy.NAME]
    for name in (*PAGES, "search", "404"):
        hashes = policy.inline_hashes(built.html(name))
        assert hashes and all(one in value for one in hashes), name
        assert "http-equiv" not in built.html(name)


def test_published_pages_carry_their_own_policy_before_any_script(
    tmp_path, no_address, monkeypatch
):
    monkeypatch.setenv("WORKBOOK_SITE", "https://example.github.io/book")
    built = build(tmp_path, PAGES, MODULES)
    for name in (*PAGES, "search", "404"):
        html = built.html(name)
        value = policy.policy(policy.inline_hashes(html), header=False)
        assert html.count(f'<meta http-equiv="{policy.NAME}" content="{value}">') == 1, name
        assert html.index("http-equiv") < min(html.index("<script"), html.index("<title"))
    # The next build writes only what has changed, and every page keeps its tag.
    build(tmp_path, {**PAGES, "other": page("# Other\n\nMore text.\n")}, MODULES)
    assert all(built.html(name).count("http-equiv") == 1 for name in PAGES)


def test_server_sends_the_headers_with_every_answer(tmp_path):
    (tmp_path / "index.html").write_text(HEAD + "<script>one()</script>")
    policy.write(tmp_path, tags=False)
    with serve.background(tmp_path) as (url, _):
        for path in ("/", "/_headers"):
            with urllib.request.urlopen(url + path, timeout=10) as answer:
                assert sha("one()") in answer.headers[policy.NAME]
                assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_folder_without_headers_is_served_as_it_is(tmp_path):
    (tmp_path / "index.html").write_text(HEAD)
    with serve.background(tmp_path) as (url, _), urllib.request.urlopen(url, timeout=10) as answer:
        assert answer.headers[policy.NAME] is None
