"""Makes assignments from lab pages."""
