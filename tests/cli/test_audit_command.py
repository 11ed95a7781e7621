"""The operator checks every chain of the audit on the command line."""

from __future__ import annotations

from contextlib import contextmanager

import psycopg
from click.testing import CliRunner
from support.actors import make_alliance, make_shop

from alliance.web.cli import shops as shops_module
from alliance.web.cli.audit import audit

CHANGE = "UPDATE platform.audit_entry SET actor = %(actor)s WHERE shop_id = %(shop)s AND number = 2"


def run(services, monkeypatch):
    @contextmanager
    def ready():
        yield services

    monkeypatch.setattr(shops_module, "ready_services", ready)
    return CliRunner().invoke(audit, ["verify"])


def change(services, shop, actor):
    """As the owner of the table, with its trigger off; answers what stood there."""
    with psycopg.connect(services.settings.migrator_database_url.get_secret_value(), autocommit=True) as connection:
        found = connection.execute(
            "SELECT actor FROM platform.audit_entry WHERE shop_id = %s AND number = 2", [shop.id]
        ).fetchone()
        connection.execute("ALTER TABLE platform.audit_entry DISABLE TRIGGER USER")
        connection.execute(CHANGE, {"actor": actor, "shop": shop.id})
        connection.execute("ALTER TABLE platform.audit_entry ENABLE TRIGGER USER")
    return found[0]


def line_of(output, name):
    return next(line.split("\t") for line in output.splitlines() if line.startswith(f"{name}\t"))


def test_every_chain_is_listed_and_the_changed_one_named(services, monkeypatch):
    alliance = make_alliance(services)
    ours, theirs = make_shop(services, alliance=alliance), make_shop(services, alliance=alliance)
    before = change(services, ours, "system:somebody else")
    try:
        found = run(services, monkeypatch)
        assert found.exit_code == 1
        assert line_of(found.output, f"shop {ours.handle}")[1::2] == ["1", "BROKEN at entry 2"]
        assert line_of(found.output, f"shop {theirs.handle}")[1::2] == ["2", "whole"]
        assert line_of(found.output, f"alliance {alliance.handle}")[1::2] == ["3", "whole"]
    finally:
        change(services, ours, before)
    mended = run(services, monkeypatch)
    assert line_of(mended.output, f"shop {ours.handle}")[1::2] == ["2", "whole"]
    assert line_of(mended.output, "installation")[3] == "whole"
