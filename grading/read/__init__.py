"""Reads what was handed in."""
