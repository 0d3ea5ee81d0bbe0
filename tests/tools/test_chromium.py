"""Finding and getting the Chromium of the browser tests; nothing is installed here."""

from __future__ import annotations

import subprocess

import pytest

from publish.tools import chromium


def nothing():
    """Stand in for a Playwright that has downloaded no browser."""


@pytest.fixture
def bare(monkeypatch):
    """A machine without any Chromium; returns the set of programs that it has."""
    have: set[str] = set()
    monkeypatch.delenv(chromium.ENVIRONMENT, raising=False)
    monkeypatch.setattr(chromium, "MAC_APPS", ())
    monkeypatch.setattr(
        chromium.shutil, "which", lambda name: f"/usr/bin/{name}" if name in have else None
    )
    return have


@pytest.fixture
def commands(monkeypatch):
    """Record commands instead of running them; ``effect`` says what each one does."""
    log: list[str] = []
    effects: dict[str, object] = {}

    def run(command, **_):
        line = " ".join(command)
        log.append(line)
        for key, effect in effects.items():
            if key in line:
                return subprocess.CompletedProcess(command, effect() or 0)
        return subprocess.CompletedProcess(command, 1)

    monkeypatch.setattr(chromium.subprocess, "run", run)
    return log, effects


def test_none_is_an_error_that_says_what_to_do(bare):
    with pytest.raises(chromium.ChromiumMissing, match="apt-get install chromium-headless-shell"):
        chromium.find(nothing)


def test_named_one_goes_first_and_a_wrong_name_is_an_error(bare, monkeypatch):
    bare |= {"chromium", "mine"}
    monkeypatch.setenv(chromium.ENVIRONMENT, "mine")
    assert chromium.find(nothing) == "/usr/bin/mine"
    monkeypatch.setenv(chromium.ENVIRONMENT, "gone")
    with pytest.raises(chromium.ChromiumMissing, match="gone is not a program"):
        chromium.find(nothing)
    with pytest.raises(chromium.ChromiumMissing, match="gone is not a program"):
        chromium.install(nothing)


def test_order_system_then_playwright(bare):
    assert chromium.find(lambda: "/own/chrome") == "/own/chrome"
    bare.add("google-chrome")
    assert chromium.find(lambda: "/own/chrome") == "/usr/bin/google-chrome"
    bare.add("chromium")
    assert chromium.find(lambda: "/own/chrome") == "/usr/bin/chromium"
    bare.add("chromium-headless-shell")
    assert chromium.find(lambda: "/own/chrome") == "/usr/bin/chromium-headless-shell"


def test_found_means_nothing_is_installed(bare, commands):
    bare.add("chromium")
    assert chromium.install(nothing) == "/usr/bin/chromium"
    assert commands[0] == []


def test_root_uses_the_distribution(bare, commands, monkeypatch):
    log, effects = commands
    monkeypatch.setattr(chromium.os, "geteuid", lambda: 0, raising=False)
    bare.add("apt-get")
    effects["apt-get update"] = lambda: 0
    shell = "chromium-headless-shell"
    effects[f"install -y {shell}"] = lambda: bare.add(shell)
    assert chromium.install(nothing) == f"/usr/bin/{shell}"
    assert log == ["apt-get update", f"apt-get install -y {shell}"]


def test_a_distribution_without_the_headless_one_gives_the_whole_browser(
    bare, commands, monkeypatch
):
    log, effects = commands
    monkeypatch.setattr(chromium.os, "geteuid", lambda: 0, raising=False)
    bare.add("apt-get")
    effects["apt-get update"] = lambda: 0
    effects["install -y chromium-headless-shell"] = lambda: 100  # apt knows no such package
    effects["install -y chromium"] = lambda: bare.add("chromium")
    assert chromium.install(nothing) == "/usr/bin/chromium"
    assert log[1:] == [f"apt-get install -y {name}" for name in chromium.NAMES[:2]]


def test_others_use_playwright_and_failure_ends_with_advice(bare, commands, monkeypatch, capsys):
    log, _ = commands
    monkeypatch.setattr(chromium.os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(chromium, "find", lambda own=None: chromium_missing())
    bare.add("apt-get")
    assert chromium.main([]) == 1
    assert len(log) == 1 and log[0].endswith("-m playwright install chromium")
    assert "Do one of these" in capsys.readouterr().err


def chromium_missing():
    """Raise as `find` does on a bare machine."""
    raise chromium.ChromiumMissing(chromium.HELP)
