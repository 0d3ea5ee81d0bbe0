"""Checks the pages: ``python -m publish.lint``."""

from . import main

raise SystemExit(main())
