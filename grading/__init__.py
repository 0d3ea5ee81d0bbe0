"""What an instructor needs: assignments made from lab pages, and the grading of submissions.

    python -m grading.make.assignment 6              writes dist/lab6/
    python -m grading.grade 6 FOLDER            grades a folder or zip of notebooks

Nothing of this is in the wheel that students install.
"""

# Before nbformat, which would otherwise load what publish/ keeps out: 2 s of each start.
import publish  # noqa: F401
