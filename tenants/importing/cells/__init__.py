"""Cells: pure normalisers from the text a person typed to a value, a fault or a note. No database, no clock."""
