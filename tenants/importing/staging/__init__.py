"""Staging: rows of a file to typed columns with their problems, chunk by chunk, without a database."""
