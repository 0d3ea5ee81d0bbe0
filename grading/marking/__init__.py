"""Marking by hand: marks in plain files, the page to give them on, and requests for a regrade."""
