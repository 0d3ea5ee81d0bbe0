"""Runs the pages before Sphinx reads them: all cores, one cache; failures are kept, not raised.

myst-nb would run pages one after the other while it parses them. Here all pages that
Sphinx is about to read and that jupyter-cache does not know yet are run side by side, one
kernel each; myst-nb then finds every page in the cache. jupyter-cache knows a page by its
code alone, so a fingerprint of what the code depends on besides itself is kept beside it
(fingerprints.py). What failed is kept with a page, too, and such a page is run again by the
next build; one with failed claims only is not.
"""

from __future__ import annotations

import json
import os
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

from publish.page import answers
from publish.page.book import Book
from publish.tools.kernels import Run, run_notebook

from . import asserts, damage, failures
from .fingerprints import Fingerprint, fingerprint, speaks

logger = logging.getLogger(__name__)


def _set_cache_path(app: Sphinx, config: Config) -> None:
    if config.nb_execution_mode != "cache" or config.nb_execution_cache_path:
        return
    config.nb_execution_cache_path = str(cache_folder(Path(app.outdir).parent))
    Path(config.nb_execution_cache_path).mkdir(parents=True, exist_ok=True)


def cache_folder(out: Path) -> Path:
    """Where the pages that were run are kept; ``out``: the folder of the build."""
    return out / "executed"


def _write_answers(app: Sphinx) -> None:
    """What pages ask, where the cells that prove it will look."""
    root = Path(app.srcdir)
    if (root / "_toc.yml").exists():
        answers.write(root, Book(root).with_answers())


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
    path: Path, notebook: NotebookNode, timeout: float | None, root: Path
) -> tuple[Run, list[damage.Failure]]:
    """Run a page of the book in root as far as it goes: its cells with clean outputs, failures."""
    plan = damage.Plan()
    run = run_notebook(
        notebook, path.parent, timeout=timeout, allow_errors=True, select=plan,
        env={answers.VARIABLE: str(answers.folder(root))},
        extra_arguments=[f"--IPKernelApp.exec_lines={json.dumps([asserts.startup_line()])}"],
    )
    # Live widgets are for the notebook edition; the site needs no widget state.
    run.notebook.metadata.pop("widgets", None)
    text = path.read_text(encoding="utf-8")
    return run, damage.failures(run, plan, text, timeout)


def current(cache: JupyterCacheAbstract, notebook: NotebookNode, root: Path) -> dict | None:
    """What is kept beside a page that is in the cache as it would run now; None if it is not."""
    try:
        told = cache.match_cache_notebook(notebook).data or {}
    except KeyError:
        return None
    return told if _fingerprint(notebook, root).fits(told.get("fingerprint")) else None


def _fingerprint(notebook: NotebookNode, root: Path) -> Fingerprint:
    return fingerprint((c.source for c in notebook.cells if c.cell_type == "code"), root)


def _prints(env: BuildEnvironment) -> dict[str, str]:
    """The fingerprint of each page with code, as it was when the page was read."""
    if not hasattr(env, "workbook_fingerprints"):
        env.workbook_fingerprints = {}
    return env.workbook_fingerprints


def _outdated(app: Sphinx, env: BuildEnvironment, added, changed, removed) -> list[str]:
    """Pages that Sphinx must read again, because something that they import has changed."""
    if app.config.nb_execution_mode != "cache":
        return []
    known = _prints(env)
    for docname in set(known) & set(removed):
        del known[docname]
    found = []
    for docname in sorted(set(known) - set(added) - set(changed)):
        notebook = read_notebook(env, docname)
        if notebook is None or not _fingerprint(notebook, Path(app.srcdir)).fits(known[docname]):
            found.append(docname)
    return found


def _execute(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    if app.config.nb_execution_mode != "cache" or not docnames:
        return
    cache, root = get_cache(app.config.nb_execution_cache_path), Path(app.srcdir)
    todo, now = {}, {}
    for docname in docnames:
        notebook = read_notebook(env, docname)
        if notebook is None:
            _prints(env).pop(docname, None)
            failures.keep(env, docname, [])
            continue
        told = current(cache, notebook, root)
        found = damage.from_data((told or {}).get("failures", []))
        if told is None or any(failure.again for failure in found):
            # Before it runs: what changes meanwhile is not in its results.
            todo[docname], now[docname] = notebook, _fingerprint(notebook, root)
        else:
            _prints(env)[docname] = told["fingerprint"]
            failures.keep(env, docname, found)
    if not todo:
        return
    workers = min(len(todo), os.cpu_count() or 1)
    logger.info("running %d page(s) on %d core(s)", len(todo), workers)
    with ThreadPoolExecutor(workers) as pool:
        futures = {
            pool.submit(
                run_page, Path(env.doc2path(docname)), notebook,
                app.config.nb_execution_timeout, root,
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
            _prints(env)[docname] = now[docname].kept(speaks(run.notebook))
            told = {"execution_seconds": run.seconds, "failures": damage.to_data(found),
                    "fingerprint": _prints(env)[docname]}
            cache.cache_notebook_bundle(
                CacheBundleIn(run.notebook, str(env.doc2path(docname)), data=told),
                check_validity=False, overwrite=True,
            )


def setup(app: Sphinx) -> None:
    app.connect("config-inited", _set_cache_path)
    app.connect("builder-inited", _static_build)
    app.connect("builder-inited", _write_answers)
    app.connect("env-get-outdated", _outdated)
    app.connect("env-before-read-docs", _execute)
