"""The schema as it is served, and its committed text."""
