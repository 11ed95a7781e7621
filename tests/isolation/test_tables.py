"""Every table that holds a shop's rows, driven as a neighbour of the same alliance and as a stranger."""

from __future__ import annotations

import pytest
from isolation.matrix.owners import Party
from isolation.matrix.rows import shop_tables
from isolation.matrix.tables import Probe, leaks
from sqlalchemy import Table

from alliance.platform.kernel.services import Services


@pytest.mark.parametrize("whose", ["neighbour", "stranger"])
@pytest.mark.parametrize("table", shop_tables(), ids=lambda table: table.fullname)
def test_no_other_shop_sees_changes_or_learns_of_a_row(
    services: Services, parties: tuple[Party, Party, Party], table: Table, whose: str
):
    victim, neighbour, stranger = parties
    intruder = neighbour if whose == "neighbour" else stranger
    assert leaks(Probe(services, table, victim, intruder)) == []
