"""Grades, feedback and gradebooks."""
