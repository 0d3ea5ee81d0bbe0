"""Every family: fifty problems proved, and the faults of its own list found."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from publish import practice
from publish.practice import proof
from tests.practice.copies import broken

SEEDS = 50
FAULTY = 8  # problems of each level in which a fault must show
NAMES = practice.names()


def mutants(name: str) -> list[tuple[str, str, str]]:
    return importlib.import_module(f"tests.practice.families.{name}").MUTANTS


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_fifty_problems(name):
    line, wrong = proof.prove_family(name, SEEDS)
    assert not wrong, "\n".join([line, *wrong[:20]])


def test_every_family_has_its_files():
    here = Path(__file__).parent
    for folder in (practice.SOURCES.parents[1] / "publish/practice/confirm", here / "families"):
        stems = {path.stem for path in folder.glob("*.py")} - {"__init__"}
        assert stems == set(NAMES), f"{folder}: {stems ^ set(NAMES)}"
    for name, about in practice.families().items():
        assert about["name"] == name
        assert about["levels"].keys() == about["minutes"].keys()
        assert set(about["levels"]) == set(range(1, len(about["levels"]) + 1))
        assert len(mutants(name)) >= 3, name
        assert (here.parents[1] / f"book/{about['page']}.md").is_file(), name


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_each_fault_is_found(name, tmp_path):
    unnoticed = []
    for k, (fault, old, new) in enumerate(mutants(name)):
        sources = broken(tmp_path / str(k), f"families/{name}.js", old, new)
        try:
            _, wrong = proof.prove_family(name, FAULTY * 3, sources)
        except practice.PracticeError as error:
            if "attempts" not in str(error):  # too few slips or numbers in bounds is a finding
                unnoticed.append(f"{fault}: {error}")
            continue
        if not wrong:
            unnoticed.append(fault)
    assert not unnoticed
