"""Runs students' code behind walls."""
