"""`make book`: build the site as Jupyter Book does, strictly and without waste.

The same configuration and the same Sphinx as `jupyter-book build .`; a warning is an error,
and a missing reference is a warning. A page that fails costs that page: the others are whole,
and the end of the build names it. Ends with exit code 0 or 1.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path


def build(root: Path, out: Path, *, force: bool = False, quiet: bool = True) -> bool:
    """Build the book in root into out/html; True when it succeeded without a warning."""
    from jupyter_book.sphinx import build_sphinx

    overrides = {
        "external_toc_path": str(root / "_toc.yml"),
        "latex_individualpages": False,
        "nitpicky": True,
    }
    result = build_sphinx(
        str(root), str(out / "html"), noconfig=True, path_config=str(root / "_config.yml"),
        confoverrides=overrides, warningiserror=True, keep_going=True,
        force_all=force, freshenv=force, quiet=quiet,
    )
    return result == 0


def failed_pages(out: Path) -> dict[str, str]:
    """What the site that was built says of pages that failed: page name, and how."""
    path = out / ".doctrees" / "failures.json"  # publish/site/failures.py
    return json.loads(path.read_text(encoding="utf-8"))["marks"] if path.exists() else {}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m publish.site.build", description=__doc__)
    parser.add_argument("root", nargs="?", type=Path, default=Path("."))
    parser.add_argument("--force", action="store_true", help="read and write every page again")
    parser.add_argument("--verbose", action="store_true", help="show what Sphinx does")
    options = parser.parse_args(arguments)
    root = options.root.resolve()
    if not (root / "_config.yml").exists():
        print(f"{root} holds no book: there is no _config.yml", file=sys.stderr)
        return 1
    out = root / "_build"
    if build(root, out, force=options.force, quiet=not options.verbose):
        return 0
    print(f"The build ended with problems: see the messages above. {_told(out)}", file=sys.stderr)
    return 1


def _told(out: Path) -> str:
    pages = failed_pages(out)
    if not pages:
        return "No page failed."
    named = ", ".join(f"{name} ({how})" for name, how in pages.items())
    return (
        f"The site is in {out / 'html'}. Pages that failed, and are marked there: {named}. "
        "All others are whole."
    )


if __name__ == "__main__":
    raise SystemExit(main())
