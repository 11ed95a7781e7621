"""Who sees a shared row of others neither changes nor removes it, whatever the privileges of its table say."""

from __future__ import annotations

from typing import Any

import pytest
from isolation.catalogue import Catalogue
from sqlalchemy import text
from support.actors import make_alliance, make_member, make_shop

from alliance.platform.kernel import rls
from alliance.platform.kernel.columns import Visibility
from alliance.platform.kernel.db import set_local
from alliance.platform.kernel.services import Services

READ_BY_OTHERS = (
    Visibility.INSTALLATION,
    Visibility.ALLIANCE,
    Visibility.GRANT,
    Visibility.PERSON,
    Visibility.MEMBER_SHOP,
    Visibility.OWN_ALLIANCE,
    Visibility.MEMBERSHIP,
)


@pytest.mark.parametrize("visibility", READ_BY_OTHERS)
def test_every_command_but_reading_follows_the_rule_for_writing(catalogue: Catalogue, visibility: Visibility):
    tables = [t for t in catalogue.metadata.tables.values() if t.info.get("visibility") is visibility]
    check = rls.platform_check(visibility)
    assert rls.platform_rule(visibility) != check
    for table in tables:
        assert rls.policies(table) == {
            "scope_read": f"FOR SELECT USING ({rls.platform_rule(visibility)})",
            "scope_add": f"FOR INSERT WITH CHECK ({check})",
            "scope_change": f"FOR UPDATE USING ({check}) WITH CHECK ({check})",
            "scope_remove": f"FOR DELETE USING ({check})",
        }


@pytest.mark.parametrize(
    "statement", ["DELETE FROM platform.shop WHERE id = :id", "UPDATE platform.shop SET name = name WHERE id = :id"]
)
def test_a_member_that_was_granted_too_much_still_touches_no_other_shop(
    services: Services, catalogue: Catalogue, statement: str
):
    alliance = make_alliance(services)
    ours, allied = (make_shop(services, alliance=alliance) for _each in range(2))
    connection = catalogue.connection
    with connection.begin_nested() as savepoint:
        connection.exec_driver_sql(f'GRANT UPDATE, DELETE ON platform.shop TO "{catalogue.app}"')
        connection.exec_driver_sql(f'SET LOCAL ROLE "{catalogue.app}"')
        set_local(connection, make_member(services, ours).scope)
        touched: Any = connection.execute(text(statement), {"id": allied.id}).rowcount
        seen = connection.scalar(text("SELECT count(*) FROM platform.shop WHERE id = :id"), {"id": allied.id})
        savepoint.rollback()
    assert (touched, seen) == (0, 1)
