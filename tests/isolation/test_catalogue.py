"""Every object of the migrated database keeps the rules of isolation."""

from __future__ import annotations

import pytest
from isolation.catalogue import RULES, Catalogue, broken


@pytest.mark.parametrize("name", sorted(RULES))
def test_the_migrated_database_keeps_the_rule(catalogue: Catalogue, name: str):
    assert broken(catalogue, name) == {}
