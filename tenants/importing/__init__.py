"""Importing: orders, products and returns from a shop's own files, checked before anything is written."""
