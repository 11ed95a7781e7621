"""Every route, driven as the wrong shop: as a neighbour who also has a role in the other shop, and as nobody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from isolation.matrix.driving import Drive, changing, entering, forging, seeing, showing, telling
from isolation.matrix.owners import Party
from isolation.matrix.routes import ELSEWHERE, FORMS, discover

from alliance.platform.kernel.services import Services
from alliance.web.entry.app import create_app

Parties = tuple[Party, Party, Party]
# What a member of the victim's shop may well do there from another of their shops: go in.
OF_A_MEMBER = {"login.enter_shop"}
# Pages that must show the owner its marks: without this the others could pass by showing nothing to anyone.
SHOWING = {
    "files.download",
    "imports.index",
    "imports.show",
    "orders.index",
    "orders.show",
    "products.index",
    "returns.index",
    "returns.show",
}


@pytest.fixture(scope="module")
def app(services: Services) -> Flask:
    """The whole application."""
    return create_app(services)


@pytest.fixture(scope="module")
def drive(app: Flask, services: Services, parties: Parties) -> Callable[[Party], Drive]:
    """A drive of every route against the victim."""
    return lambda actor: Drive(app, services, discover(app), parties[0], actor)


@pytest.fixture(scope="module")
def member_of_both(parties: Parties) -> Party:
    """The neighbour's owner, who is a member of the victim's shop as well and works in the own one now."""
    return parties[1]


def test_pages_show_nothing_of_another_shop(drive: Callable[[Party], Drive], member_of_both: Party):
    assert showing(drive(member_of_both)) == []


def test_pages_answer_alike_for_another_shops_thing_and_for_none(drive, member_of_both: Party):
    assert telling(drive(member_of_both)) == []


def test_the_owner_sees_what_the_pages_would_leak(drive: Callable[[Party], Drive], parties: Parties):
    faults, seen = seeing(drive(parties[0]))
    assert faults == []
    assert seen >= SHOWING


def test_changing_routes_change_nothing_of_a_shop_that_is_not_active(drive, member_of_both: Party):
    assert changing(drive(member_of_both), spared=OF_A_MEMBER) == []


def test_changing_routes_change_nothing_of_a_strangers_shop(drive: Callable[[Party], Drive], parties: Parties):
    assert changing(drive(parties[2]), spared=set()) == []


def test_nobody_gets_in_without_logging_in(drive: Callable[[Party], Drive], parties: Parties):
    assert entering(drive(parties[0])) == []


def test_a_members_request_without_a_token_is_refused(drive: Callable[[Party], Drive], parties: Parties):
    assert forging(drive(parties[0])) == []


def test_registries_name_only_routes_that_exist(app: Flask):
    endpoints = {str(rule.endpoint) for rule in app.url_map.iter_rules()}
    assert sorted((FORMS.keys() | ELSEWHERE.keys()) - endpoints) == []
