"""Drives every route of the application as the wrong shop. Routes are discovered from `url_map`.

What a route's arguments, form fields and query mean stands in the registries below. A new argument or a new changing
route without an entry fails with what to add.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from uuid import uuid4

from flask import Flask
from isolation.matrix.owners import Party
from werkzeug.routing import Rule

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
Value = Callable[[Party], Any]

# What an argument of an address names, by `endpoint.argument` or by argument: a thing of one shop.
ARGUMENTS: dict[str, Value] = {
    "file_id": lambda party: party.rows["platform.file"]["id"],
    "job_id": lambda party: party.rows["platform.job"]["id"],
    "order_id": lambda party: party.rows["tenants.orders"]["id"],
    "import_id": lambda party: party.rows["tenants.import"]["id"],
    "returns.show.number": lambda party: party.rows["tenants.returns"]["number"],
    "account_id": lambda party: party.owner.account_id,
    "session_id": lambda party: party.session_id,
}
# Arguments that name nothing of a shop, with a value.
SHARED_ARGUMENTS: dict[str, str] = {
    "assets.serve.digest": "0" * 12,
    "assets.serve.name": "app.js",
    "import_files.template.kind": "orders",
}

# Query parameters that name something of a shop: sent with every GET, whatever it reads of them.
QUERY: dict[str, Value] = {
    "id": lambda party: party.rows["tenants.returns"]["id"],
    "import": lambda party: party.rows["tenants.import"]["id"],
    "import_id": lambda party: party.rows["tenants.import"]["id"],
    "shop": lambda party: party.id,
    "shop_id": lambda party: party.id,
    "q": lambda party: party.rows["tenants.returns"]["number"],
    "search": lambda party: party.rows["tenants.orders"]["number"],
    "file": lambda party: party.rows["platform.file"]["id"],
}

# The form of each changing route, filled with what is the party's; an empty one where the address says it all.
FORMS: dict[str, Value] = {
    "login.submit": lambda party: {"email": party.owner.email, "password": "no such password"},
    "login.log_out": lambda _party: {},
    "login.enter_shop": lambda party: {"shop_id": str(party.id)},
    "login.choose_language": lambda _party: {"locale": "en"},
    "settings.save_shop": lambda party: {"name": "新名", "shop_id": str(party.id)},
    "settings.set_role": lambda _party: {"role": "staff"},
    "settings.remove": lambda _party: {},
    "account.save": lambda party: {"name": "新名", "locale": "en", "account_id": str(party.owner.account_id)},
    "account.save_password": lambda _party: {"current": "wrong", "new": "long enough words"},
    "account.end_device": lambda _party: {},
    "account.end_others": lambda _party: {},
    "jobs.call_off": lambda _party: {},
    "imports.receive": lambda _party: {"kind": "orders", "file": (BytesIO(b"a,b\n1,2\n"), "a.csv")},
    "imports.save_mapping": lambda _party: {"column": "订单号", "field-0": "order_number"},
    "imports.apply_rule": lambda _party: {"column": "订单号", "order": "DMY"},
    "imports.commit": lambda _party: {"skip": "1"},
    "imports.undo": lambda _party: {},
    "imports.retry": lambda _party: {},
    "imports.back": lambda _party: {},
    "uploads.receive": lambda _party: {"file": (BytesIO(b"a,b\n1,2\n"), "a.csv")},
}
# Driven by a part of the matrix that knows its language.
ELSEWHERE = {"graphql.answer": "test_graphql.py"}


@dataclass(frozen=True)
class Route:
    """One method of one rule, with the arguments that name something of a shop."""

    rule: Rule
    method: str

    @property
    def endpoint(self) -> str:
        """The view's name."""
        return str(self.rule.endpoint)

    @property
    def owned(self) -> list[str]:
        """The arguments that name something of a shop."""
        return [name for name in self.rule.arguments if _find(SHARED_ARGUMENTS, self.endpoint, name) is None]

    def address(self, app: Flask, party: Party | None) -> tuple[str, list[str]]:
        """The address with the party's things in it (nobody's where None), and the values it says."""
        values: dict[str, Any] = {}
        for name in self.rule.arguments:
            shared = _find(SHARED_ARGUMENTS, self.endpoint, name)
            values[name] = shared if shared is not None else self._value(name, party)
        with app.test_request_context():
            built = app.url_map.bind("localhost").build(self.endpoint, values, method=self.method)
        return built, [str(value) for value in values.values()]

    def form(self, party: Party) -> dict[str, Any]:
        """The form's fields with what is the party's."""
        if self.endpoint not in FORMS:
            raise LookupError(f"{self.method} {self.rule}: add {self.endpoint} to isolation.matrix.routes.FORMS")
        return dict(FORMS[self.endpoint](party))

    def _value(self, name: str, party: Party | None) -> Any:
        value = _find(ARGUMENTS, self.endpoint, name)
        if value is None:
            raise LookupError(
                f"{self.rule}: say whose <{name}> is: add {self.endpoint}.{name} to isolation.matrix.routes.ARGUMENTS, "
                "or to SHARED_ARGUMENTS if it names nothing of a shop"
            )
        if party is not None:
            return value(party)
        return uuid4() if "uuid" in str(self.rule.rule) else f"absent{uuid4().hex}"

    def __str__(self) -> str:
        return f"{self.method} {self.rule.rule}"


def discover(app: Flask) -> list[Route]:
    """Every route with every method that is its own."""
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, str(rule.endpoint)))
    return [
        Route(rule, method)
        for rule in rules
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        if rule.endpoint not in ELSEWHERE
    ]


def _find(registry: dict[str, Any], endpoint: str, name: str) -> Any:
    return registry.get(f"{endpoint}.{name}", registry.get(name))
