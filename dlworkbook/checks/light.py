"""Light answers in a notebook: the verdict of ``dlworkbook.answers`` as a report, and proofs."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any

from .. import answers
from . import guard, values
from .report import Report

ID = re.compile("(?:ex|pr|try)-")  # what the id of an answer begins with, and that of no task
SECONDS = 5.0  # of processor time to read a value, which may be an object of the learner's own
STATUS = {"right": "passed"}  # the other states keep their names
