"""What `make claims` found is committed, belongs to the pages as they are, and is green."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from publish.page.contents import code_pages
from publish.tools import claims

ROOT = Path(__file__).resolve().parents[2]


PAGES = code_pages(ROOT)
TORCH = ("torch 2.2.2", "torch 2.6.0")  # older ones, of which each page is tried with one


@pytest.mark.parametrize("name", PAGES)
def test_claims_hold_where_they_were_tried(name):
    again = f"run: make claims PAGE={name} TORCH=2.2.2 (2.6.0 for a page with transformers)"
    path = claims.path_of(name)
    assert path.is_file(), f"the claims of {name} were never tried; {again}"
    found = json.loads(path.read_text(encoding="utf-8"))
    assert claims.current(name), f"{name} changed since its claims were tried; {again}"
    assert claims.findings(found) == []
    assert {v.name for v in claims.variations()} <= set(found["runs"]), again
    assert set(TORCH) & set(found["runs"]), again


def test_no_table_is_left_of_a_page_that_is_gone():
    there = set((ROOT / claims.FOLDER).rglob("*.json"))
    assert there == {claims.path_of(name) for name in PAGES}


def test_the_overview_is_that_of_the_tables():
    text = (ROOT / claims.FOLDER / "README.md").read_text(encoding="utf-8")
    assert text == claims.overview(), "bench/claims/README.md is generated; run: make claims"
