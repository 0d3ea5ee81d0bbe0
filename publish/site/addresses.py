"""Where this copy of the book lives: one place, `_config.yml`, overridden by the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

import yaml


@dataclass(frozen=True)
class Addresses:
    """Addresses without a trailing slash; empty where unknown, and then no button shows."""

    repository: str = ""  # https://host/owner/name
    branch: str = "main"
    site: str = ""  # https://owner.github.io/name
    notebooks_branch: str = ""  # where the published notebooks are, if not on `branch`

    @classmethod
    def load(cls, root: Path | str = ".") -> Addresses:
        """Read `_config.yml` below root, then the environment (WORKBOOK_REPOSITORY, ...)."""
        path = Path(root) / "_config.yml"
        config = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
        return cls.from_config(((config or {}).get("sphinx") or {}).get("config") or {})

    @classmethod
    def from_config(cls, config: dict) -> Addresses:
        """From Sphinx' configuration values, overridden by the environment."""

        def value(name: str, default: str = "") -> str:
            text = os.environ.get(f"WORKBOOK_{name.upper()}") or config.get(f"workbook_{name}")
            return (text or default).strip().rstrip("/")

        addresses = cls(
            value("repository"), value("branch", "main"), value("site"), value("notebooks_branch")
        )
        for name in ("repository", "site"):
            url = getattr(addresses, name)
            if url and not (urlsplit(url).scheme in ("http", "https") and urlsplit(url).netloc):
                raise ValueError(
                    f"workbook_{name} (or WORKBOOK_{name.upper()}) must be a full address "
                    f"such as https://host/owner/name, not {url!r}"
                )
        return addresses

    def colab(self, notebook: str) -> str:
        """Link that opens `notebooks/<notebook>.ipynb` in Colab; empty without a GitHub address."""
        parts = urlsplit(self.repository)
        if parts.netloc != "github.com":  # Colab opens notebooks from GitHub only
            return ""
        return (
            f"https://colab.research.google.com/github{parts.path}"
            f"/blob/{self.notebooks_branch or self.branch}/notebooks/{notebook}.ipynb"
        )

    def report(self, title: str) -> str:
        """Link that begins a report about a page; empty without a repository."""
        if not self.repository:
            return ""
        if urlsplit(self.repository).netloc != "github.com":  # other hosts have forms of their own
            return f"{self.repository}/issues"
        return f"{self.repository}/issues/new?title={quote(f'Error in {title}', safe='')}"

    def source(self, page: str) -> str:
        """Link to a page's source on the repository; empty without one."""
        return f"{self.repository}/blob/{self.branch}/{page}.md" if self.repository else ""
