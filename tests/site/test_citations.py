"""References lead somewhere; the memory of citation plug-ins: the same answers, one search each."""

from __future__ import annotations

import re
from pathlib import Path

import pybtex.plugin
import pytest

from publish.site import citations

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def searches(monkeypatch):
    """pybtex as it was installed, with a list of the searches it makes."""
    found = []
    original = getattr(
        pybtex.plugin._load_entry_point, "__wrapped__", pybtex.plugin._load_entry_point
    )

    def search(group, name, use_aliases=False):
        found.append((group, name))
        return original(group, name, use_aliases)

    monkeypatch.setattr(pybtex.plugin, "_load_entry_point", search)
    return found


WANTED = [("pybtex.style.formatting", "plain"), ("pybtex.backends", "html"),
          ("pybtex.style.names", "last_first")]


def test_same_plugins_and_one_search_each(searches):
    before = [pybtex.plugin.find_plugin(*wanted) for wanted in WANTED * 3]
    assert len(searches) == 9
    searches.clear()
    citations.remember_plugins()
    citations.remember_plugins()
    after = [pybtex.plugin.find_plugin(*wanted) for wanted in WANTED * 3]
    assert after == before
    assert searches == WANTED


def test_what_is_missing_stays_an_error_and_can_come_later(searches):
    citations.remember_plugins()
    for _ in range(2):
        with pytest.raises(pybtex.plugin.PluginNotFound):
            pybtex.plugin.find_plugin("pybtex.style.names", "none_such")
    assert len(searches) == 2


@pytest.fixture
def entries():
    """Two entries, one of which lacks a field that its style needs."""
    from pybtex.database import parse_string

    text = "@article{a, title={One}, author={A, B}, journal={J}, year=2000}\n@article{b, year=1}"
    return parse_string(text, "bibtex").entries


@pytest.fixture
def formatting(monkeypatch):
    """The styles as installed; what is replaced in a test is put back after it."""
    from pybtex.style.formatting import BaseStyle

    original = getattr(BaseStyle.format_entry, "__wrapped__", BaseStyle.format_entry)
    calls = []

    def format_entry(self, label, entry, bib_data=None):
        calls.append((label, entry.key))
        return original(self, label, entry, bib_data=bib_data)

    monkeypatch.setattr(BaseStyle, "format_entry", format_entry)
    citations.forget_entries(None)
    return calls


def test_entry_is_formatted_once_for_each_label_and_style(formatting, entries):
    plain = pybtex.plugin.find_plugin("pybtex.style.formatting", "plain")
    alpha = pybtex.plugin.find_plugin("pybtex.style.formatting", "unsrt")
    wanted = [(plain, "1"), (plain, "2"), (alpha, "1")]
    before = [style().format_entry(label, entries["a"]) for style, label in wanted]
    formatting.clear()
    citations.remember_entries()
    citations.remember_entries()
    for _ in range(3):
        after = [style().format_entry(label, entries["a"]) for style, label in wanted]
        assert [(e.key, e.label, str(e.text)) for e in after] == [
            (e.key, e.label, str(e.text)) for e in before
        ]
    assert formatting == [("1", "a"), ("2", "a"), ("1", "a")]
    citations.forget_entries(None)
    plain().format_entry("1", entries["a"])
    assert len(formatting) == 4


def test_entry_with_a_missing_field_fails_each_time(formatting, entries):
    from pybtex.style.template import FieldIsMissing

    style = pybtex.plugin.find_plugin("pybtex.style.formatting", "plain")()
    citations.remember_entries()
    for _ in range(2):
        with pytest.raises(FieldIsMissing):
            style.format_entry("1", entries["b"])


# Old or in print only: no address of them could be confirmed.
WITHOUT = {"alpaydin1998cascading", "anderson1935irises", "novikoff1962convergence",
           "tenenhaus1998regression"}


def test_every_reference_leads_somewhere():
    """A DOI without its prefix, an arXiv number, or a full address."""
    from pybtex.database import parse_file

    entries = parse_file(str(ROOT / "book/references.bib")).entries
    forms = {"doi": r"10\.\d{4,}/\S+", "eprint": r"\d{4}\.\d{4,5}", "url": r"https?://\S+"}
    found = {}
    for name, entry in entries.items():
        fields = {field.lower(): value for field, value in entry.fields.items()}
        found[name] = [fields[kind] for kind in forms if kind in fields]
        for kind, form in forms.items():
            assert kind not in fields or re.fullmatch(form, fields[kind]), (name, fields[kind])
    assert {name for name, links in found.items() if not links} == WITHOUT
