"""The look of the book: a Sphinx theme of its own instead of sphinx-book-theme.

The themes that Jupyter Book brings send about 600 KB of style sheets, icon fonts and scripts
with every page, write the table of contents of the whole book anew for each page, and fail
several accessibility checks. This theme is one template, one style sheet and one small script
(the files beside this one, and ``book/_assets/``). It inherits from Sphinx' ``basic`` theme only.
"""

from __future__ import annotations

import re
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

from publish.site import bundle, chinese, nav, progress
from publish.site.addresses import Addresses
from publish.site.heights import add_heights
from publish.site.images import size_images
from publish.site.markup import list_citations, name_folds, thin_code, wrap_tables
from publish.site.scrolling import mark_scrolling

THEME = Path(__file__).parent
NAMES = [f"workbook_{name}" for name in ("repository", "site", "branch", "hub", "binder")]

# What extensions that Jupyter Book switches on would add to every page. Nothing on a page of this
# book uses them: their jobs are done by workbook.css, workbook.js, or plain HTML (<details>).
UNUSED = (
    "basic.css", "pygments.css", "mystnb", "togglebutton", "copybutton", "clipboard",
    "sphinx-thebe", "thebe", "sphinx-design", "design-tabs", "sphinx-book-theme",
    "pydata-sphinx-theme", "documentation_options", "doctools", "sphinx_highlight", "katex-math",
    "katex.min.css",  # part of workbook.css
)
_KATEX = 'class="katex'
_VIEWPORT = re.compile(r'<meta name="viewport"[^>]*>\s*')

# Before the first paint: the reader's choice, else the system's. No choice is stored unasked.
THEME_SCRIPT = (
    '(function(r,t){r.classList.add("js");try{t=localStorage.getItem("theme")}catch(e){}'
    'if(t!="light"&&t!="dark")t=matchMedia("(prefers-color-scheme: dark)").matches?"dark":"light";'
    "r.dataset.theme=t})(document.documentElement)"
)


def use_theme(app: Sphinx, config: Config) -> None:
    """Put our theme in the place of Jupyter Book's, whatever started the build."""
    config.html_theme = "workbook"
    config.html_theme_options = {}
    config.html_sidebars = {}
    config.html_permalinks_icon = "#"
    config.html_secnumber_suffix = " "  # "6.2 Convolution", not "6.2. Convolution"
    config.html_copy_source = False
    config.html_show_sourcelink = False
    config.html_use_index = False  # no page defines index entries
    config.html_domain_indices = False
    config.html_logo = config.html_favicon = None
    config.workbook_look = bundle.fingerprint()
    config.html_static_path = [
        entry for entry in config.html_static_path if "_assets" not in str(entry)
    ]
    _silence_book_theme(app)


def _silence_book_theme(app: Sphinx) -> None:
    """Disconnect the hooks of sphinx-book-theme and of sphinx-thebe.

    Jupyter Book lists the theme among the extensions even when another one is in use, and its
    hooks prepare buttons for templates that this theme does not have. Thebe writes settings of
    its own into every page, an inline script among them.
    """
    for listeners in app.events.listeners.values():
        for listener in list(listeners):
            module = getattr(listener.handler, "__module__", "")
            if module.split(".")[0] in ("sphinx_book_theme", "pydata_sphinx_theme", "sphinx_thebe"):
                app.disconnect(listener.id)


def stage(app: Sphinx) -> None:
    """Write the bundled style sheet, script, fonts and pictures where Sphinx copies them from."""
    if app.builder.format != "html":
        return
    folder = Path(app.doctreedir) / "workbook_static"
    bundle.write(folder)
    app.config.html_static_path.append(str(folder))
    app.add_js_file("workbook.js", loading_method="defer")


def _is_unused(asset: object) -> bool:
    name = str(getattr(asset, "filename", asset) or "")
    if not name:  # an inline script: thebe's settings, options of other themes
        body = str(getattr(asset, "attributes", {}).get("body", ""))
        return "THEBE" in body or "DOCUMENTATION_OPTIONS" in body or "toggle" in body.lower()
    return any(part in Path(name).name for part in UNUSED)


def addresses_of(app: Sphinx) -> Addresses:
    """Where this copy of the book lives, as configured."""
    config = app.config
    return Addresses.from_config({n: getattr(config, n, "") or "" for n in NAMES})


def _is_late(asset: object) -> bool:
    return str(getattr(asset, "filename", asset) or "").endswith("dlworkbook/widgets.css")


def notebook_of(app: Sphinx, docname: str, body: str) -> str:
    """``<path below book>`` of the page's notebook; empty when the page has none.

    A page has a notebook when its front matter has ``workbook:`` and it holds code cells.
    """
    meta = getattr(app.env, "workbook_meta", {}).get(docname)
    if not meta or not docname.startswith("book/") or 'class="cell' not in body:
        return ""
    return docname.removeprefix("book/")


def page_kind(app: Sphinx, pagename: str) -> str:
    """``landing`` for the first page, ``page`` for the others: the class of <body>."""
    return "landing" if pagename == app.config.root_doc else "page"


def complete_context(app, pagename, templatename, context, doctree) -> None:
    """Fill in what the template shows, and take out the files that no page needs."""
    builder = app.builder
    if builder.format != "html":
        return
    body = context.get("body") or ""
    for repair in (wrap_tables, list_citations, name_folds, thin_code):
        body = repair(body)
    body = add_heights(mark_scrolling(size_images(body, builder)), doctree)
    context["body"] = body
    for key in ("css_files", "script_files"):
        context[key] = [
            asset for asset in context.get(key, [])
            if not _is_unused(asset)
        ]

    # On the landing page the widget is in the first window; elsewhere its style can wait.
    late = []
    if page_kind(app, pagename) != "landing":
        late = [asset for asset in context["css_files"] if _is_late(asset)]
        context["css_files"] = [asset for asset in context["css_files"] if asset not in late]

    context["metatags"] = _VIEWPORT.sub("", context.get("metatags") or "")  # the template has it

    tree = nav.tree(app)
    addresses = addresses_of(app)
    is_doc = doctree is not None
    notebook = notebook_of(app, pagename, body) if is_doc else ""
    pathto = context["pathto"]
    previous, following = nav.neighbours(tree, pagename)
    number = tree.number(pagename) if is_doc else ""
    title = tree.title(pagename) if is_doc else ""
    kind = page_kind(app, pagename)
    context["workbook"] = {
        "kind": kind,
        "doc": is_doc,
        "theme_script": THEME_SCRIPT,
        "katex_sizes": bundle.stamped("vendor/katex/katex-sizes.css") if _KATEX in body else "",
        "search_script": bundle.stamped("search.js"),
        "favicon": bundle.favicon(),
        "late_css": late,
        "chinese": chinese.face(body),
        "nav": nav.render(tree, pagename, pathto),
        "contents": nav.render_contents(tree, pathto) if kind == "landing" else "",
        "shelf": progress.shelf(app.env) if kind == "landing" else "",
        "parents": [tree.link(name, pathto) for name in tree.parents(pagename)],
        "prev": tree.link(previous, pathto) if previous else None,
        "next": tree.link(following, pathto) if following else None,
        "toc": nav.page_toc(context.get("toc") or "") if is_doc and kind == "page" else "",
        "head_title": nav.head_title(number, title, context.get("docstitle") or "", kind),
        "notebook": pathto(f"notebooks/{notebook}.ipynb", 1) if notebook else "",
        "colab": addresses.colab(notebook) if notebook else "",
        "hub": addresses.in_hub(notebook) if notebook else "",
        "binder": addresses.in_binder(notebook) if notebook else "",
        "source": addresses.source(pagename) if is_doc else "",
        "repository": addresses.repository,
        "report": addresses.report(f"{number} {title}".strip()) if is_doc else "",
        "downloads": getattr(app.config, "workbook_downloads", []) if kind == "landing" else [],
    }


def setup(app: Sphinx) -> None:
    app.add_html_theme("workbook", str(THEME))
    app.add_config_value("workbook_look", "", "html")
    for name in NAMES:
        if name not in app.config:  # also usable without the rest of the package
            app.add_config_value(name, "main" if name.endswith("branch") else "", "html")
    app.connect("config-inited", use_theme, priority=900)
    app.connect("builder-inited", stage)
    app.connect("html-page-context", complete_context, priority=900)
    app.connect("build-finished", bundle.prune)
