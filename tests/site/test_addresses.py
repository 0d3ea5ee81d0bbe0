"""One place for the book's addresses; the environment goes first."""

from __future__ import annotations

import pytest

from publish.site.addresses import Addresses
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


def test_colab_opens_notebooks_from_github_only():
    assert Addresses("https://gitlab.com/example/example").colab("x") == ""


def test_half_an_address_is_refused(monkeypatch):
    monkeypatch.setenv("WORKBOOK_SITE", "example.org/book")
    with pytest.raises(ValueError, match="WORKBOOK_SITE"):
        Addresses.from_config({})
