"""The workflow is valid, publishes with the repository's own addresses, and asks for little."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PATH = ROOT / ".github" / "workflows" / "book.yml"


@pytest.fixture(scope="module")
def workflow() -> dict:
    data = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    data["on"] = data.pop(True)  # YAML 1.1 reads the key "on" as a truth value
    return data


def steps(workflow: dict, job: str) -> list[dict]:
    return workflow["jobs"][job]["steps"]


def index(found: list[dict], text: str) -> int:
    """Position of the one step that uses or runs the text."""
    hits = [i for i, s in enumerate(found) if text in s.get("uses", "") + s.get("run", "")]
    assert len(hits) == 1, (text, hits)
    return hits[0]


def test_pull_requests_only_build_and_test(workflow):
    assert {"push", "pull_request", "workflow_dispatch"} == set(workflow["on"])
    assert "github.event_name != 'pull_request'" in workflow["env"]["PUBLISH"]
    assert "default_branch" in workflow["env"]["PUBLISH"]
    found = steps(workflow, "build")
    test = index(found, "make test")
    assert all("if" not in step for step in found[: test + 1])
    assert all("if" in step for step in found[test + 1 :])
    assert workflow["jobs"]["deploy"]["needs"] == "build"
    assert "publish" in workflow["jobs"]["deploy"]["if"]


def test_the_book_is_tested_before_it_is_published(workflow):
    found = steps(workflow, "build")
    order = [index(found, text) for text in (
        "actions/checkout", "actions/setup-python", "make test", "configure-pages", "make book",
        "upload-pages-artifact",
    )]
    assert order == sorted(order)


def test_addresses_are_those_of_the_repository(workflow):
    found = steps(workflow, "build")
    env = found[index(found, "make book")]["env"]
    assert env["WORKBOOK_REPOSITORY"] == "${{ github.server_url }}/${{ github.repository }}"
    assert env["WORKBOOK_SITE"] == "${{ steps.pages.outputs.base_url }}"
    assert env["WORKBOOK_BRANCH"] == "${{ github.ref_name }}"
    assert found[index(found, "configure-pages")]["id"] == "pages"
    # pages written without an address must not be left over
    assert "rm -rf _build/html" in found[index(found, "make book")]["run"]
    assert found[index(found, "upload-pages-artifact")]["with"]["path"] == "_build/html"


def test_colab_gets_the_notebooks_that_know_the_site(workflow):
    build, deploy = steps(workflow, "build"), steps(workflow, "deploy")
    branch = build[index(build, "make book")]["env"]["WORKBOOK_NOTEBOOKS_BRANCH"]
    push = deploy[index(deploy, "git init")]["run"]
    assert f"--initial-branch {branch}" in push
    assert branch in workflow["on"]["push"]["branches-ignore"]
    kept = build[index(build, "actions/upload-artifact")]["with"]
    got = deploy[index(deploy, "download-artifact")]["with"]
    assert kept["name"] == got["name"]
    assert (kept["path"], got["path"]) == ("_build/html/notebooks", "notebooks")


def test_permissions_are_small(workflow):
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["jobs"]["build"]["permissions"] == {"contents": "read", "pages": "read"}
    assert workflow["jobs"]["deploy"]["permissions"] == {
        "contents": "write", "pages": "write", "id-token": "write",
    }


def test_actions_have_a_major_version_and_jobs_a_limit(workflow):
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 60
        for step in job["steps"]:
            if "uses" in step:
                assert re.fullmatch(r"actions/[a-z-]+@v\d+", step["uses"]), step["uses"]


def test_untrusted_text_never_reaches_a_shell(workflow):
    """Branch names and titles are chosen by strangers; commands get them as variables at most."""
    for job in workflow["jobs"].values():
        for step in job["steps"]:
            assert "${{" not in step.get("run", ""), step


def test_no_repository_is_named(workflow):
    text = PATH.read_text(encoding="utf-8")
    assert ".github.io" not in text
    assert re.findall(r"https://[^\s\"]+", text) == []
