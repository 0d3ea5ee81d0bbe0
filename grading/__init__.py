"""What an instructor needs: assignments made from lab pages, and the grading of submissions.

    python -m grading.make.assignment 6              writes dist/lab6/
    python -m grading.grade 6 FOLDER            grades a folder or zip of notebooks

Nothing of this is in the wheel that students install.
"""

import sys

# As in publish/, for whoever imports nbformat first: each start of the grader would take 2 s more.
sys.modules.setdefault("rfc3987_syntax", None)
