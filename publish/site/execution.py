"""Runs the pages before Sphinx reads them: all cores, one cache; failures are kept, not raised.

myst-nb would run pages one after the other while it parses them. Here all pages that
Sphinx is about to read and that jupyter-cache does not know yet are run side by side, one
kernel each; myst-nb then finds every page in the cache. jupyter-cache knows a page by its
code alone, so the cache's folder is named by what the code depends on besides itself: the
helper package and the pinned requirements. What failed is kept with a page in the cache, and
such a page is run again by the next build; one with failed claims only is not.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from myst_nb.core.read import create_nb_reader
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

import dlworkbook

from ..kernels import Run, run_notebook
from . import asserts, damage, failures

logger = logging.getLogger(__name__)

CACHES_KEPT = 3  # older ones, of other versions of the package, are deleted


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


def run_page(
    path: Path, notebook: NotebookNode, timeout: float | None
) -> tuple[Run, list[damage.Failure]]:
    """Run a page as far as it goes: its cells with clean outputs, and what failed."""
    plan = damage.Plan()
    run = run_notebook(
        notebook, path.parent, timeout=timeout, allow_errors=True, select=plan,
        extra_arguments=[f"--IPKernelApp.exec_lines={json.dumps([asserts.startup_line()])}"],
    )
    # Live widgets are for the notebook edition; the site needs no widget state.
    run.notebook.metadata.pop("widgets", None)
    text = path.read_text(encoding="utf-8")
    return run, damage.failures(run, plan, text, timeout)


def _known(cache: JupyterCacheAbstract, notebook: NotebookNode) -> list[damage.Failure] | None:
    """What failed on a page that is in the cache; None if it must be run."""
    try:
        record = cache.match_cache_notebook(notebook)
    except KeyError:
        return None
    found = damage.from_data((record.data or {}).get("failures", []))
    return None if any(failure.again for failure in found) else found


def _execute(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    if app.config.nb_execution_mode != "cache" or not docnames:
        return
    cache = get_cache(app.config.nb_execution_cache_path)
    todo = {}
    for docname in docnames:
        notebook = read_notebook(env, docname)
        found = [] if notebook is None else _known(cache, notebook)
        if found is None:
            todo[docname] = notebook
        else:
            failures.keep(env, docname, found)
    if not todo:
        return
    workers = min(len(todo), os.cpu_count() or 1)
    logger.info("running %d page(s) on %d core(s)", len(todo), workers)
    with ThreadPoolExecutor(workers) as pool:
        futures = {
            pool.submit(
                run_page, Path(env.doc2path(docname)), notebook, app.config.nb_execution_timeout
            ): docname
            for docname, notebook in todo.items()
        }
        for done, future in enumerate(as_completed(futures), start=1):
            docname = futures[future]
            run, found = future.result()
            # To stderr-like progress even under --quiet: running pages takes the longest.
            print(f"  [{done}/{len(todo)}] {docname}: {run.seconds:.1f} s"
                  f"{', with failures' if found else ''}", flush=True)
            failures.keep(env, docname, found)
            told = {"execution_seconds": run.seconds, "failures": damage.to_data(found)}
            cache.cache_notebook_bundle(
                CacheBundleIn(run.notebook, str(env.doc2path(docname)), data=told),
                check_validity=False, overwrite=True,
            )


def setup(app: Sphinx) -> None:
    app.connect("config-inited", _set_cache_path)
    app.connect("builder-inited", _static_build)
    app.connect("env-before-read-docs", _execute)
