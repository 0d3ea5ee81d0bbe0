"""What makes the three editions from one source: site, notebooks, assignments."""
