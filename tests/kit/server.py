"""The static server of the browser tests: the one that ``make serve`` runs, on a free port."""

from publish.tools.serve import Hit, background

__all__ = ["Hit", "serve"]

serve = background
