"""The operator makes a master key and changes over to it on the command line."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from uuid import uuid4

import pytest
from click.testing import CliRunner

from alliance.platform.kernel.crypto import MasterKeyError, MasterKeys, parse_master_keys
from alliance.platform.kernel.keys import KeyStore
from alliance.web.cli import keys as keys_module
from alliance.web.cli.keys import keys


def test_a_new_master_key_is_printed_and_taken_into_use(services, tmp_path, monkeypatch):
    url, shop = f"sqlite:///{tmp_path}/keys.db", uuid4()
    (old,) = parse_master_keys(CliRunner().invoke(keys, ["new"]).output.strip()).keys
    (new,) = parse_master_keys(CliRunner().invoke(keys, ["new"]).output.strip()).keys
    key = KeyStore(url, MasterKeys((old,))).shop_key(shop)

    @contextmanager
    def ready():
        yield replace(services, keys=KeyStore(url, MasterKeys((new, old))))

    monkeypatch.setattr(keys_module, "ready_services", ready)
    first, second = CliRunner().invoke(keys, ["rotate"]), CliRunner().invoke(keys, ["rotate"])
    assert (first.exit_code, first.output[:2], second.output[:2]) == (0, "1 ", "0 ")
    assert KeyStore(url, MasterKeys((new,))).shop_key(shop) == key
    with pytest.raises(MasterKeyError):
        KeyStore(url, MasterKeys((old,))).shop_key(shop)
