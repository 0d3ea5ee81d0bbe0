"""What a page is made of: one reading of its source for lint, notebooks, site and assignments."""
