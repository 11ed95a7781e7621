"""Writing: staged chunks into the shop's tables, in the caller's one transaction."""
