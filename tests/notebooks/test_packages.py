"""The set-up cell gets the packages that a page imports, and changes no other."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from dlworkbook import packages

pytestmark = pytest.mark.notebooks


def small_wheel(folder: Path, name: str, version: str, needs: str = "") -> None:
    """A package of one line, with its wheel in folder; needs: what it requires."""
    info = f"{name}-{version}.dist-info"
    requires = f"Requires-Dist: {needs}\n" if needs else ""
    files = {
        f"{name}.py": f"version = '{version}'\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        for file, text in {**files, f"{info}/RECORD": record}.items():
            wheel.writestr(file, text)


@pytest.fixture
def place(bare_kernel, kernel_environment, unpacked_wheel, tmp_path):
    """Return a function that runs code where the packages of this environment are, and a folder
    with wheels is all that pip can reach."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    small_wheel(wheels, "probe_two", "1.0")
    small_wheel(wheels, "probe_one", "2.0", "probe_two")
    small_wheel(wheels, "probe_alone", "3.0", "no_such_package_anywhere")
    small_wheel(wheels, "numpy", "99.0")  # newer than what is here: must not be taken
    small_wheel(wheels, "probe_greedy", "1.0", "numpy>=99")
    changes = {
        **kernel_environment, "PYTHONPATH": str(unpacked_wheel), "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheels), "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    environment = {k: v for k, v in {**os.environ, **changes}.items() if v is not None}

    def run(code: str):
        code = f"from dlworkbook import packages\n{code}"
        return subprocess.run([tmp_path / "bare/bin/python", "-c", code], env=environment,
                              cwd=tmp_path, capture_output=True, text=True, timeout=200)

    return run


def test_what_is_missing_is_installed_with_what_it_needs(place):
    done = place("packages.need(probe_one='probe_one', math='math', "
                 "probe_alone='--no-deps probe_alone')\n"
                 "import probe_one, probe_two, probe_alone, numpy\n"
                 "print(probe_one.version, probe_two.version, numpy.__version__)\n"
                 "packages.need(probe_one='probe_one')")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "Installing probe_one, probe_alone"
    assert lines[1].startswith("2.0 1.0 ") and not lines[1].endswith("99.0")
    assert len(lines) == 2  # the second call has nothing to do, and says nothing


def test_what_would_change_numpy_is_refused_and_the_reader_is_told(place):
    done = place("packages.need(probe_greedy='probe_greedy')")
    assert done.returncode == 1
    assert "ModuleNotFoundError: This page needs probe_greedy, and pip could not" in done.stderr
    assert "-m pip install probe_greedy torch==" in done.stderr


def test_what_cannot_be_had_is_said_with_the_command_to_type(place):
    done = place("packages.need(probe_none='probe-none==1')")
    assert done.returncode == 1
    assert "This page needs probe_none" in done.stderr and "probe-none==1" in done.stderr


def test_torch_is_never_installed(monkeypatch):
    find = packages.importlib.util.find_spec
    monkeypatch.setattr(packages.importlib.util, "find_spec",
                        lambda name: None if name == "torch" else find(name))
    monkeypatch.setattr(packages.subprocess, "run", lambda *a, **k: pytest.fail("pip was asked"))
    with pytest.raises(ModuleNotFoundError, match=r"pytorch\.org/get-started"):
        packages.need(torch="torch")


def test_nothing_is_asked_when_nothing_is_missing(monkeypatch, capsys):
    monkeypatch.setattr(packages.subprocess, "run", lambda *a, **k: pytest.fail("pip was asked"))
    packages.need(torch="torch", numpy="numpy", sys="sys")
    assert capsys.readouterr().out == ""
    assert sys.version_info >= (3, 11)
