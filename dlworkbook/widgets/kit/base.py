"""What all widgets share: state, validation, and the form in which they are shown.

One class, three ways to be shown, decided once, when the module is imported:

- while the site is built (``DLWORKBOOK_STATIC=1``) and
- in Colab, or where anywidget is missing, a widget is a plain Python object that knows its
  HTML; no comm is opened and no widget state is left in the notebook;
- elsewhere it is an ``anywidget.AnyWidget``: alive both ways, usable in ipywidgets layouts.
"""

from __future__ import annotations

import base64
import copy
import html
import io
import json
import sys
from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar

from dlworkbook import is_static_build
from dlworkbook.widgets.kit import bundle


def _anywidget() -> Any:
    """The anywidget package where live widgets are wanted and can be had, else None."""
    if is_static_build() or "google.colab" in sys.modules:
        return None
    try:
        import anywidget
    except ImportError:
        return None
    return anywidget


_live = _anywidget()

if _live is not None:
    import traitlets

    class StateError(traitlets.TraitError, ValueError):
        """A setting that a widget cannot have; the message says which are allowed."""

    class Field(traitlets.TraitType):
        """A setting of a widget, kept equal in Python and in the page.

        ``check`` gets the value, returns it in its normal form, and raises ``ValueError``.
        """

        def __init__(self, default: Any, check: Callable[[Any], Any], doc: str = "") -> None:
            super().__init__(help=doc)
            self._start, self._check = default, check
            self.tag(sync=True)

        def default(self, obj: Any = None) -> Any:
            return copy.deepcopy(self._start)

        def validate(self, obj: Any, value: Any) -> Any:
            try:
                return self._check(value)
            except ValueError as error:
                raise StateError(f"{type(obj).__name__}.{self.name}: {error}") from None

    class _Backend(_live.AnyWidget):
        """anywidget's side of a widget."""

else:

    class StateError(ValueError):
        """A setting that a widget cannot have; the message says which are allowed."""

    class Field:
        """A setting of a widget, checked on assignment.

        ``check`` gets the value, returns it in its normal form, and raises ``ValueError``.
        """

        def __init__(self, default: Any, check: Callable[[Any], Any], doc: str = "") -> None:
            self._start, self._check, self.__doc__ = default, check, doc

        def __set_name__(self, owner: type, name: str) -> None:
            self.name = name

        def __get__(self, obj: Any, owner: type | None = None) -> Any:
            if obj is None:
                return self
            return obj.__dict__.setdefault(self.name, copy.deepcopy(self._start))

        def __set__(self, obj: Any, value: Any) -> None:
            try:
                obj.__dict__[self.name] = self._check(value)
            except ValueError as error:
                raise StateError(f"{type(obj).__name__}.{self.name}: {error}") from None

    class _Backend:
        """A plain object in place of anywidget's class."""

        def __init__(self, **settings: Any) -> None:
            super().__init__()
            for name, value in settings.items():
                setattr(self, name, value)


def _inside_script(code: str) -> str:
    """Code that may stand inside a ``<script>`` element."""
    return code.replace("</", "<\\/")


@cache
def declared(name: str) -> dict[str, Any]:
    """What the ``settings.json`` of a widget declares; {} without one."""
    file = bundle.WIDGETS / name / "settings.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


class Widget(_Backend):
    """Base class. A subclass sets ``widget_name`` and its :class:`Field` s (see settings.py)."""

    #: Name of the widget: its folder, and ``data-widget="<name>"``.
    widget_name: ClassVar[str] = ""
    #: What a screen reader calls it, as settings.json says.
    label: ClassVar[str] = ""
    #: The names of the settings, in order (filled in for each subclass).
    settings: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **keywords: Any) -> None:
        # traitlets' add_traits() makes subclasses per instance: those define no name.
        if "widget_name" in cls.__dict__:
            cls.settings = tuple(k for k, v in cls.__dict__.items() if isinstance(v, Field))
            cls.label = cls.__dict__.get("label") or declared(cls.widget_name)["label"]
            if _live is not None:
                cls._esm = bundle.module(cls.widget_name)
                cls._css = bundle.small_css(cls.widget_name)
        super().__init_subclass__(**keywords)

    def __init__(self, **settings: Any) -> None:
        unknown = sorted(set(settings) - set(self.settings) - {"layout"})
        if unknown:
            raise TypeError(
                f"{type(self).__name__} has no setting {', '.join(unknown)}; "
                f"it has {', '.join(self.settings)}"
            )
        super().__init__(**settings)

    def state(self) -> dict[str, Any]:
        """The settings as plain numbers, text and lists."""
        return {name: copy.deepcopy(getattr(self, name)) for name in self.settings}

    def describe(self) -> str:
        """One or two sentences that replace the widget where nothing can move."""
        return self.label

    def draw(self) -> Any:
        """A matplotlib figure of the first view, or None."""
        return None

    def reserve(self) -> dict[str, int]:
        """Room to keep free until the script runs, as CSS variables of the waiting block.

        ``rest`` pixels plus ``rows`` rows of cells, whose size follows from the width and
        ``cols``; ``nrest``, ``nrows``, ``ncols`` are the same for a phone, where ``share``
        columns may also have to fit beside something that takes 50 pixels. What the first view
        takes is measured by its test, and stands in ``settings.json``.
        """
        room = {"rest": 400, "rows": 0, "cols": 1, "nrest": 600, "nrows": 0, "ncols": 1, "share": 1}
        return room | declared(self.widget_name).get("room", {})

    def png(self) -> bytes | None:
        """The first view as a small PNG, or None where matplotlib is missing."""
        try:
            from matplotlib import pyplot as plt
            from PIL import Image
        except ImportError:
            return None
        figure = self.draw()
        if figure is None:
            return None
        raw, packed = io.BytesIO(), io.BytesIO()
        figure.savefig(raw, format="png", dpi=96, facecolor="white")
        plt.close(figure)
        picture = Image.open(raw).convert("RGB").quantize(12)
        picture.save(packed, "PNG", optimize=True)
        return packed.getvalue()

    def html(self, *, inline: bool = False, picture: bool = True) -> str:
        """The widget as HTML.

        ``inline`` adds loader, script and style, so that the piece stands on its own (Colab,
        a saved notebook); without it the page must load them, as the site does. ``picture``
        puts the PNG into ``<noscript>``.
        """
        state = json.dumps(self.state(), separators=(",", ":")).replace("<", "\\u003c")
        room = ";".join(f"--{k}:{v}" for k, v in self.reserve().items())
        name = html.escape(self.label)
        png = self.png() if picture else None
        words = html.escape(self.describe())
        if png:
            data = base64.b64encode(png).decode()
            still = f'<img alt="{words}" src="data:image/png;base64,{data}">'
        else:
            still = f"<p>{words}</p>"
        parts = [
            f'<div class="dlw-box" data-widget="{self.widget_name}" role="group"',
            f' aria-label="{name}"{" data-inline=1" if inline else ""}>',
            f'<script type="application/json">{state}</script>',
            f'<div class="dlw-wait" style="{room}"></div>',
            f"<noscript>{still}</noscript></div>",
        ]
        if inline:
            code = bundle.loader() + bundle.script(self.widget_name) + "window.dlworkbook.scan();"
            parts.append(f"<style>{bundle.small_css()}</style>")
            parts.append(f"<script>{_inside_script(code)}</script>")
        return "".join(parts)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.describe()}>"

    def _repr_mimebundle_(self, **keywords: Any) -> Any:
        plain = {"text/plain": repr(self)}
        if is_static_build():
            png = self.png()
            if png:
                plain["image/png"] = base64.b64encode(png).decode()
            return {**plain, "text/html": self.html()}
        inline = {**plain, "text/html": self.html(inline=True, picture=False)}
        if _live is None:
            return inline
        live = super()._repr_mimebundle_(**keywords)
        data, meta = live if isinstance(live, tuple) else (live or {}, {})
        # The HTML beside the live view is what nbviewer and a saved notebook show.
        return {**data, **inline}, meta
