"""What a member reads of their own shop, field by field."""

from datetime import UTC, datetime
from typing import Any

from support.actors import make_alliance, make_member, make_shop
from support.factories import (
    make_customer,
    make_defect,
    make_event,
    make_order,
    make_product,
    make_return,
    make_unit,
    make_variant,
)
from support.graphql_client import client_of, gid, make_client

from alliance.platform.kernel.services import Services
from alliance.platform.kernel.work import unit_of_work
from alliance.tenants.catalog.models import Product, Variant
from alliance.tenants.customers.models import Customer
from alliance.tenants.orders.models import Order
from alliance.tenants.returns.models import Return, ReturnLine, Unit
from alliance.tenants.returns.queries import find_lines_of_returns

WHOLE = """
query ($number: String) { shop { currency return(number: $number) {
  __typename id number authorisation logistics settlement requestedAt deadline receivedAt resolvedAt
  refund { amount currency } handlingCost { amount currency } carbonKg
  order { id number placedAt total { amount currency } customer { displayName }
    lines { quantity unitPrice { amount currency } variant { sku } } }
  customer { id displayName email returnsCount erased }
  timeline { at actor kind detail }
  lines { id quantity wish settlement resellability inspection responsibility reasonText
    reason { handle level1 name zh: name(locale: ZH_CN) } inspectedReason { handle }
    product { id title category } variant { id sku size colour stock price { amount currency } }
    units { id plate inspection grade disposition site recoveredValue { amount } resoldAt
      defects { kind place note photoUrl } } } } } }
"""


def expected_line(line: ReturnLine, product: Product, variant: Variant, unit: Unit) -> dict[str, Any]:
    """The line as the contract shows it."""
    return {
        "id": gid("ReturnLine", line.id),
        "quantity": 1,
        "wish": "REFUND",
        "settlement": "REFUNDED",
        "resellability": "NEEDS_WORK",
        "inspection": "PENDING",
        "responsibility": "UNDETERMINED",
        "reasonText": None,
        "reason": {"handle": "size-too-small", "level1": "SIZE", "name": "Too small", "zh": "尺码偏小"},
        "inspectedReason": {"handle": "too-long"},
        "product": {"id": gid("Product", product.id), "title": "风衣", "category": "外套"},
        "variant": {
            "id": gid("Variant", variant.id),
            "sku": "FY-1",
            "size": "3XL",
            "colour": "卡其",
            "stock": 4,
            "price": {"amount": "199.00", "currency": "CNY"},
        },
        "units": [
            {
                "id": gid("Unit", unit.id),
                "plate": "ABC",
                "inspection": "PENDING",
                "grade": "B",
                "disposition": None,
                "site": None,
                "recoveredValue": {"amount": "0.05"},
                "resoldAt": None,
                "defects": [{"kind": "stain", "place": "袖口", "note": None, "photoUrl": None}],
            }
        ],
    }


def expected_return(row: Return, order: Order, customer: Customer) -> dict[str, Any]:
    """The return without its lines as the contract shows it."""
    return {
        "__typename": "Return",
        "id": gid("Return", row.id),
        "number": "R-1",
        "authorisation": "REQUESTED",
        "logistics": "AWAITING_PARCEL",
        "settlement": "REFUNDED",
        "requestedAt": "2026-10-15T04:00:00.000Z",
        "deadline": None,
        "receivedAt": "2026-10-20T01:02:03.456Z",
        "resolvedAt": None,
        "refund": {"amount": "123.50", "currency": "CNY"},
        "handlingCost": None,
        "carbonKg": "1.250",
        "order": {
            "id": gid("Order", order.id),
            "number": "O-1",
            "placedAt": "2026-10-15T04:00:00.000Z",
            "total": {"amount": "398.00", "currency": "CNY"},
            "customer": {"displayName": "No name left"},
            "lines": [
                {
                    "quantity": 2,
                    "unitPrice": {"amount": "199.00", "currency": "CNY"},
                    "variant": {"sku": "FY-1"},
                }
            ],
        },
        "customer": {
            "id": gid("Customer", customer.id),
            "displayName": "No name left",
            "email": None,
            "returnsCount": 1,
            "erased": False,
        },
        "timeline": [
            {
                "at": "2026-10-15T04:00:00.000Z",
                "actor": "System",
                "kind": "requested",
                "detail": {"from": "requested"},
            }
        ],
    }


def test_a_return_answers_every_field_of_the_contract(services: Services) -> None:
    shop = make_shop(services)
    product = make_product(services, shop, title="风衣", category="外套")
    variant = make_variant(services, shop, product=product, sku="FY-1", size="3XL", colour="卡其", stock=4)
    customer = make_customer(services, shop)
    order = make_order(services, shop, variants=(variant,), quantity=2, number="O-1", customer_id=customer.id)
    row = make_return(
        services,
        shop,
        order=order,
        variants=(variant,),
        number="R-1",
        refund_minor=12_350,
        carbon_grams=1_250,
        received_at=datetime(2026, 10, 20, 1, 2, 3, 456_789, tzinfo=UTC),
        settlement="refunded",
        line={"found_reason": "too-long", "wish": "refund", "resellability": "needs_work"},
    )
    make_event(services, shop, return_id=row.id, detail={"from": "requested"})
    with unit_of_work(services, shop.scope) as uow:
        (line,) = find_lines_of_returns(uow, [row.id])[row.id]
    unit = make_unit(services, shop, line_id=line.id, variant_id=variant.id, plate="ABC", grade="B", recovered_minor=5)
    make_defect(services, shop, unit_id=unit.id)
    data = make_client(services, shop).data(WHOLE, number="R-1")
    found = data["shop"]["return"]
    assert found.pop("lines") == [expected_line(line, product, variant, unit)]
    assert found == expected_return(row, order, customer)


def test_the_viewer_sees_who_and_where_they_are(services: Services) -> None:
    alliance = make_alliance(services)
    shop = make_shop(services, alliance=alliance, name="云朵")
    other = make_shop(services, name="青禾")
    member = make_member(services, shop)
    make_member(services, other, account=member)
    data = client_of(services, member).data(
        """{ viewer { account { id email name locale mfaEnabled } permissions activeShop { id name }
             memberships { role shop { id handle name } } } alliance { id category members { handle name } } }"""
    )
    assert data["viewer"].pop("permissions") == sorted(member.scope.permissions)
    assert data == {
        "viewer": {
            "account": {
                "id": gid("Account", member.account_id),
                "email": member.email,
                "name": member.name,
                "locale": "ZH_CN",
                "mfaEnabled": False,
            },
            "activeShop": {"id": gid("Shop", shop.id), "name": "云朵"},
            "memberships": [
                {"role": "OWNER", "shop": {"id": gid("Shop", shop.id), "handle": shop.handle, "name": "云朵"}},
                {"role": "OWNER", "shop": {"id": gid("Shop", other.id), "handle": other.handle, "name": "青禾"}},
            ],
        },
        "alliance": {
            "id": gid("Alliance", alliance.id),
            "category": "服装",
            "members": [{"handle": shop.handle, "name": "云朵"}],
        },
    }
