"""The root of one shop's own rows."""
