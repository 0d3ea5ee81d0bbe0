"""The helper package as a reader gets it: from its wheel, not from this checkout."""

from __future__ import annotations

import json
import os
import sys
import sysconfig
import venv
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from publish import notebooks
from publish.tools import wheel
from publish.site.addresses import Addresses
from tests.kit.notebooks import ROOT


@pytest.fixture(scope="session")
def generated(tmp_path_factory) -> list[Path]:
    """Every notebook, written anew from the pages, without any address."""
    return notebooks.write_all(
        tmp_path_factory.mktemp("notebooks"), root=ROOT, addresses=Addresses()
    )


@pytest.fixture(scope="session")
def unpacked_wheel(tmp_path_factory) -> Path:
    """Folder that holds what the wheel holds."""
    folder = tmp_path_factory.mktemp("wheel")
    with zipfile.ZipFile(wheel.build(folder)) as file:
        file.extractall(folder / "unpacked")
    return folder / "unpacked"


@pytest.fixture
def kernel_environment() -> dict[str, str | None]:
    """Changes that make a reader's kernel: nothing of the book's build in its environment."""
    ours = [k for k in os.environ if k.startswith(("WORKBOOK_", "DLWORKBOOK_", "PYTHON"))]
    return {**dict.fromkeys(ours), "OMP_NUM_THREADS": "1"}


def environment(folder: Path, entries: list[Path]) -> Path:
    """A virtual environment that has these files and folders of ours, as links; its Python."""
    venv.create(folder / "bare", with_pip=False, symlinks=True)
    links = folder / "links"
    links.mkdir()
    for path in entries:
        # .pth files would bring the checkout back
        if not path.name.startswith(("dlworkbook", "__editable__")) and path.suffix != ".pth":
            (links / path.name).symlink_to(path)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    own = folder / "bare" / "lib" / version / "site-packages"
    (own / "links.pth").write_text(f"{links}\n", encoding="utf-8")
    return folder / "bare" / "bin" / "python"


@pytest.fixture
def bare_kernel(tmp_path, monkeypatch) -> str:
    """Name of a kernel that has every package of this environment but the helper package.

    An environment of its own, so that %pip installs into it: its packages are links to ours.
    """
    python = environment(tmp_path, list(Path(sysconfig.get_path("purelib")).iterdir()))
    spec = tmp_path / "jupyter" / "kernels" / "bare"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text(
        json.dumps({
            "argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "display_name": "bare", "language": "python",
        }),
        encoding="utf-8",
    )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    return "bare"


def pinned() -> dict[str, Distribution]:
    """What `pip install -r requirements.txt` alone brings, from what is installed here.

    The pins and all that they require, and nothing of what else was installed later. Fails if
    a pin is not installed.
    """
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    todo = [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]
    found: dict[tuple[str, frozenset], Distribution] = {}
    while todo:
        wanted = todo.pop()
        key = canonicalize_name(wanted.name), frozenset(wanted.extras)
        if key in found:
            continue
        found[key] = distribution(wanted.name)
        for line in found[key].requires or ():
            need = Requirement(line)
            chosen = [{"extra": extra} for extra in ("", *wanted.extras)]
            if need.marker is None or any(map(need.marker.evaluate, chosen)):
                todo.append(need)
    return {name: dist for (name, _), dist in found.items()}


@pytest.fixture(scope="session")
def pinned_python(tmp_path_factory) -> Path:
    """The Python of an environment with what requirements.txt brings, and no more."""
    site = Path(sysconfig.get_path("purelib"))
    names = {
        Path(str(file)).parts[0] for dist in pinned().values() for file in dist.files or ()
    }
    entries = [site / name for name in sorted(names) if name != ".." and (site / name).exists()]
    return environment(tmp_path_factory.mktemp("pinned"), entries)
