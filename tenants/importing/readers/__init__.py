"""Readers: every format as one stream of numbered rows of text."""
