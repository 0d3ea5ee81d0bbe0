"""The last lines of a function's contract, for tasks that are not written as a draft."""

from ..slips import FORM as FORM
