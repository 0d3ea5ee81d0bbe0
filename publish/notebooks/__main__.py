"""Writes the notebooks: ``python -m publish.notebooks``."""

from . import main

raise SystemExit(main())
