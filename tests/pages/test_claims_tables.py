"""What `make claims` found is committed, belongs to the pages as they are, and is green."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from publish import claims
from publish.pages import code_pages, notebook

ROOT = Path(__file__).resolve().parents[2]


TABLES = sorted(path for path in (ROOT / claims.FOLDER).rglob("*.json"))


def test_there_are_tables():
    assert TABLES


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_claims_hold_where_they_were_tried(path):
    found = json.loads(path.read_text(encoding="utf-8"))
    name = found["page"]
    assert path == claims.path_of(name) and name in code_pages(ROOT)
    again = f"run: make claims PAGE={name}"
    current = claims.code_hash(notebook(ROOT / f"{name}.md"))
    assert found["code"] == current, f"{name} changed since its claims were tried; {again}"
    assert claims.findings(found) == []
    assert {v.name for v in claims.variations()} <= set(found["runs"]), again


def test_the_overview_is_that_of_the_tables():
    text = (ROOT / claims.FOLDER / "README.md").read_text(encoding="utf-8")
    assert text == claims.overview(), "bench/claims/README.md is generated; run: make claims"
