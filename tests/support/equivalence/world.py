"""A shop whose rows hold every awkward value that its tables allow, and people of several roles in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from support.actors import AllianceActor, MemberActor, ShopActor, make_alliance, make_member, make_shop

from alliance.platform.centre.models import Site
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import system_scope
from alliance.platform.kernel.work import unit_of_work
from alliance.platform.members.roles import MemberRole
from alliance.tenants.catalog.models import Product, Variant
from alliance.tenants.customers.contacts import seal_contact
from alliance.tenants.customers.models import Customer
from alliance.tenants.importing.models import Import
from alliance.tenants.orders.models import Order, OrderLine
from alliance.tenants.returns.models import Return, ReturnEvent, ReturnLine, Unit, UnitDefect
from alliance.tenants.returns.reason_texts import seal_reason_text

ROLES = (MemberRole.OWNER, MemberRole.ANALYST, MemberRole.AUDITOR)
TEXTS = (
    "",
    " ",
    "连衣裙 “黑色”",
    'a "quoted" \\ back\\\\slash /',
    "tab\tline\nreturn\r\x01\x1f\x7f",
    "emoji 👗👩‍👩‍👧 astral 𝒳 and \u2028 \u2029 \ufeff",
    "<script>&amp;</script> %s %(x)s {} ${x} ''",
    "0123456789" * 40,
    "e\u0301 é \u202e right",
)
MOMENTS = (
    datetime(2026, 10, 15, 4, tzinfo=UTC),
    datetime(2026, 10, 15, 4, 0, 0, 1, tzinfo=UTC),
    datetime(2026, 10, 15, 4, 0, 0, 999_999, tzinfo=UTC),
    datetime(2026, 10, 15, 4, 0, 0, 120_000, tzinfo=UTC),
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(987, 6, 5, 4, 3, 2, 100, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999_500, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
)
AMOUNTS = (None, 0, 1, -1, -5, 99, 100, 12_350, -12_345, 2**31, 2**53 + 1, 2**63 - 1, -(2**63))
DETAILS: tuple[Any, ...] = (
    {},
    {"from": "requested", "to": None, "nested": {"z": [1, 2.5, True, None, {"a": []}], "a": "b"}},
    {"text": TEXTS[3], "控制": TEXTS[4], "emoji": TEXTS[5]},
    {"big": 2**62, "negative": -1.25, "exponent": 1e100, "tiny": 5e-324, "long": 0.1 + 0.2, "whole": 1.0},
    {"beyond": 2**70, "far": -(10**40)},
)
STATES = {
    "authorisation": ("requested", "approved", "rejected", "cancelled", "expired"),
    "logistics": ("awaiting_parcel", "dropped_off", "in_transit", "received", "lost"),
    "inspection": ("pending", "passed", "failed", "needs_review", "missing", "undeclared"),
    "settlement": ("none", "pending", "refunded", "exchanged", "credited", "kept_with_points", "denied"),
}
# The last one the table of reasons has never known.
REASONS = (None, "size-too-small", "too-long", "unknown", "stained", "lost-handle")


def turn(values: Any, i: int) -> Any:
    """The i-th of the values, beginning again after the last."""
    return values[i % len(values)]


@dataclass
class World:
    """A shop with its rows, and its members by role."""

    services: Services
    shop: ShopActor
    members: dict[MemberRole, MemberActor]
    rows: dict[str, list[Any]] = field(default_factory=dict)
    waiting: list[Any] = field(default_factory=list)

    def keep(self, *rows: Any) -> None:
        """Take rows to be written, and remember them by type."""
        self.waiting.extend(rows)
        for row in rows:
            self.rows.setdefault(type(row).__name__, []).append(row)

    def write(self) -> None:
        """Write what was taken since the last time: first all of one type, then all of the next."""
        kinds = list(dict.fromkeys(type(row) for row in self.waiting))
        with unit_of_work(self.services, self.shop.scope) as uow:
            for kind in kinds:
                uow.session.add_all([row for row in self.waiting if type(row) is kind])
                uow.session.flush()
        self.waiting.clear()

    def ids(self, kind: str) -> list[UUID]:
        """The ids of a type's rows."""
        return [row.id for row in self.rows.get(kind, [])]


def make_world(
    services: Services, *, currency: str = "CNY", alliance: AllianceActor | None = None, size: int = 24
) -> World:
    """A shop with all of it; `size` returns."""
    alliance = alliance or make_alliance(services, currency=currency)
    shop = make_shop(services, alliance=alliance, name=f"店 {currency} \"'\\", currency=currency)
    world = World(services, shop, {role: make_member(services, shop, role) for role in ROLES})
    _make_catalogue(world)
    _make_customers(world)
    _make_orders(world, currency)
    _make_returns(world, currency, size)
    _make_pieces(world, _make_site(services, alliance))
    for i, at in enumerate(MOMENTS[:3]):
        world.keep(_import(shop.id, i, at))
    world.write()
    return world


def make_empty_world(services: Services) -> World:
    """A shop without any row, in no alliance."""
    shop = make_shop(services, currency="JPY")
    return World(services, shop, {role: make_member(services, shop, role) for role in ROLES})


def _make_site(services: Services, alliance: AllianceActor) -> UUID:
    key = new_id()
    with unit_of_work(services, system_scope("tests")) as uow:
        uow.session.add(Site(id=key, alliance_id=alliance.id, handle=f"c-{key}", name=TEXTS[3], region="华东"))
    return key


def _make_catalogue(world: World) -> None:
    shop_id = world.shop.id
    for i, text in enumerate(TEXTS):
        world.keep(Product(shop_id=shop_id, id=new_id(), source_key=f"P{i}", title=text, category=turn(TEXTS, i + 2)))
    for i, product in enumerate(world.rows["Product"][:-1]):
        for j in range(i % 3 + 1):
            world.keep(
                Variant(
                    shop_id=shop_id,
                    id=new_id(),
                    product_id=product.id,
                    sku=f"{turn(TEXTS, i)[:20]}-{i}-{j}",
                    size=turn((None, *TEXTS), i + j),
                    colour=turn((None, *TEXTS), i * j),
                    price_minor=turn((None, 0, 1, 19_900, 2**63 - 1), i + j),
                    stock=turn((0, -3, 2**31 - 1, -(2**31)), i + j),
                )
            )


def _make_customers(world: World) -> None:
    shop_id, keys = world.shop.id, world.services.keys
    for i in range(6):
        key = new_id()
        sealed = keys.create_subject_key(shop_id, key)
        name, email = turn((None, *TEXTS[1:6]), i), turn((None, "a@example.com", 'q"@例子.com'), i)
        world.keep(
            Customer(
                shop_id=shop_id,
                id=key,
                source_key=f"C{i}",
                name_sealed=seal_contact(sealed, name, shop_id=shop_id, customer_id=key, field="name"),
                email_sealed=seal_contact(sealed, email, shop_id=shop_id, customer_id=key, field="email"),
                erased_at=MOMENTS[0] if i == 4 else None,
            )
        )
        if i >= 4:
            keys.destroy_subject_key(shop_id, key)


def _make_orders(world: World, currency: str) -> None:
    shop_id, variants = world.shop.id, world.rows["Variant"]
    for i in range(12):
        order = Order(
            shop_id=shop_id,
            id=new_id(),
            number=f"{turn(TEXTS, i)[:30]}O{i // 2}",
            channel=str(i % 2),
            placed_at=turn(MOMENTS, i // 2),
            total_minor=turn(AMOUNTS[1:], i),
            currency=turn((currency, currency, "JPY", "KWD", "CLF"), i),
            customer_id=turn((None, *world.ids("Customer")), i),
        )
        world.keep(order)
        for j in range(i % 4):
            world.keep(
                OrderLine(
                    shop_id=shop_id,
                    id=new_id(),
                    order_id=order.id,
                    line_key=str(j),
                    variant_id=turn(variants, i + j).id,
                    quantity=turn((1, 2**31 - 1), i + j),
                    unit_price_minor=turn(AMOUNTS[1:], i + j),
                )
            )


def _make_returns(world: World, currency: str, size: int) -> None:
    shop_id, orders, variants = world.shop.id, world.rows["Order"], world.rows["Variant"]
    people = [f"account:{member.account_id}" for member in world.members.values()]
    actors = (*people, f"account:{new_id()}", f"customer:{new_id()}", "system:tests", "")
    for i in range(size):
        order = turn(orders, i)
        states = {name: turn(values, i) for name, values in STATES.items()}
        row = Return(
            shop_id=shop_id,
            id=new_id(),
            number=f"R{i // 2}",
            channel=str(i % 2),
            order_id=order.id,
            customer_id=order.customer_id,
            requested_at=turn((None, *MOMENTS), i),
            listed_at=turn(MOMENTS, i // 3),
            deadline=turn((*MOMENTS, None), i),
            received_at=turn((None, *MOMENTS), i + 3),
            resolved_at=turn((None, None, *MOMENTS), i),
            refund_minor=turn(AMOUNTS, i // 2),
            handling_cost_minor=turn(AMOUNTS, i + 1),
            carbon_grams=turn(AMOUNTS, i + 2),
            currency=turn((currency, "JPY", "KWD", "USD"), i),
            waybill=f"SF{i}",
            **states,
        )
        world.keep(row)
        for j in range(i % 3):
            world.keep(_line(world, row, i, j, turn(variants, i + j).id))
        for j in range(i % 4):
            event = ReturnEvent(shop_id=shop_id, id=new_id(), return_id=row.id, at=turn(MOMENTS, j // 2))
            event.actor, event.kind, event.detail = turn(actors, i + j), turn(TEXTS, i), turn(DETAILS, i + j)
            world.keep(event)


def _line(world: World, row: Return, i: int, j: int, variant_id: UUID) -> ReturnLine:
    shop_id, keys = world.shop.id, world.services.keys
    key = keys.subject_key(shop_id, row.customer_id) if row.customer_id else keys.shop_key(shop_id)
    text = turn((None, *TEXTS[1:7]), i + j)
    sealed = seal_reason_text(key, text, shop_id=shop_id, customer_id=row.customer_id) if key else b"\x00gone"
    return ReturnLine(
        shop_id=shop_id,
        id=new_id(),
        return_id=row.id,
        line_key=str(j),
        variant_id=variant_id,
        quantity=turn((1, 7, 2**31 - 1), i),
        reason=turn(REASONS, i + j),
        found_reason=turn(REASONS, i + 3),
        reason_text_sealed=sealed,
        wish=turn((None, "exchange", "refund", "points"), i),
        resellability=turn((None, "yes", "no", "needs_work"), i + j),
        inspection=turn(STATES["inspection"], i + j),
        settlement=turn(STATES["settlement"], i + j),
        responsibility=turn(("customer", "shop", "carrier", "supplier", "undetermined"), i),
    )


def _make_pieces(world: World, site_id: UUID) -> None:
    shop_id = world.shop.id
    for i, line in enumerate(world.rows["ReturnLine"]):
        for j in range(i % 3):
            unit = Unit(
                shop_id=shop_id,
                id=new_id(),
                return_line_id=line.id,
                variant_id=line.variant_id,
                plate=f"{i}-{j}{turn(TEXTS, i)[:10]}",
                inspection=turn(STATES["inspection"], i + j),
                grade=turn((None, "A", "B", "C", "D"), i + j),
                disposition=turn((None, "restock", "alliance_exchange", "return_to_supplier", "repair"), i),
                site_id=turn((None, site_id, new_id()), i + j),
                received_at=turn((None, *MOMENTS), i),
                recovered_minor=turn(AMOUNTS, i + j),
                resold_at=turn((None, None, None, *MOMENTS), i),
            )
            world.keep(unit)
            for k in range(i % 2 + j):
                world.keep(_defect(shop_id, unit.id, i + k))


def _defect(shop_id: UUID, unit_id: UUID, i: int) -> UnitDefect:
    return UnitDefect(
        shop_id=shop_id,
        id=new_id(),
        unit_id=unit_id,
        kind=turn(TEXTS, i),
        place=turn((None, *TEXTS), i),
        note=turn((None, *TEXTS), i + 1),
        photo_file_id=turn((None, new_id()), i),
    )


def _import(shop_id: UUID, i: int, at: datetime) -> Import:
    return Import(
        shop_id=shop_id,
        id=new_id(),
        kind="orders",
        preset="none",
        file_name=turn(TEXTS, i + 3),
        format="csv",
        status=turn(("queued", "checked", "failed"), i),
        rows_total=i,
        created_by="system:tests",
        created_at=at + timedelta(microseconds=i),
    )
