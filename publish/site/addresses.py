"""Where this copy of the book lives: one place, `_config.yml`, overridden by the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import yaml


def pull(hub: str, repository: str, branch: str, file: str) -> str:
    """Link of nbgitpuller: it brings a repository into the reader's home, and opens a file of it.

    Its form is that of nbgitpuller's own generator. The folder in the home is called as the last
    part of the repository's address. Empty without a hub or a repository.
    """
    if not hub or not repository:
        return ""
    folder = repository.rstrip("/").rpartition("/")[2]
    # Without a branch, nbgitpuller would take one called master.
    asked = {"repo": repository, "urlpath": f"lab/tree/{folder}/{file}", "branch": branch}
    query = urlencode(asked, safe="", quote_via=quote)
    return f"{hub}/hub/user-redirect/git-pull?{query}"


@dataclass(frozen=True)
class Addresses:
    """Addresses without a trailing slash; empty where unknown, and then no button shows."""

    repository: str = ""  # https://host/owner/name
    branch: str = "main"
    site: str = ""  # https://owner.github.io/name
    notebooks_branch: str = ""  # where the published notebooks are, if not on `branch`
    hub: str = ""  # of a JupyterHub with nbgitpuller
    binder: str = ""  # of a BinderHub

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
            value("repository"), value("branch", "main"), value("site"),
            value("notebooks_branch"), value("hub"), value("binder"),
        )  # fmt: skip
        for name in ("repository", "site", "hub", "binder"):
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

    def in_hub(self, notebook: str) -> str:
        """Link that opens a notebook in the JupyterHub; empty without a repository and a hub."""
        branch = self.notebooks_branch or self.branch
        return pull(self.hub, self.repository, branch, f"notebooks/{notebook}.ipynb")

    def in_binder(self, notebook: str) -> str:
        """Link that opens a notebook in Binder; empty without a GitHub address and a BinderHub."""
        parts = urlsplit(self.repository)
        if not self.binder or parts.netloc != "github.com":
            return ""
        path = quote(f"lab/tree/notebooks/{notebook}.ipynb", safe="")
        # The branch with `.binder/`, which the published notebooks do not have.
        return f"{self.binder}/v2/gh{parts.path}/{quote(self.branch, safe='')}?urlpath={path}"

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
