"""Links of nbgitpuller that open pages and assignments in a JupyterHub.

``python -m publish.tools.hub https://hub.example.org`` prints one a line for each page with a
notebook; ``--assignments ADDRESS`` instead one for each file in ``assignments/``, out of the
repository of a course that holds ``dist/<name>/student/`` as a folder ``<name>/``. Addresses that
are not given come from ``_config.yml`` or the environment (WORKBOOK_HUB, WORKBOOK_REPOSITORY).
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from grading.make.variants import varies
from publish.notebooks.book import Book
from publish.site.addresses import Addresses, pull

ROOT = Path(__file__).resolve().parents[2]


def pages(addresses: Addresses, root: Path = ROOT) -> dict[str, str]:
    """For each page with a notebook the link that opens it, by name, in the order of the book."""
    names = [page.name.removeprefix("book/") for page in Book(root, addresses).notebooks()]
    return {name: addresses.in_hub(name) for name in names}


def assignments(hub: str, course: str, branch: str, root: Path = ROOT) -> dict[str, str]:
    """For each assignment the link that opens it, from the repository of a course.

    None where problems vary: there is no notebook that all may open.
    """
    paths = sorted((root / "assignments").glob("*.yml"))
    names = [path.stem for path in paths if not each_has_another(path)]
    return {name: pull(hub, course, branch, f"{name}/{name}.ipynb") for name in names}


def each_has_another(path: Path) -> bool:
    """Whether problems of an assignment are others for each student."""
    try:
        held = yaml.safe_load(path.read_text(encoding="utf-8"))
        instead = [page.get("vary") for page in held.get("pages") or []]
        return any(map(varies, held.get("practice") or [])) or any(instead)
    except (OSError, ValueError, yaml.YAMLError, TypeError, AttributeError):
        return False  # there are none, or it is in the making


def main(argv: list[str] | None = None) -> int:
    """Print the links; 1 if an address is missing or is none."""
    parser = argparse.ArgumentParser(
        prog="python -m publish.tools.hub",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("hub", nargs="?", default="", help="the JupyterHub's address")
    parser.add_argument("--repository", default="", help="the book's, for links to pages")
    parser.add_argument("--assignments", default="", metavar="ADDRESS", help="of the course")
    parser.add_argument("--branch", default="", help="of that repository (default: main)")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    try:
        known = Addresses.load(options.root)
        links = _links(options, known)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    for name, link in links.items():
        print(f"{name}\t{link}")
    return 0


def _links(options: argparse.Namespace, known: Addresses) -> dict[str, str]:
    """What was asked for. Raises ValueError, in words."""
    hub = _address(options.hub or known.hub, "the JupyterHub", "its address, or WORKBOOK_HUB")
    if options.assignments:
        course = _address(options.assignments, "the course", "--assignments")
        paths = sorted((options.root / "assignments").glob("*.yml"))
        if not paths:
            raise ValueError(f"There is no file in {options.root / 'assignments'}.")
        found = assignments(hub, course, options.branch or "main", options.root)
        for name in (path.stem for path in paths if path.stem not in found):
            print(
                f"No link for {name}: its problems have other numbers for each student. Give each "
                "one the notebook in student/<id>/, in a place that others cannot read.",
                file=sys.stderr,
            )
        return found
    text = options.repository or known.repository
    repository = _address(text, "the book's repository", "--repository, or WORKBOOK_REPOSITORY")
    addresses = replace(known, hub=hub, repository=repository)
    if options.branch:
        addresses = replace(addresses, branch=options.branch, notebooks_branch="")
    return pages(addresses, options.root)


def _address(text: str, what: str, how: str) -> str:
    text = text.strip().rstrip("/")
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        said = f"{text!r} is no address" if text else "There is no address"
        raise ValueError(f"{said} of {what}. Give {how}, such as https://host/name.")
    return text


if __name__ == "__main__":
    sys.exit(main())
