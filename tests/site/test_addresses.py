"""One place for the book's addresses; the environment goes first."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from publish.site.addresses import Addresses, pull
from tests.kit.small_book import without_addresses

CONFIG = """
sphinx:
  config:
    workbook_repository: https://github.com/example/example/
    workbook_site: ""
"""


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    without_addresses(monkeypatch)


def test_from_the_configuration(tmp_path):
    (tmp_path / "_config.yml").write_text(CONFIG)
    addresses = Addresses.load(tmp_path)
    assert addresses == Addresses("https://github.com/example/example", "main", "")


def test_reports_go_to_the_repository():
    page = "6.2 What & why?"
    assert Addresses().report(page) == ""
    assert Addresses("https://github.com/a/b").report(page) == (
        "https://github.com/a/b/issues/new?title=Error%20in%206.2%20What%20%26%20why%3F")
    assert Addresses("https://git.example.org/a/b").report(page) == (
        "https://git.example.org/a/b/issues")


def test_environment_goes_first(tmp_path, monkeypatch):
    (tmp_path / "_config.yml").write_text(CONFIG)
    monkeypatch.setenv("WORKBOOK_REPOSITORY", "https://github.com/fork/book")
    monkeypatch.setenv("WORKBOOK_BRANCH", "trunk")
    addresses = Addresses.load(tmp_path)
    assert addresses.colab("ch06/page") == (
        "https://colab.research.google.com/github/fork/book/blob/trunk/notebooks/ch06/page.ipynb"
    )
    assert addresses.source("book/ch06/page") == (
        "https://github.com/fork/book/blob/trunk/book/ch06/page.md"
    )


def test_published_notebooks_may_have_a_branch_of_their_own(monkeypatch):
    monkeypatch.setenv("WORKBOOK_REPOSITORY", "https://github.com/fork/book")
    monkeypatch.setenv("WORKBOOK_NOTEBOOKS_BRANCH", "published")
    addresses = Addresses.from_config({})
    assert "/blob/published/notebooks/x.ipynb" in addresses.colab("x")
    assert "/blob/main/book/x.md" in addresses.source("book/x")


def test_without_addresses_there_are_no_links(tmp_path):
    addresses = Addresses.load(tmp_path)
    assert addresses == Addresses()
    assert addresses.colab("x") == addresses.source("x") == ""
    assert addresses.in_hub("x") == addresses.in_binder("x") == ""


def test_a_hub_needs_both_addresses(monkeypatch):
    assert Addresses(hub="https://hub.example.org").in_hub("x") == ""
    assert Addresses("https://github.com/a/b").in_hub("x") == ""
    assert Addresses(binder="https://binder.example.org").in_binder("x") == ""
    assert Addresses("https://gitlab.com/a/b", binder="https://b.example.org").in_binder("x") == ""
    monkeypatch.setenv("WORKBOOK_HUB", "hub.example.org")
    with pytest.raises(ValueError, match="WORKBOOK_HUB"):
        Addresses.from_config({})


@pytest.mark.parametrize(("repository", "branch", "folder"), [
    ("https://github.com/a/b", "main", "b"),
    ("https://git.example.org/~me/course.git", "fall/2026&x=1", "course.git"),
    ("https://github.com/a/学习", "a+b c#d", "学习"),
])  # fmt: skip
def test_what_a_hub_reads_from_its_link(repository, branch, folder):
    """nbgitpuller clones into a folder that is called as the last part of the address."""
    link = pull("https://hub.example.org/base", repository, branch, "a b/ü & c.ipynb")
    assert link.isascii()
    parts = urlsplit(link)
    assert parts.path == "/base/hub/user-redirect/git-pull" and not parts.fragment
    assert parse_qs(parts.query, strict_parsing=True) == {
        "repo": [repository], "branch": [branch], "urlpath": [f"lab/tree/{folder}/a b/ü & c.ipynb"],
    }  # fmt: skip


def test_published_notebooks_for_a_hub_but_not_for_binder():
    """Their branch holds no configuration of Binder."""
    addresses = Addresses("https://github.com/a/b", "x/y", "", "published", *2 * ["https://h.org"])
    assert addresses.in_hub("n").endswith("&branch=published")
    assert addresses.in_binder("n").startswith("https://h.org/v2/gh/a/b/x%2Fy?urlpath=lab%2F")


def test_colab_opens_notebooks_from_github_only():
    assert Addresses("https://gitlab.com/example/example").colab("x") == ""


def test_half_an_address_is_refused(monkeypatch):
    monkeypatch.setenv("WORKBOOK_SITE", "example.org/book")
    with pytest.raises(ValueError, match="WORKBOOK_SITE"):
        Addresses.from_config({})
