"""The shop's key figures."""
