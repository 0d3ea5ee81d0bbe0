"""The benchmark: ``make bench`` writes one table, every ratio measured in one run."""
