"""The workflow is valid, publishes with the repository's own addresses, and asks for little."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from publish.site.addresses import Addresses

ROOT = Path(__file__).resolve().parents[2]
PATH = ROOT / ".github" / "workflows" / "book.yml"


@pytest.fixture(scope="module")
def workflow() -> dict:
    data = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    data["on"] = data.pop(True)  # YAML 1.1 reads the key "on" as a truth value
    return data


def steps(workflow: dict, job: str) -> list[dict]:
    return workflow["jobs"][job]["steps"]


def does(step: dict) -> str:
    """What a step uses or runs."""
    return step.get("uses", "") + step.get("run", "")


def one(found: list[dict], text: str) -> dict:
    """The one step that uses or runs the text."""
    (step,) = [step for step in found if text in does(step)]
    return step


def value(expression: str, context: dict[str, str]):
    """What an expression of GitHub's gives; the workflow knows names, strings, ==, != and &&."""

    def word(match: re.Match) -> str:
        found = match.group()
        return found if found[0] == "'" or found == "and" else repr(context.get(found, ""))

    return eval(re.sub(r"'[^']*'|[A-Za-z_][\w.]*", word, expression.replace("&&", " and ")))


def filled(text: str, context: dict[str, str]) -> str:
    """A text with its expressions in place."""

    def put(match: re.Match) -> str:
        found = value(match[1].strip(), context)
        return str(found).lower() if isinstance(found, bool) else found

    return re.sub(r"\$\{\{(.*?)\}\}", put, text)


@dataclass
class Run:
    """What a run does: the steps of its job `build` with their variables, and if it deploys."""

    steps: list[dict]
    deploys: bool

    def done(self) -> str:
        return "\n".join(map(does, self.steps))


def run(workflow: dict, event: str = "push", branch: str = "main", pages: bool = True) -> Run:
    """Play the run of an event in a fork; pages: whether Pages is set up there."""
    context = {
        "github.event_name": event, "github.ref_name": branch,
        "github.event.repository.default_branch": "main", "github.server_url": "https://github.com",
        "github.repository": "someone/book",
    }
    context["env.PUBLISH"] = filled(workflow["env"]["PUBLISH"], context)
    made = []
    for step in steps(workflow, "build"):
        runs = "if" not in step or value(step["if"], context)
        fails = "configure-pages" in does(step) and not pages
        outcome = "skipped" if not runs else "failure" if fails else "success"
        context[f"steps.{step.get('id')}.outcome"] = outcome
        if outcome == "success":
            context[f"steps.{step.get('id')}.outputs.base_url"] = "https://someone.github.io/book"
            env = {name: filled(text, context) for name, text in step.get("env", {}).items()}
            made.append(step | {"env": env})
        assert outcome != "failure" or step["continue-on-error"]
    context["needs.build.outputs.publish"] = filled(
        workflow["jobs"]["build"]["outputs"]["publish"], context
    )
    return Run(made, value(workflow["jobs"]["deploy"]["if"], context))


@pytest.mark.parametrize(("event", "branch"), [
    ("pull_request", "main"), ("pull_request", "7/merge"), ("push", "idea"),
    ("workflow_dispatch", "idea"),
])
def test_what_is_not_the_default_branch_is_only_tested(workflow, event, branch):
    found = run(workflow, event, branch)
    assert does(found.steps[-1]) == "make test" and not found.deploys
    assert set(workflow["on"]) == {"push", "pull_request", "workflow_dispatch"}


@pytest.mark.parametrize("event", ["push", "workflow_dispatch"])
def test_the_book_is_tested_before_it_is_published(workflow, event):
    found = run(workflow, event)
    order = [found.done().index(text) for text in (
        "actions/checkout", "actions/setup-python", "make test", "configure-pages", "make book",
        "upload-pages-artifact",
    )]
    assert order == sorted(order) and found.deploys
    assert workflow["jobs"]["deploy"]["needs"] == "build"


def test_a_fork_without_pages_is_told_so_and_publishes_nothing(workflow):
    found = run(workflow, pages=False)
    assert "Settings > Pages" in does(found.steps[-1]) and not found.deploys


def test_addresses_are_those_of_the_repository(workflow, monkeypatch):
    book = one(run(workflow).steps, "make book")
    for name, text in book["env"].items():
        monkeypatch.setenv(name, text)
    there = Addresses.load(ROOT)
    assert there.source("index") == "https://github.com/someone/book/blob/main/index.md"
    assert there.site == "https://someone.github.io/book"
    # pages written without an address must not be left over
    assert "rm -rf _build/html" in book["run"]
    assert one(run(workflow).steps, "upload-pages-artifact")["with"]["path"] == "_build/html"


def test_colab_gets_the_notebooks_that_know_the_site(workflow, monkeypatch, tmp_path):
    """The script pushes into a repository of its own here; the Colab link must lead there."""
    build, deploy = run(workflow).steps, steps(workflow, "deploy")
    kept = one(build, "actions/upload-artifact")["with"]
    got = one(deploy, "download-artifact")["with"]
    assert kept["name"] == got["name"] and kept["path"] == "_build/html/notebooks"
    for name, text in one(build, "make book")["env"].items():
        monkeypatch.setenv(name, text)
    link = Addresses.load(ROOT).colab("ch01/page")
    there, work = tmp_path / "there.git", tmp_path / "work"
    (work / got["path"] / "ch01").mkdir(parents=True)
    (work / got["path"] / "ch01" / "page.ipynb").write_text("{}")
    git = ["git", "-C", str(there)]
    subprocess.run(["git", "init", "--quiet", "--bare", str(there)], check=True)
    environment = os.environ | {"TOKEN": "t", "REMOTE": str(there), "GITHUB_SHA": "1"}
    script = one(deploy, "git init")["run"]
    subprocess.run(["bash", "-e", "-c", script], cwd=work, env=environment, check=True)
    branch, path = link.partition("/blob/")[2].split("/", 1)
    shown = subprocess.run([*git, "show", f"{branch}:{path}"], capture_output=True, text=True)
    assert shown.stdout == "{}", shown.stderr
    assert branch in workflow["on"]["push"]["branches-ignore"]  # it starts no run itself


def test_only_what_publishes_may_write(workflow):
    writers = {
        name for name, job in workflow["jobs"].items()
        if "write" in job.get("permissions", workflow["permissions"]).values()
    }
    assert writers == {"deploy"} and not run(workflow, "pull_request").deploys
    assert "write" not in workflow["permissions"].values()


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
