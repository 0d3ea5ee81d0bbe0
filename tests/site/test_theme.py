"""The theme: what a page loads, how its parts are marked up, what search engines read.

Small books are built with the theme alone, without Jupyter Book.
"""

from __future__ import annotations

import gzip
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest

from publish.site import bundle, images, markup, nav, seo
from tests.kit.small_book import build, page, without_addresses

MODULES = ("facts", "numbering", "theme", "search", "seo")
META = '{number: "6.2", summary: "Slide a window over an image."}'
CODE = "```{code-cell} python\n1 + 1\n```\n"
CONTENTS = "```{toctree}\n:caption: Chapters\nbook/ch03/index\nbook/ch06/index\n```\n"
PAGES = {
    "index": page(f"# The Book\n\nA first paragraph.\n\n{CONTENTS}"),
    "book/ch03/index": page("# Linear networks\n\nOne layer.\n", '{number: "3"}'),
    "book/ch06/index": page(
        "# Convolutional networks\n\nWindows.\n\n```{toctree}\nconvolution\n```\n", '{number: "6"}'
    ),
    "book/ch06/convolution": page(
        f"# Convolution\n\nA window slides.\n\n## Build\n\n{CODE}\n## See\n\n"
        "|   | size |\n|---|---|\n| valid | 4 |\n",
        META,
    ),
}
CONFIG = {"html_title": "The Book", "project": "The Book", "nb_execution_mode": "off"}
PAGE = "book/ch06/convolution"


class Parsed(HTMLParser):
    """All elements of a page as (tag, attributes)."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def all(self, tag: str, **wanted: str) -> list[dict]:
        return [a for t, a in self.elements
                if t == tag and all(a.get(k.rstrip("_")) == v for k, v in wanted.items())]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        without_addresses(patch)
        return build(tmp_path_factory.mktemp("plain"), PAGES, MODULES, **CONFIG)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """The same book with addresses, below a path as on GitHub Pages."""
    with pytest.MonkeyPatch.context() as patch:
        without_addresses(patch)
        patch.setenv("WORKBOOK_REPOSITORY", "https://github.com/example/book")
        patch.setenv("WORKBOOK_SITE", "https://example.github.io/book")
        patch.setenv("WORKBOOK_HUB", "https://hub.example.org")
        patch.setenv("WORKBOOK_BINDER", "https://binder.example.org")
        return build(tmp_path_factory.mktemp("published"), PAGES, MODULES, **CONFIG)


def loaded(built, name: str) -> set[Path]:
    """Files that a page makes the browser fetch, those named in its style sheets included."""
    found = set()
    queue = [(built.out / f"{name}.html")]
    parsed = Parsed(built.html(name))
    links = [a["href"] for a in parsed.all("link") if a["rel"] in ("stylesheet", "preload")]
    links += [a["src"] for t in ("script", "img") for a in parsed.all(t) if a.get("src")]
    for link in links:
        assert not urlsplit(link).netloc, link
        queue.append((built.out / f"{name}.html").parent / urlsplit(link).path)
    for path in queue:
        path = path.resolve()
        assert path.is_file(), path
        found.add(path)
    return found


def test_builds_without_a_warning(built, published):
    assert built.warnings == "" and published.warnings == ""


def test_no_file_is_missing_and_none_comes_from_elsewhere(built):
    for name in [*PAGES, "search"]:
        loaded(built, name)
    css = (built.out / "_static/workbook.css").read_text()
    for url in re.findall(r"url\(([^)]+)\)", css):
        assert not urlsplit(url).netloc and not url.startswith("//")
        assert (built.out / "_static" / urlsplit(url).path).is_file(), url


def test_a_page_without_formulas_is_light(built):
    total = sum(len(gzip.compress(path.read_bytes())) for path in loaded(built, PAGE))
    assert total < 75_000
    assert not any("katex" in path.name for path in loaded(built, PAGE))
    scripts = [path for path in loaded(built, PAGE) if path.suffix == ".js"]
    assert [path.name for path in scripts] == ["workbook.js"]
    assert len(gzip.compress(scripts[0].read_bytes())) < 5_000


def test_nothing_unused_is_published(built):
    """What is in _static is loaded by some page, or when somebody searches."""
    names = {p.name for p in (built.out / "_static").iterdir()}
    assert names == {"workbook.css", "workbook.js", "search.js", "fonts", "vendor", "logo.svg",
                     "og.png"}


def test_the_script_of_the_search_is_named_and_not_loaded(built):
    for name in [*PAGES, "search"]:
        (form,) = Parsed(built.html(name)).all("form", role="search")
        assert re.fullmatch(r"(\.\./)*_static/search\.js\?v=\w{8}", form["data-script"])
        assert not any(path.name == "search.js" for path in loaded(built, name))


def test_nothing_is_preloaded_that_the_first_paint_does_not_need(built):
    for name in PAGES:
        assert not Parsed(built.html(name)).all("link", rel="preload")


def test_files_carry_their_version(built):
    parsed = Parsed(built.html(PAGE))
    assets = [a["href"] for a in parsed.all("link", rel="stylesheet")]
    assets += [a["src"] for a in parsed.all("script") if a.get("src")]
    assert assets and all(re.search(r"\?v=\w{8}$", asset) for asset in assets)


def test_sidebar_shows_all_chapters_and_the_pages_of_this_one(built):
    inside = built.html(PAGE).split('id="chapters"')[1].split("</nav>")[0]
    assert re.findall(r"<b>([\d.]+)</b>", inside) == ["3", "6", "6.2"]
    assert inside.count('aria-current="page"') == 1
    other = built.html("book/ch03/index").split('id="chapters"')[1].split("</nav>")[0]
    assert re.findall(r"<b>([\d.]+)</b>", other) == ["3", "6"]


def test_title_has_its_number_and_neighbours_their_links(built):
    html = built.html(PAGE)
    assert "<title>6.2 Convolution · The Book</title>" in html
    assert 'class="section-number">6.2 </span>' in html
    parsed = Parsed(html)
    assert [a["href"] for a in parsed.all("a", rel="prev")] == ["index.html"]
    assert not parsed.all("a", rel="next")
    first = Parsed(built.html("book/ch03/index"))
    assert [a["href"] for a in first.all("a", rel="next")] == ["../ch06/index.html"]
    assert not first.all("link", rel="next")  # which Firefox fetches, against the policy


def test_table_of_contents_lists_the_sections_without_the_title(built):
    rail = built.html(PAGE).split('class="on-page"')[1].split("</details>")[0]
    assert re.findall(r'href="(#[^"]+)"', rail) == ["#build", "#see"]


def test_sections_tell_how_tall_they_will_be(built):
    """More text, more height; narrower, taller; the title's own section is always laid out."""
    html = built.html(PAGE)
    heights = re.findall(r'<section id="(\w+)" style="--wide-h:(\d+)rem;--phone-h:(\d+)rem">', html)
    assert [name for name, _, _ in heights] == ["build", "see"]
    assert all(0 < int(wide) <= int(phone) for _, wide, phone in heights)
    assert 'id="convolution"' in html and 'id="convolution" style' not in html


def test_notebook_link_only_where_there_is_a_notebook(built):
    wanted = {"rel": "alternate", "type_": "application/x-ipynb+json"}
    found = Parsed(built.html(PAGE)).all("link", **wanted)
    assert [a["href"] for a in found] == ["../../notebooks/ch06/convolution.ipynb"]
    for name in ("index", "book/ch03/index", "search"):
        assert not Parsed(built.html(name)).all("link", **wanted)


def test_without_addresses_there_is_no_link_to_them(built):
    html = built.html(PAGE)
    assert not any(word in html.lower() for word in ("colab", "github", "binder", "jupyterhub"))
    assert "canonical" not in html and "og:url" not in html and "og:image" not in html
    assert not (built.out / "sitemap.xml").exists()
    assert "Sitemap" not in (built.out / "robots.txt").read_text()


def test_with_addresses_the_buttons_and_tags_appear(published):
    html = published.html(PAGE)
    parsed = Parsed(html)
    links = {a.get("href") for a in parsed.all("a")}
    assert ("https://colab.research.google.com/github/example/book/blob/main/notebooks/"
            "ch06/convolution.ipynb") in links
    assert "https://github.com/example/book/blob/main/book/ch06/convolution.md" in links
    file = "notebooks%2Fch06%2Fconvolution.ipynb"
    assert ("https://hub.example.org/hub/user-redirect/git-pull?repo=https%3A%2F%2Fgithub.com%2F"
            f"example%2Fbook&urlpath=lab%2Ftree%2Fbook%2F{file}&branch=main") in links
    binder = "https://binder.example.org/v2/gh/example/book/main"
    assert f"{binder}?urlpath=lab%2Ftree%2F{file}" in links
    address = f"https://example.github.io/book/{PAGE}.html"
    assert [a["href"] for a in parsed.all("link", rel="canonical")] == [address]
    assert [a["content"] for a in parsed.all("meta", property="og:url")] == [address]
    picture = parsed.all("meta", property="og:image")[0]["content"]
    relative = picture.removeprefix("https://example.github.io/book/")
    assert (published.out / relative).is_file()


def test_errors_are_reported_where_the_repository_is_known(built, published):
    """The report says which page it is about."""
    address = "https://github.com/example/book/issues/new?title=Error%20in%20"
    for name, title in ((PAGE, "6.2%20Convolution"), ("index", "The%20Book")):
        links = [a["href"] for a in Parsed(published.html(name)).all("a")
                 if "/issues" in a.get("href", "")]
        assert links == [address + title], name
        assert "Report an error on this page" in published.html(name)
        assert "Report an error" not in built.html(name)


def test_sitemap_lists_every_page_once(published):
    urls = re.findall(r"<loc>([^<]+)</loc>", (published.out / "sitemap.xml").read_text())
    base = "https://example.github.io/book/"
    assert urls == sorted([base] + [f"{base}{name}.html" for name in PAGES if name != "index"])
    assert f"Sitemap: {base}sitemap.xml" in (published.out / "robots.txt").read_text()


def test_every_page_has_one_description(built):
    wanted = {PAGE: "Slide a window over an image.", "index": "A first paragraph.",
              "book/ch03/index": "One layer.", "search": "Search: The Book."}
    for name, text in wanted.items():
        found = Parsed(built.html(name)).all("meta", name="description")
        assert [a["content"] for a in found] == [text], name


def test_one_viewport_one_main_and_a_language(built):
    for name in [*PAGES, "search", "404"]:
        parsed = Parsed(built.html(name))
        assert len(parsed.all("meta", name="viewport")) == 1, name
        assert len(parsed.all("main")) == 1 and len(parsed.all("h1")) == 1, name
        assert parsed.all("html")[0]["lang"] == "en"


def test_missing_page_stands_alone(built, published):
    """It is served at any depth: no file of the site can be found by a relative address."""
    for book in (built, published):
        parsed = Parsed(book.html("404"))
        assert not parsed.all("link", rel="stylesheet") and not parsed.all("img")
        assert all(not a.get("src") for a in parsed.all("script"))
    home = Parsed(published.html("404")).all("a", id="home")
    assert home[0]["href"] == "/book/"


def test_changed_style_rewrites_the_pages(built):
    assert built.app.config.workbook_look == bundle.fingerprint()
    assert built.app.config.values["workbook_look"].rebuild == "html"


def test_landing_page_lists_the_contents(built):
    html = built.html("index")
    assert '<body class="landing">' in html
    contents = html.split('class="contents"')[1]
    assert re.findall(r"<span>([^<]+)</span>", contents) == [
        "Linear networks", "Convolutional networks", "Convolution"
    ]


# --- the parts by themselves


def test_vendored_katex_is_the_version_that_renders():
    import sphinxcontrib.katex as katex

    folder = bundle.ASSETS / "vendor" / "katex"
    assert (folder / "VERSION").read_text().strip() == katex.katex_version
    assert (folder / "LICENSE.txt").is_file() and (bundle.ASSETS / "fonts/LICENSE.txt").is_file()


def test_katex_sizes_are_in_one_file_and_all_fonts_exist():
    folder = bundle.ASSETS / "vendor" / "katex"
    css = (folder / "katex.min.css").read_text()
    fonts = re.findall(r"url\((fonts/[^)]+)\)", css)
    assert fonts and all((folder / font).is_file() for font in fonts)
    assert not any("Size" in font for font in fonts)
    sizes = (folder / "katex-sizes.css").read_text()
    assert sizes.count("@font-face") == sizes.count("data:font/woff2;base64,") == 4


def test_bold_mathematics_has_letters_digits_and_greek():
    from fontTools.ttLib import TTFont

    known = TTFont(bundle.ASSETS / "vendor/katex/fonts/KaTeX_Main-Bold.woff2").getBestCmap()
    for sign in "ABCXYZabcxyz0123456789ΓΔΘΛΞΠΣΦΨΩ+=()[]−":
        assert ord(sign) in known, sign


def test_text_font_has_the_characters_of_english_and_keeps_its_licence():
    from fontTools.ttLib import TTFont

    for path in (bundle.ASSETS / "fonts").glob("*.woff2"):
        assert path.stat().st_size < 13_500
        font = TTFont(path)
        signs = "ÄßÇñ¿•" if path.stem.endswith("-more") else "azAZ09éü½“”’–—…×·−"
        for sign in signs:
            assert ord(sign) in font.getBestCmap(), (path.name, sign)
        names = {r.nameID: r.toUnicode() for r in font["name"].names}
        assert "Adobe" in names[0] and "Source" not in names[1] + names[4] + names[6]


def test_each_half_of_a_font_is_announced_with_its_characters():
    """The browser fetches the second half for its characters only, and the first wins."""
    from fontTools.ttLib import TTFont

    face = r"src: ?url\(([\w/.-]+\.woff2)[^}]*unicode-range: ?([^;}]+)"
    faces = [one for one in re.findall(face, bundle.style()) if one[0] != bundle.WHOLE_CHINESE]
    order = [Path(name).stem for name, _ in faces]
    assert len(order) == len(set(order)) == 2 * (3 + 2)
    for (name, value), stem in zip(faces, order):
        codes = set()
        for part in value.replace("U+", "").split(","):
            low, _, high = part.strip().partition("-")
            codes |= set(range(int(low, 16), int(high or low, 16) + 1))
        known = set(TTFont(bundle.ASSETS / name).getBestCmap())
        assert known <= codes and 0x200B not in codes, name
        if not stem.endswith("-more"):
            assert known == codes and order.index(f"{stem}-more") < order.index(stem)


def test_every_icon_in_a_template_is_drawn():
    theme = Path(bundle.__file__).parent / "theme"
    drawn = set(re.findall(r'name == "([\w-]+)"', (theme / "icons.html").read_text()))
    used = set(re.findall(r'icon\("([\w-]+)"\)', (theme / "layout.html").read_text()))
    assert used and used <= drawn


def colours(theme: str) -> dict[str, str]:
    css = (bundle.ASSETS / "css/tokens.css").read_text()
    start = css.index('html[data-theme="dark"]')
    text = css[start:] if theme == "dark" else css[:start]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", text))


def test_dark_theme_names_every_colour_of_the_light_one():
    assert set(colours("dark")) == set(colours("light"))


def test_pictures_get_their_size_and_load_late(tmp_path):
    (tmp_path / "plot.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="360pt" height="180pt"></svg>'
    )
    builder = type("Builder", (), {"images": {"plot.svg": "plot.svg"}, "srcdir": str(tmp_path)})
    html = images.size_images('<img alt="a" src="_images/plot.svg" />' * 2, builder)
    first, second = re.findall(r"<img[^>]*>", html)
    assert 'width="480" height="240"' in first and "lazy" not in first
    assert 'loading="lazy"' in second
    assert 'width="9"' in images.size_images('<img width="9" src="x.svg">', builder)


def svg_with(picture, tmp_path, name):
    """An SVG of matplotlib's kind with these pixels (rows, columns, RGBA; floats up to 1)."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2, 2))
    axes = figure.subplots()
    picture(axes)
    figure.savefig(tmp_path / name, transparent=True)
    return tmp_path / name


def test_heat_maps_are_told_from_plots(tmp_path):
    """Dark mode inverts plots; the light and dark of a heat map mean something."""
    cells = [[0, 1, 2], [3, 4, 5]]
    holes = np.ma.masked_less([[0, 1], [2, 0]], 1)
    kinds = {
        "imshow.svg": (lambda axes: axes.imshow(cells, cmap="gray"), True),
        "mesh.svg": (lambda axes: axes.pcolormesh(cells), True),
        "pixels.svg": (lambda axes: axes.pcolormesh(cells, rasterized=True), True),
        "holes.svg": (lambda axes: axes.imshow(holes), True),
        "line.svg": (lambda axes: axes.plot([1, 2]), False),
        "bars.svg": (lambda axes: axes.bar([1, 2], [3, 4]), False),
    }
    for name, (picture, shades) in kinds.items():
        assert images.has_shades(svg_with(picture, tmp_path, name)) == shades, name
    assert not images.has_shades(tmp_path / "missing.svg")

    found = {name: name for name in kinds}
    builder = type("Builder", (), {"images": found, "srcdir": str(tmp_path)})
    html = images.size_images('<img class="b" src="imshow.svg"><img src="mesh.svg">', builder)
    assert html.count("<img") == 2 and html.count("shades") == 2
    assert 'class="shades b"' in html and html.count("class=") == 2
    assert "shades" not in images.size_images('<img src="line.svg"><img src="bars.svg">', builder)


def test_a_wide_picture_stands_in_a_box_that_scrolls(tmp_path):
    for name, width in (("wide", 584), ("narrow", 413)):
        (tmp_path / f"{name}.svg").write_text(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}pt" height="90pt"></svg>'
        )
    found = {f"{n}.svg": f"{n}.svg" for n in ("wide", "narrow")}
    builder = type("Builder", (), {"images": found, "srcdir": str(tmp_path)})
    html = images.size_images('<img src="wide.svg" /><img src="narrow.svg" />', builder)
    assert html.count('<div class="picture-box" style="--picture:779px"><img') == 1
    assert html.count("picture-box") == html.count("</div>") == 1


def test_size_in_points_and_of_a_broken_file(tmp_path):
    points, broken = tmp_path / "points.svg", tmp_path / "broken.svg"
    points.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="30pt" height="21pt"></svg>')
    broken.write_text("<svg")
    assert images.picture_size(points) == (40, 28)
    assert images.picture_size(broken) is None
    assert images.picture_size(tmp_path / "missing.png") is None


def test_table_with_an_empty_corner_gets_row_heads():
    table = ("<table><thead><tr><th></th><th>a</th></tr></thead>"
             "<tbody><tr><td>row</td><td>1</td></tr></tbody></table>")
    html = markup.wrap_tables(table)
    assert html.startswith('<div class="table-box"><table>') and html.endswith("</table></div>")
    assert '<th scope="row">row</th><td>1</td>' in html and "<th></th>" not in html
    plain = table.replace("<th></th>", "<th>x</th>")
    assert "<td>row</td>" in markup.wrap_tables(plain)


def test_names_in_a_table_break_where_their_parts_meet():
    code = '<code><span class="pre">{}</span></code>'
    names = [code.format(name) for name in ("week06_convolution", "a/MaxPool_2d", "HTML", "_x_")]
    html = markup.wrap_tables(f"<table><tbody><tr><td>{' '.join(names)}</td></tr></tbody></table>")
    parts = ["week06_<wbr>convolution", "a/<wbr>Max<wbr>Pool_<wbr>2d", "HTML", "_<wbr>x_"]
    assert " ".join(map(code.format, parts)) in html
    outside = f"<p>{names[0]}</p>"
    assert markup.wrap_tables(outside) == outside


def test_code_loses_uncoloured_elements_only():
    html = ('<pre><span></span><span class="k">def</span><span class="w"> </span>'
            '<span class="n">f</span></pre><span class="mop">x</span>')
    thin = '<pre><span class="k">def</span> f</pre><span class="mop">x</span>'
    assert markup.thin_code(html) == thin


def test_what_is_thinned_has_no_colour():
    """A class that markup.thin_code removes must not be one that the style sheet colours."""
    css = (bundle.ASSETS / "css/cells.css").read_text()
    coloured = set(re.findall(r"\.(\w+)", " ".join(re.findall(r"^\.highlight :is\(([^)]*)\)", css,
                                                              re.MULTILINE))))
    thinned = set(re.search(r"\(\?:([\w|]+)\)", markup._UNCOLOURED.pattern)[1].split("|"))
    assert len(coloured) > 20 and not coloured & thinned


def test_description_is_cut_between_words():
    assert seo.shorten("one two three", 9) == "one two…"
    assert seo.shorten("one  two\nthree") == "one two three"


def test_head_title_leaves_out_what_is_empty():
    assert nav.head_title("6.2", "Convolution", "Book", "page") == "6.2 Convolution · Book"
    assert nav.head_title("", "Glossary", "Book", "page") == "Glossary · Book"
    assert nav.head_title("", "Book", "Book", "landing") == "Book"


def test_style_sheet_is_whole():
    css = bundle.style()
    assert css.count("{") == css.count("}")
    assert "/*" not in css
    defined = set(re.findall(r"(--[\w-]+):", css))
    used = set(re.findall(r"var\((--[\w-]+)\)", css))  # one with a fallback need not be defined
    assert used <= defined
