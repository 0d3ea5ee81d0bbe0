"""A strict Content-Security-Policy for the site, with the hashes of the scripts that were built.

After a build every page is searched for inline scripts. The policy that allows these and nothing
else goes into ``_headers`` at the root of the site: a file that several hosts read, and that
``make serve`` sends. GitHub Pages can send no headers, so a site whose address is known (one that
will be published) carries the policy of each page in a <meta> tag, too. A copy without an address
has no tag: opened as files its pages have no origin that ``'self'`` could mean in every browser.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from sphinx.application import Sphinx

from publish.tools.serve import HEADERS

from .addresses import Addresses

NAME = "Content-Security-Policy"
RULES = (
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'{hashes}",
    "style-src 'self' 'unsafe-inline'",  # the style attributes of KaTeX, pictures and widgets
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
)
FRAMES = "frame-ancestors 'none'"  # in a header only: browsers ignore it in a tag, with a warning
OTHERS = ("X-Content-Type-Options: nosniff", "Referrer-Policy: strict-origin-when-cross-origin")
# What a browser runs; any other type is data, such as the state of a widget.
_RUN = {"", "text/javascript", "application/javascript", "module", "importmap"}
_SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script", re.DOTALL | re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w-]+)(?:\s*=\s*["']?([^"'\s>]*))?""")
_CHARSET = '<meta charset="utf-8">\n'
_TAG = re.compile(rf'<meta http-equiv="{NAME}" content="[^"]*">\n')


def inline_scripts(html: str) -> list[str]:
    """The text of every inline script that a browser would run."""
    found = []
    for attributes, text in _SCRIPT.findall(html):
        given = {name.lower(): value for name, value in _ATTRIBUTE.findall(attributes)}
        if "src" not in given and given.get("type", "").strip().lower() in _RUN:
            found.append(text)
    return found


def inline_hashes(html: str) -> set[str]:
    """``sha256-...`` of each inline script of a page, as browsers compute it."""
    return {
        "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for text in inline_scripts(html)
    }


def policy(hashes: Iterable[str], *, header: bool) -> str:
    """The value of the header, or of the tag, for pages with these inline scripts."""
    allowed = "".join(f" '{one}'" for one in sorted(hashes))
    rules = [rule.format(hashes=allowed) for rule in RULES]
    return "; ".join([*rules, FRAMES] if header else rules)


def with_tag(html: str) -> str:
    """The page with its policy right behind the charset, before anything that it rules."""
    tag = f'<meta http-equiv="{NAME}" content="{policy(inline_hashes(html), header=False)}">\n'
    return without_tag(html).replace(_CHARSET, _CHARSET + tag, 1)


def without_tag(html: str) -> str:
    """The page without its policy."""
    return _TAG.sub("", html)


def write(root: Path, *, tags: bool) -> None:
    """Write ``_headers`` for the pages below root, and with ``tags`` the policy into each page."""
    hashes: set[str] = set()
    for path in root.rglob("*.html"):
        html = path.read_text(encoding="utf-8")
        hashes |= inline_hashes(html)
        tagged = with_tag(html) if tags else without_tag(html)
        if tagged != html:
            path.write_text(tagged, encoding="utf-8")
    lines = [f"{NAME}: {policy(hashes, header=True)}", *OTHERS]
    (root / HEADERS).write_text(
        "/*\n" + "".join(f"  {line}\n" for line in lines), encoding="utf-8"
    )


def _finish(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.format != "html":
        return
    names = ("workbook_repository", "workbook_site", "workbook_branch")
    addresses = Addresses.from_config({name: app.config[name] for name in names})
    write(Path(app.outdir), tags=bool(addresses.site))


def setup(app: Sphinx) -> None:
    app.connect("build-finished", _finish, priority=950)  # when every page is written
