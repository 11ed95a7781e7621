"""`alliance import`: its answers and exit codes."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from click.testing import CliRunner
from support.actors import make_shop
from support.importing import count, csv_bytes

from alliance.tenants.orders.models import Order
from alliance.web.cli import imports
from alliance.web.entry.cli import main

GOOD = csv_bytes("订单号,SKU,数量,单价,下单时间", "1,A,1,50,2026-10-01", "2,A,1,60,2026-10-01")
MIXED = csv_bytes("订单号,SKU,数量,单价,下单时间", "1,A,1,50,2026-10-01", "2,A,1,$60,2026-10-01")


@pytest.fixture
def run(services, monkeypatch):
    """Runs a command on the test installation, with English answers."""

    @contextmanager
    def ready():
        yield services

    monkeypatch.setattr(imports, "ready_services", ready)
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    return lambda *words, typed="": CliRunner().invoke(main, ["import", *map(str, words)], input=typed)


def test_a_good_file_is_imported_and_a_known_one_says_so(services, run, tmp_path):
    shop = make_shop(services)
    file = tmp_path / "orders.csv"
    file.write_bytes(GOOD)
    first = run(file, "--shop", shop.handle, "--yes")
    assert (first.exit_code, "orders\t2" in first.output) == (0, True)
    assert "2 rows: 2 ready, 0 to mend, 0 with warnings, 0 duplicates" in first.output
    again = run(file, "--shop", shop.handle, "--yes")
    assert (again.exit_code, "nothing would be written twice" in again.output) == (0, True)
    assert count(services, shop, Order) == (2,)


def test_rows_to_mend_stop_the_import_unless_they_are_skipped(services, run, tmp_path):
    shop = make_shop(services)
    file = tmp_path / "orders.csv"
    file.write_bytes(MIXED)
    stopped = run(file, "--shop", shop.handle, "--yes")
    assert (stopped.exit_code, "The currency is not the shop's" in stopped.output) == (3, True)
    assert count(services, shop, Order) == (0,)
    skipped = run(file, "--shop", shop.handle, "--yes", "--skip-bad-rows")
    assert (skipped.exit_code, count(services, shop, Order)) == (0, (1,))


def test_no_is_an_answer(services, run, tmp_path):
    shop = make_shop(services)
    file = tmp_path / "orders.csv"
    file.write_bytes(GOOD)
    refused = run(file, "--shop", shop.handle, typed="n\n")
    assert (refused.exit_code, count(services, shop, Order)) == (3, (0,))


def test_wrong_files_shops_and_usage_have_their_codes(services, run, tmp_path):
    shop = make_shop(services)
    file = tmp_path / "orders.csv"
    file.write_bytes(b"%PDF-1.7")
    refused = run(file, "--shop", shop.handle)
    assert (refused.exit_code, "This is a PDF" in refused.output) == (1, True)
    assert run(file, "--shop", "no-such-shop").exit_code == 1
    assert run(tmp_path / "missing.csv", "--shop", shop.handle).exit_code == 2
    assert run(file).exit_code == 2
