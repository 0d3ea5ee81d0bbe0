"""Runs the pages before Sphinx reads them: all cores, one cache, errors that name the cell.

myst-nb would run pages one after the other while it parses them. Here all pages that
Sphinx is about to read and that jupyter-cache does not know yet are run side by side, one
kernel each; myst-nb then finds every page in the cache. jupyter-cache knows a page by its
code alone, so the cache's folder is named by what the code depends on besides itself: the
helper package and the pinned requirements.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from myst_nb.core.read import create_nb_reader
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import SphinxError
from sphinx.util import logging

import dlworkbook

from ..kernels import Run, run_notebook

logger = logging.getLogger(__name__)

CACHES_KEPT = 3  # older ones, of other versions of the package, are deleted


class PageError(SphinxError):
    """A page raised an exception while it was run."""

    category = "A page failed"


def dependency_hash(root: Path) -> str:
    """Hash over the files of the helper package and requirements.txt."""
    digest = hashlib.sha256()
    package = Path(dlworkbook.__file__).parent
    files = [
        f for f in package.rglob("*")
        if f.is_file() and "__pycache__" not in f.parts and f.suffix != ".md"
    ]
    for file in [*sorted(files), root / "requirements.txt"]:
        if file.exists():
            digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _set_cache_path(app: Sphinx, config: Config) -> None:
    if config.nb_execution_mode != "cache" or config.nb_execution_cache_path:
        return
    parent = Path(app.outdir).parent / "executed"
    path = parent / dependency_hash(Path(app.srcdir))
    # A config value of kind "env": when the hash changes, Sphinx reads every page again.
    config.nb_execution_cache_path = str(path)
    path.mkdir(parents=True, exist_ok=True)
    os.utime(path)
    by_age = sorted(parent.iterdir(), key=lambda p: p.stat().st_mtime, reverse=True)
    for old in by_age[CACHES_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)


def _static_build(app: Sphinx) -> None:
    os.environ["DLWORKBOOK_STATIC"] = "1"  # inherited by the kernels
    os.environ["PYTHONHASHSEED"] = "0"  # the same output on every build


def read_notebook(env: BuildEnvironment, docname: str) -> NotebookNode | None:
    """The page as a notebook, None if it has no code."""
    path = env.doc2path(docname)
    reader = create_nb_reader(
        path, env.myst_config, env.mystnb_config, Path(path).read_text(encoding="utf-8")
    )
    if reader is None:
        return None
    notebook = reader.read(Path(path).read_text(encoding="utf-8"))
    return notebook if any(c.cell_type == "code" for c in notebook.cells) else None


def describe_failure(docname: str, run: Run) -> str:
    """Page, cell (counted over code cells, from 1), its source and the traceback."""
    what = f"{type(run.error).__name__}: {run.error}"
    if run.at is None:
        return f"{docname}: {what}"
    cells = run.notebook.cells
    code = [i for i, cell in enumerate(cells) if cell.cell_type == "code"]
    number = sum(i <= run.at for i in code)
    source = "\n".join(f"    {line}" for line in cells[run.at].source.splitlines())
    return f"{docname}: code cell {number} of {len(code)}:\n{source}\n{what}"


def _execute(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    if app.config.nb_execution_mode != "cache" or not docnames:
        return
    cache = get_cache(app.config.nb_execution_cache_path)
    todo = {}
    for docname in docnames:
        notebook = read_notebook(env, docname)
        if notebook is None:
            continue
        try:
            cache.match_cache_notebook(notebook)
        except KeyError:
            todo[docname] = notebook
    if not todo:
        return
    failures = []
    workers = min(len(todo), os.cpu_count() or 1)
    logger.info("running %d page(s) on %d core(s)", len(todo), workers)
    with ThreadPoolExecutor(workers) as pool:
        futures = {
            pool.submit(
                run_notebook, notebook, Path(env.doc2path(docname)).parent,
                timeout=app.config.nb_execution_timeout,
            ): docname
            for docname, notebook in todo.items()
        }
        for done, future in enumerate(as_completed(futures), start=1):
            docname = futures[future]
            run = future.result()
            # To stderr-like progress even under --quiet: running pages takes the longest.
            print(f"  [{done}/{len(todo)}] {docname}: {run.seconds:.1f} s", flush=True)
            if run.error is not None:
                failures.append(describe_failure(docname, run))
            else:
                # Live widgets are for the notebook edition; the site needs no widget state.
                run.notebook.metadata.pop("widgets", None)
                cache.cache_notebook_bundle(
                    CacheBundleIn(
                        run.notebook, str(env.doc2path(docname)),
                        data={"execution_seconds": run.seconds},
                    ),
                    check_validity=False, overwrite=True,
                )
    if failures:
        raise PageError("\n\n".join(failures))


def setup(app: Sphinx) -> None:
    app.connect("config-inited", _set_cache_path)
    app.connect("builder-inited", _static_build)
    app.connect("env-before-read-docs", _execute)
