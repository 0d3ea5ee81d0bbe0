"""The helper package as a reader gets it: from its wheel, not from this checkout."""

from __future__ import annotations

import json
import os
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from publish import notebooks, wheel
from publish.site.addresses import Addresses
from tests.notebooks.helpers import ROOT


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.notebooks)


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


@pytest.fixture
def bare_kernel(tmp_path, monkeypatch) -> str:
    """Name of a kernel that has every package of this environment but the helper package.

    An environment of its own, so that %pip installs into it: its packages are links to ours.
    """
    venv.create(tmp_path / "bare", with_pip=False, symlinks=True)
    python = tmp_path / "bare" / "bin" / "python"
    links = tmp_path / "links"
    links.mkdir()
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        # .pth files would bring the checkout back
        if not path.name.startswith(("dlworkbook", "__editable__")) and path.suffix != ".pth":
            (links / path.name).symlink_to(path)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    own = tmp_path / "bare" / "lib" / version / "site-packages"
    (own / "links.pth").write_text(f"{links}\n", encoding="utf-8")
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
