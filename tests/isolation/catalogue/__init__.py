"""The rules that every object of the database keeps, each one a function that lists what breaks it.

A rule reads PostgreSQL's own catalogue, never the models alone, so what a migration wrote by hand is seen too. A new
rule goes into one of the modules below and needs a planted fault in `test_catalogue_faults.py`.
"""

from isolation.catalogue import objects, policies, privileges, shape, twin
from isolation.catalogue.reading import RULES, Catalogue, broken

__all__ = ["RULES", "Catalogue", "broken", "objects", "policies", "privileges", "shape", "twin"]
