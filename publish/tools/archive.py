"""`make archive`: the site that `make book` built as one zip file in `dist/`.

Its pages can be opened as files: the policy that a published page carries is taken out, because
pages that are files have no origin which it could mean.
"""

from __future__ import annotations

import argparse
import sys
import zipfile
from pathlib import Path

from publish.site import downloads, policy

ROOT = Path(__file__).resolve().parents[2]
TIME = (1980, 1, 1, 0, 0, 0)  # of every file, so that the same site is the same archive


def make(html: Path, target: Path) -> int:
    """Pack the site into a folder of its own within the archive; the number of files."""
    target.parent.mkdir(parents=True, exist_ok=True)
    paths = sorted(path for path in html.rglob("*") if path.is_file()
                   and path.relative_to(html).as_posix() not in downloads.WORDS)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in paths:
            data = path.read_bytes()
            if path.suffix == ".html":
                data = policy.without_tag(data.decode("utf-8")).encode("utf-8")
            info = zipfile.ZipInfo(f"{target.stem}/{path.relative_to(html).as_posix()}", TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
    return len(paths)


def main(argv: list[str] | None = None) -> int:
    """Make the archive; 1 if there is no site."""
    parser = argparse.ArgumentParser(prog="python -m publish.tools.archive", description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT, help="the book's folder")
    options = parser.parse_args(argv)
    html = options.root / "_build" / "html"
    if not (html / "index.html").is_file():
        print(f"There is no built site in {html}. Build it first: make book", file=sys.stderr)
        return 1
    target = options.root / downloads.FOLDER / downloads.ARCHIVE
    files = make(html, target)
    print(f"{target}: {files} files, {target.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
