"""Links that open pages and assignments in a JupyterHub."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from publish.tools import hub
from tests.kit.small_book import without_addresses

HUB, BOOK = "https://hub.example.org", "https://git.example.org/a/book"


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    without_addresses(monkeypatch)


def _links(capsys, *arguments) -> dict[str, str]:
    assert hub.main(list(arguments)) == 0
    lines = capsys.readouterr().out.splitlines()
    opened = {}
    for name, link in (line.split("\t") for line in lines):
        parts = urlsplit(link)
        assert parts.netloc == "hub.example.org" and parts.path.endswith("/git-pull")
        (opened[name],) = parse_qs(parts.query)["urlpath"]
    return opened


def test_each_page_with_a_notebook(capsys):
    opened = _links(capsys, HUB, "--repository", f"{BOOK}/")
    notebooks = {path.relative_to(hub.ROOT / "notebooks").with_suffix("").as_posix()
                 for path in (hub.ROOT / "notebooks").rglob("*.ipynb")}
    assert opened == {name: f"lab/tree/book/notebooks/{name}.ipynb" for name in notebooks}


def test_each_assignment(capsys, tmp_path):
    (tmp_path / "assignments").mkdir()
    for name in ("lab6", "week06_convolution"):
        (tmp_path / "assignments" / f"{name}.yml").write_text("title: x\n")
    asked = ["--assignments", "https://git.example.org/me/course", "--root", str(tmp_path)]
    assert _links(capsys, HUB, *asked) == {
        name: f"lab/tree/course/{name}/{name}.ipynb" for name in ("lab6", "week06_convolution")
    }


def test_no_link_opens_one_notebook_for_all_where_each_has_another(capsys, tmp_path):
    (tmp_path / "assignments").mkdir()
    (tmp_path / "assignments" / "lab6.yml").write_text("title: x\n")
    (tmp_path / "assignments" / "own.yml").write_text("practice: {rnn_step.2.student: 3}\n")
    (tmp_path / "assignments" / "vary.yml").write_text("pages: [{vary: {ex-a: pooling.3}}]\n")
    (tmp_path / "assignments" / "broken.yml").write_text("title: a: b\n")
    asked = [HUB, "--assignments", "https://git.example.org/me/course", "--root", str(tmp_path)]
    assert hub.main(asked) == 0
    out, error = capsys.readouterr()
    assert [line.split("\t")[0] for line in out.splitlines()] == ["broken", "lab6"]
    assert "No link for vary: its" in error
    assert "No link for own: its problems have other numbers for each student" in error


@pytest.mark.parametrize(("arguments", "said"), [
    ([], "no address of the JupyterHub"),
    (["hub.example.org"], "'hub.example.org' is no address of the JupyterHub"),
    (["https://h.org/hub?next=1"], "is no address of the JupyterHub"),
    ([HUB], "no address of the book's repository. Give --repository, or WORKBOOK_REPOSITORY"),
    ([HUB, "--assignments", "course"], "'course' is no address of the course"),
])
def test_without_an_address_there_is_a_sentence(arguments, said, capsys, tmp_path):
    assert hub.main([*arguments, "--root", str(tmp_path)]) == 1
    out, error = capsys.readouterr()
    assert said in error and out == ""
