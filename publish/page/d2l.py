"""Sections and exercise counts of d2l, and the chapter folders that follow them.

The facts stand in ``d2l_sections.tsv``: edition (zh: Chinese 2.0, en: English 1.0), section,
number of exercises, title. The preface, which has no number there, is section 0.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .numbers import section_of, sort_key

EDITIONS = {"zh": "Chinese edition 2.0", "en": "English edition 1.0"}

# Folders below book/, one a chapter, in the order of the Chinese edition. A page may name a
# page of these as needed before it exists; a link appears when it does.
CHAPTERS = {
    1: "ch01_introduction",
    2: "ch02_preliminaries",
    3: "ch03_linear_networks",
    4: "ch04_multilayer_perceptrons",
    5: "ch05_computation",
    6: "ch06_convolutional_networks",
    7: "ch07_modern_convolutional_networks",
    8: "ch08_recurrent_networks",
    9: "ch09_modern_rnn",
    10: "ch10_attention",
    11: "ch11_optimization",
    12: "ch12_performance",
    13: "ch13_computer_vision",
    14: "ch14_nlp_pretraining",
    15: "ch15_nlp_applications",
    16: "ch16_tools",
}


@dataclass(frozen=True)
class Section:
    """One section of d2l with exercises 1 to ``exercises``."""

    edition: str
    number: str
    exercises: int
    title: str


@cache
def sections() -> dict[tuple[str, str], Section]:
    """All sections of both editions, by (edition, number)."""
    path = Path(__file__).with_name("d2l_sections.tsv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        found = [
            Section(row["edition"], row["section"], int(row["exercises"]), row["title"])
            for row in rows
        ]
    return {(s.edition, s.number): s for s in found}


def problem(edition: str, number: str) -> str | None:
    """Say why an exercise number cannot exist; None if it does."""
    section = sections().get((edition, section_of(number)))
    if section is None:
        return f"d2l ({EDITIONS[edition]}) has no section {section_of(number) or number}"
    last = sort_key(number)[-1]
    if 1 <= last <= section.exercises:
        return None
    count = f"exercises 1 to {section.exercises}" if section.exercises else "no exercises"
    return f"section {section.number} of d2l ({EDITIONS[edition]}) has {count}, not {last}"
