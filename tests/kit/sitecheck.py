"""What the browser tests measure on a page, apart from which pages they measure it on.

Each function returns what is wrong as a list (empty: nothing), so that a test of the tests can
show it a page with the defect. Sizes are CSS pixels, times milliseconds.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ("http://127.0.0.1:", "data:", "blob:", "about:")
# Pages that Sphinx makes and no reader sees as a page of the book.
GENERATED = {"404.html"}
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}


def in_the_bar(page) -> str:
    """What the address bar shows; `url` lags behind a page that is busy."""
    return page.evaluate("location.href")


def none(problems: list[str], where: str = "") -> None:
    """Fail with every problem on a line of its own; pytest's own report would cut the list."""
    assert not problems, "\n".join([f"{len(problems)} problem(s) {where}".rstrip(), *problems])


def html_root() -> Path:
    """Return the folder of the built site (env WORKBOOK_HTML names another one)."""
    return Path(os.environ.get("WORKBOOK_HTML") or ROOT / "_build" / "html")


def all_pages(root: Path | None = None) -> list[str]:
    """List the site's pages as paths below its root, sorted; no asset folders, no 404 page."""
    root = root or html_root()
    found = []
    for path in sorted(root.rglob("*.html")):
        relative = path.relative_to(root)
        if any(part.startswith("_") for part in relative.parts):
            continue
        if relative.as_posix() not in GENERATED:
            found.append(relative.as_posix())
    return found


@dataclass
class Weight:
    """What one visit transferred: bytes as sent (compressed), requests, bytes of scripts."""

    total: int
    requests: int
    scripts: int


def weigh(log) -> Weight:
    """Add up a server's log (see publish.tools.serve.Hit)."""
    scripts = sum(hit.sent for hit in log if "javascript" in hit.kind)
    return Weight(sum(hit.sent for hit in log), len(log), scripts)


@dataclass
class Events:
    """What a page did that a page of ours must not do."""

    third_party: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def problems(self) -> list[str]:
        """Return all of it as one list of sentences."""
        return (
            [f"third-party request: {item}" for item in self.third_party]
            + [f"console: {item}" for item in self.console]
            + [f"page error: {item}" for item in self.errors]
            + [f"failed request: {item}" for item in self.failed]
        )


def watch(page) -> Events:
    """Collect a page's third-party requests, console errors, page errors and failed requests."""
    events = Events()

    def on_request(request):
        if not request.url.startswith(LOCAL):
            events.third_party.append(request.url)

    def on_response(response):
        if response.status >= 400:
            events.failed.append(f"{response.status} {response.url}")

    def on_failure(request):
        # A navigation away cancels what is still loading; that is no defect of the page.
        if request.failure != "net::ERR_ABORTED":
            events.failed.append(f"{request.failure} {request.url}")

    def on_console(message):
        if message.type in ("error", "warning"):
            events.console.append(f"{message.type}: {message.text}")

    page.on("request", on_request)
    page.on("response", on_response)
    page.on("requestfailed", on_failure)
    page.on("console", on_console)
    page.on("pageerror", lambda error: events.errors.append(str(error)))
    return events


def visit(page, url: str, scripts: bool = True) -> None:
    """Open a page as a reader does who reads all of it: folds opened, scrolled to the end.

    With ``scripts=False`` (a context without JavaScript, where no frame callback ever runs) the
    page is only opened, with its folds.
    """
    page.goto(url, wait_until="load")
    open_folds(page)
    if scripts:
        scroll_through(page)


def open_folds(page) -> None:
    """Open every fold in the text, by the same means for <details> and the theme's toggles."""
    page.evaluate(
        """() => {
          const folds = 'main details, article details';
          for (const fold of document.querySelectorAll(folds)) fold.open = true;
          for (const button of document.querySelectorAll('.toggle-button-hidden')) button.click();
        }"""
    )


def scroll_through(page) -> None:
    """Scroll to the end in screens, so that what loads lazily loads, and back to the top."""
    page.evaluate(
        """async () => {
          const frame = () => new Promise(done => requestAnimationFrame(() => done()));
          const step = innerHeight * 0.9;
          for (let y = 0; y < document.documentElement.scrollHeight; y += step) {
            scrollTo({top: y, behavior: 'instant'});
            await frame();
          }
          scrollTo({top: 0, behavior: 'instant'});
          await frame();
        }"""
    )
    wait_until_loaded(page)


# Playwright's "networkidle" now and then misses the end of a request, and waits for ever.
SETTLED = """() => document.readyState === 'complete'
  && document.fonts.status === 'loaded'
  && [...document.images].every(image => image.complete || image.loading === 'lazy')
  && [...document.querySelectorAll('[data-widget][data-key]')].every(
       widget => widget.dataset.ready || widget.getBoundingClientRect().top > 2.4 * innerHeight)
"""


def wait_until_loaded(page) -> None:
    """Wait until fonts, pictures and the widgets near the window are there.

    A lazy picture may never have been near the window; those that were get a moment.
    """
    page.wait_for_function(SETTLED)
    page.wait_for_timeout(300)


def set_theme(page, theme: str) -> None:
    """Show the page light or dark, whatever the system's wish is."""
    page.evaluate(
        """theme => {
          document.documentElement.dataset.mode = theme;
          document.documentElement.dataset.theme = theme;
        }""",
        theme,
    )
    settle(page)


def settle(page, milliseconds: int = 60) -> None:
    """Wait until transitions are over: colours read in the middle of one are nobody's."""
    page.wait_for_function(
        """() => document.getAnimations().every(a => a.playState !== 'running' ||
          a.effect.getComputedTiming().iterations === Infinity)"""
    )
    page.wait_for_timeout(milliseconds)


def overflow(page) -> list[str]:
    """List what makes the page wider than its window; empty if it is not wider."""
    return page.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          const total = Math.max(document.documentElement.scrollWidth, document.body.scrollWidth);
          if (total <= width) return [];
          const scrolls = e => {
            for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) {
              const style = getComputedStyle(p);
              if (/(auto|scroll|hidden|clip)/.test(style.overflowX)) return true;
              if (style.position === 'fixed') return true;
            }
            return false;
          };
          const wide = [...document.body.querySelectorAll('*')].filter(e => {
            const box = e.getBoundingClientRect();
            return box.width > 0 && box.right > width + 0.5 && !scrolls(e);
          });
          const name = e => e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') +
            [...e.classList].map(c => '.' + c).join('');
          return [`page ${total} px wide in a window of ${width} px`].concat(wide.slice(0, 8)
            .map(e => `${name(e)} reaches ${Math.round(e.getBoundingClientRect().right)} px`));
        }"""
    )


def clipped(page) -> list[str]:
    """List text that a box cuts off without a scroll bar, which `overflow` cannot see."""
    return page.evaluate(
        """() => {
          const bad = [];
          // A page holds more parts of formulas than of anything else: they are left out first.
          // A text field scrolls with its cursor.
          const skip = ['svg', '.katex', '.visually-hidden', '.sr-only', 'input[type=text]'];
          const others = skip.map(name => `:not(${name}, ${name} *)`).join('');
          for (const e of document.querySelectorAll(`main *${others}`)) {
            const style = getComputedStyle(e);
            if (!/(hidden|clip)/.test(style.overflowX) || style.position === 'absolute') continue;
            if (e.clientWidth > 1 && e.scrollWidth > e.clientWidth + 1)
              bad.push(`${e.tagName.toLowerCase()}.${[...e.classList].join('.')} cuts off ` +
                `${e.scrollWidth - e.clientWidth} px`);
          }
          return bad.slice(0, 8);
        }"""
    )


COLOUR_RULES = ["color-contrast", "link-in-text-block"]


def axe_violations(page, within: str | None = None, colours: bool | None = None) -> list[str]:
    """List the violations that axe-core finds, of any level, best practices too.

    On the whole page, or within the elements that the selector ``within`` finds. With
    ``colours``, only (True) or all but (False) the rules about colours, which take nine tenths of
    the time. It cuts the page's formulas and code short: `whole_again` brings them back.
    """
    from axe_playwright_python.base import AXE_SCRIPT

    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(AXE_SCRIPT)
    # axe has no rule for what KaTeX writes (boxes hidden from assistive technology, and MathML),
    # but would spend most of its time there. A letter in its place keeps the contrast checked.
    # Half of the rest goes into the colours of code, token by token: one of a kind in each block.
    # Of text on a picture axe says nothing: away with the cue of boxes that scroll.
    page.evaluate(
        """() => {
          if (window.whole) return;
          window.plain = new CSSStyleSheet();
          window.plain.replaceSync('main * { background-image: none !important }');
          document.adoptedStyleSheets.push(window.plain);
          window.whole = [...document.querySelectorAll('.katex, pre')].map(e => [e, e.innerHTML]);
          for (const [e] of window.whole) if (e.matches('.katex')) e.textContent = 'x';
          for (const [block] of window.whole) {
            const seen = new Set();
            for (const token of block.querySelectorAll('span:not(:has(*))')) {
              const kind = [token.parentElement.className, token.className,
                token.getAttribute('style')].join('|');
              if (seen.has(kind)) token.remove(); else seen.add(kind);
            }
          }
        }"""
    )
    # Off by default in axe, on in Lighthouse and part of WCAG 2.2 AA.
    options = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
    if colours:
        options["runOnly"], options["rules"] = COLOUR_RULES, {}
    elif colours is not None:
        options["rules"] |= {rule: {"enabled": False} for rule in COLOUR_RULES}
    violations = page.evaluate(
        "async ([within, options]) => (await axe.run(within ?? document, options)).violations",
        [within, options],
    )
    lines = []
    for violation in violations:
        for node in violation["nodes"][:4]:
            target = " ".join(str(part) for part in node["target"])
            why = " ".join(node["failureSummary"].split())[:220]
            lines.append(f"{violation['id']} ({violation['impact']}): {target}: {why}")
        extra = len(violation["nodes"]) - 4
        if extra > 0:
            lines.append(f"{violation['id']}: and {extra} more")
    return lines


def whole_again(page) -> None:
    """Bring back what `axe_violations` has cut."""
    page.evaluate(
        """() => {
          window.whole.forEach(([e, html]) => { e.innerHTML = html });
          window.whole = null;
          document.adoptedStyleSheets = document.adoptedStyleSheets.filter(s => s !== window.plain);
        }"""
    )


def blank_widgets(page) -> list[str]:
    """Without JavaScript: list widgets that show a reader no picture with a text alternative."""
    return page.evaluate(
        """() => [...document.querySelectorAll('[data-widget]')].flatMap((e, i) => {
          const scope = e.querySelector('img') ? e : e.parentElement;
          const image = [...scope.querySelectorAll('img')].find(
            m => m.getBoundingClientRect().width > 50 && m.naturalWidth > 50);
          if (!image) return [`widget ${i + 1} (${e.dataset.widget}) shows no picture`];
          return image.alt.trim() ? [] : [`widget ${i + 1} (${e.dataset.widget}): empty alt`];
        })"""
    )


def unreadable_math(page) -> list[str]:
    """List formulas that show their LaTeX source, or nothing, instead of being set."""
    return page.evaluate(
        """() => [...document.querySelectorAll('.math')].flatMap(e => {
          const text = e.textContent.trim();
          const set = e.querySelector('.katex, math, mjx-container');
          if (set && set.getBoundingClientRect().width > 0) return [];
          if (e.getClientRects().length === 0) return [];
          return [`not set: ${text.slice(0, 60)}`];
        }).concat([...document.querySelectorAll('.katex-error')].map(
          e => `error: ${e.textContent.slice(0, 60)}`))"""
    )


def dark_images(page) -> list[str]:
    """In dark mode: list plot images that stay a white sheet, or dark lines on a dark page.

    A plot must either be inverted by a filter or lie on a light ground; a photograph (tag
    ``photo``) must not be inverted. Transparent plots without a filter are the usual defect.
    """
    return page.evaluate(
        """() => {
          const luminance = colour => {
            const parts = colour.match(/[\\d.]+/g).map(Number);
            if (parts.length > 3 && parts[3] === 0) return null;
            return (0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]) / 255;
          };
          const bad = [];
          for (const image of document.querySelectorAll('.cell_output img')) {
            if (image.closest('[data-widget], noscript')) continue;
            const name = image.getAttribute('src').split('/').pop();
            let inverted = false;
            for (let e = image; e; e = e.parentElement)
              if (/invert\\(/.test(getComputedStyle(e).filter)) inverted = !inverted;
            const photo = !!image.closest('.tag_photo');
            if (photo) {
              if (inverted) bad.push(`${name}: a photograph shown as a negative`);
              continue;
            }
            const canvas = document.createElement('canvas');
            canvas.width = canvas.height = 2;  // of the picture in its size: the rest is cut off
            const brush = canvas.getContext('2d');
            brush.drawImage(image, 0, 0);
            const [r, g, b, a] = brush.getImageData(1, 1, 1, 1).data;
            let ground = a < 128 ? null : (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
            if (ground !== null && inverted) ground = 1 - ground;
            for (let e = image; ground === null && e; e = e.parentElement)
              ground = luminance(getComputedStyle(e).backgroundColor);
            if (a < 128 && !inverted && (ground ?? 1) < 0.5)
              bad.push(`${name}: transparent plot, dark lines on a dark page`);
            if (a >= 128 && ground > 0.6)
              bad.push(`${name}: a white sheet on a dark page (luminance ${ground.toFixed(2)})`);
          }
          return bad;
        }"""
    )


def lay_out_all(page, on: bool = True) -> None:
    """Have sections off the screen laid out and coloured, too (they are skipped for speed).

    Chromium keeps the colours of a skipped section as they were when the theme changed; and a
    change of theme takes four times as long where none is skipped. So: off, change, on.
    """
    page.evaluate(
        """on => {
          if (!window.all) {
            window.all = new CSSStyleSheet();
            window.all.replaceSync('* { content-visibility: visible !important }');
          }
          const others = document.adoptedStyleSheets.filter(sheet => sheet !== window.all);
          document.adoptedStyleSheets = on ? [...others, window.all] : others;
        }""", on,
    )  # fmt: skip
    if on:
        settle(page)  # before the next frame their styles are the old ones


def cut_off(page) -> list[str]:
    """Formulas that reach beyond their column, unless a box with a cue and a tab stop scrolls them.

    Sizes are compared for every formula whose fold is open, on the screen or not.
    """
    return page.evaluate(
        """() => {
          const bad = [];
          const name = k => k.querySelector('annotation').textContent.trim().slice(0, 70);
          for (const k of document.querySelectorAll('main .katex')) {
            const parts = [...k.querySelectorAll('.katex-html .base')]
              .flatMap(part => [...part.getClientRects()]);
            if (!parts.length) continue;
            const right = Math.max(...parts.map(r => r.right));
            const left = Math.min(...parts.map(r => r.left));
            for (let box = k.parentElement; box && box !== document.body; box = box.parentElement) {
              const style = getComputedStyle(box);
              if (/(auto|scroll)/.test(style.overflowX)) {
                if (box.scrollWidth <= box.clientWidth + 1) break;
                if (left < box.getBoundingClientRect().left - 1)
                  bad.push(`${name(k)}: begins left of its box`);
                if (!/local.*scroll/.test(style.backgroundAttachment) ||
                    !style.backgroundImage.includes('gradient'))
                  bad.push(`${name(k)}: scrolls, and nothing shows it`);
                if (box.tabIndex !== 0 || !box.getAttribute('aria-label'))
                  bad.push(`${name(k)}: scrolls, and not by keyboard`);
                break;
              }
              if (!/block|list-item|table-cell|flex|grid/.test(style.display)) continue;
              const room = box.getBoundingClientRect();
              if (right > room.right + 1 || left < room.left - 1) {
                const px = Math.round(right - room.right);
                bad.push(`${name(k)}: ${px} px beyond its ${box.tagName.toLowerCase()}`);
                break;
              }
            }
          }
          return bad;
        }"""
    )


def torn(page) -> list[str]:
    """Short formulas that break, or whose punctuation begins a line (see KeepTogether)."""
    return page.evaluate(
        """() => [...document.querySelectorAll('main .together')].filter(together => {
          const parts = [...together.querySelectorAll('.katex-html .base')];
          if (together.lastChild.nodeType === Node.TEXT_NODE) {
            const range = document.createRange();
            range.selectNodeContents(together.lastChild);
            parts.push(range);
          }
          const lefts = parts.flatMap(part => [...part.getClientRects()]).map(r => r.left);
          return lefts.some((left, n) => n && left < lefts[n - 1]);
        }).map(together => together.querySelector('annotation').textContent + ' is torn')"""
    )


def inverted_heat_maps(page) -> list[str]:
    """In dark mode: heat maps that a filter inverts, with their values.

    And figures whose caption speaks of light and dark as what its values look like.
    """
    return page.evaluate(
        """async () => {
          const words = /\\b(dark|light|bright)(er|est)?\\b/i;
          const bad = [];
          for (const image of document.querySelectorAll('.cell_output img')) {
            if (image.closest('[data-widget], noscript')) continue;
            const caption = image.closest('figure')?.querySelector('figcaption');
            const said = (caption?.textContent ?? '') + image.alt;
            const source = image.src.includes('.svg') ? await (await fetch(image.src)).text() : '';
            if (!/<image\\b/.test(source) && !words.test(said)) continue;
            for (let e = image; e; e = e.parentElement)
              if (/invert\\(/.test(getComputedStyle(e).filter)) bad.push(said.slice(0, 90));
          }
          return bad;
        }"""
    )


def unmarked_scrolling(page) -> list[str]:
    """Boxes of the text that scroll sideways without a tab stop, a role and a name."""
    return page.evaluate(  # what is skipped off the screen is laid out when it is measured
        """() => [...document.querySelectorAll('main *')].filter(e => {
          if (!e.clientWidth || e.scrollWidth <= e.clientWidth + 1) return false;
          if (!/(auto|scroll)/.test(getComputedStyle(e).overflowX)) return false;
          return !['tabindex', 'role', 'aria-label'].every(name => e.getAttribute(name));
        }).map(e => `${e.tagName}.${e.className}: ${e.textContent.trim().slice(0, 60)}`)"""
    )
