"""Documents over the whole schema, with their variables. `IDS` in a variable's value is filled in by the test."""

from __future__ import annotations

from typing import Any

MONEY = "{ __typename amount currency }"
VARIANT = f"{{ __typename id sku size colour stock price {MONEY} }}"
PRODUCT = f"{{ __typename id title category variants {VARIANT} }}"
CUSTOMER = "{ __typename id displayName email returnsCount erased }"
ORDER = (
    f"{{ __typename id number placedAt total {MONEY} customer {CUSTOMER} "
    f"lines {{ __typename id quantity unitPrice {MONEY} variant {VARIANT} }} }}"
)
UNIT = (
    f"{{ __typename id plate inspection grade disposition site recoveredValue {MONEY} resoldAt "
    "defects { __typename kind place note photoUrl } }"
)
REASON = "{ __typename handle level1 name zh: name(locale: ZH_CN) en: name(locale: EN) reader: name(locale: null) }"
LINE = (
    f"{{ __typename id product {PRODUCT} variant {VARIANT} quantity reason {REASON} wish settlement resellability "
    f"inspection inspectedReason {REASON} responsibility units {UNIT} }}"
)
SCALARS = (
    "__typename id number authorisation logistics settlement requestedAt deadline receivedAt resolvedAt "
    f"refund {MONEY} handlingCost {MONEY} carbonKg"
)
EVENT = "{ __typename at kind detail actor }"
RETURN = f"{{ {SCALARS} order {ORDER} customer {CUSTOMER} lines {LINE} timeline {EVENT} }}"
INFO = "pageInfo { __typename hasNextPage hasPreviousPage startCursor endCursor }"
SHOP = "__typename id name handle currency timezone category"
IMPORT = "{ __typename id fileName format status rowsTotal rowsAccepted rowsRejected createdAt }"


def in_shop(*selections: str) -> str:
    """A document of the active shop."""
    return f"{{ shop {{ {' '.join(selections)} }} }}"


def page(name: str, node: str, arguments: str = "") -> str:
    """A list with all that a page has."""
    return f"{name}{arguments} {{ __typename nodes {node} edges {{ __typename cursor node {node} }} {INFO} }}"


PLAIN: dict[str, str] = {
    "shop": in_shop(SHOP),
    "returns, all": in_shop(page("returns", RETURN)),
    "returns, scalars": in_shop(page("returns", f"{{ {SCALARS} }}", "(first: 500)")),
    "returns, texts of customers": in_shop("returns { nodes { number lines { reasonText } } }"),
    "orders, all": in_shop(page("orders", ORDER)),
    "products, all": in_shop(page("products", PRODUCT)),
    "stock, all": in_shop(page("stock", UNIT)),
    "imports": in_shop(page("imports", IMPORT)),
    "imports with problems": in_shop("imports { nodes { id problems { nodes { row code } } } }"),
    "audit": in_shop("audit { nodes { action target } }"),
    "oldest": in_shop(page("returns", "{ number }", "(orderBy: OLDEST, first: 7)")),
    "largest": in_shop(page("returns", "{ number refund { amount } }", "(orderBy: LARGEST, first: 7)")),
    "last of the largest": in_shop(page("returns", "{ number }", "(orderBy: LARGEST, last: 7)")),
    "none at all": in_shop(page("returns", "{ number }", "(first: 0)"), page("orders", "{ id }", "(last: 0)")),
    "one": in_shop(page("returns", "{ number }", "(first: 1)")),
    "both ways": in_shop("returns(first: 1, last: 1) { nodes { id } } name"),
    "negative": in_shop("returns(first: -1) { nodes { id } }"),
    "too many": in_shop("returns(first: 501) { nodes { id } }"),
    "garbled cursor": in_shop('returns(after: "no cursor") { nodes { id } } name'),
    "a cursor of another order": in_shop('orders(after: "WzEsICJ4Il0") { nodes { id } } name'),
    "a cursor beyond integers": in_shop(
        'returns(orderBy: LARGEST, after: "WzEwMDAwMDAwMDAwMDAwMDAwMDAwMDAsICIwMTkyYTAwMC0wMDAwLTcwMDAtODAwMC'
        '0wMDAwMDAwMDAwMDAiXQ") { nodes { id } } name'
    ),
    "an empty cursor": in_shop('returns(after: "") { nodes { id } } name'),
    "nulls for arguments": in_shop(
        "returns(first: null, after: null, last: null, before: null, filter: null, orderBy: null) { nodes { id } }"
        "orders(search: null) { nodes { id } } stock(grade: null, category: null) { nodes { id } }"
    ),
    "filter of nulls": in_shop("returns(filter: {logistics: null, grade: [], search: null}) { nodes { number } }"),
    "filter of states": in_shop(
        "returns(filter: {logistics: [RECEIVED, LOST], settlement: [REFUNDED, NONE]}) { nodes { number logistics } }"
    ),
    "filter of pieces": in_shop('returns(filter: {grade: [A, B], reason: ["too-long", "x"]}) { nodes { number } }'),
    "filter of days": in_shop(
        'returns(filter: {requestedFrom: "1960-01-01", requestedTo: "2026-10-15"}) { nodes { number requestedAt } }'
    ),
    "the last day there is": in_shop('returns(filter: {requestedTo: "9999-12-31"}) { nodes { number } } name'),
    "a day that is none": in_shop('returns(filter: {requestedTo: "2026-02-30"}) { nodes { number } }'),
    "search": in_shop(
        'returns(filter: {search: "R1"}) { nodes { number } } orders(search: " ") { nodes { number } }'
        ' products(search: "连衣") { nodes { title } } stock(category: "") { nodes { plate } }'
    ),
    "stock of a grade": in_shop('stock(grade: A, category: "%s") { nodes { plate grade } }'),
    "unknown enum": in_shop("returns(orderBy: HIGHEST) { nodes { id } }"),
    "unknown field": in_shop("returns { nodes { colour } }"),
    "no return": in_shop('name return(number: "none") { id } handle'),
    "only lists of no return": in_shop('return(number: "none") { lines { id } timeline { at } }', "handle"),
    "only rows of a return": in_shop('return(number: "R1") { order { id } lines { units { id } } }', "handle"),
    "return by nothing": in_shop("return { id } name"),
    "return by an empty text": in_shop('return(number: "") { id } name'),
    "return by both": in_shop('return(id: "x", number: "R1") { id } name'),
    "return by a garbled id": in_shop('return(id: "x") { id } name'),
    "return by number": in_shop(f'return(number: "R1") {RETURN}'),
    "several returns": in_shop('a: return(number: "R1") { id number } b: return(number: "R2") { id } c: name'),
    "another shop": '{ shop(id: "U2hvcDowMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDA") { name } }',
    "a garbled shop": '{ shop(id: "x") { name } a: shop { name } }',
    "a shop without a name": '{ shop(id: "") { name } a: shop(id: null) { name } }',
    "typenames": "{ __typename a: __typename shop { __typename b: __typename returns { __typename } } }",
    "many shops": "{ a: shop { name } b: shop { id returns { nodes { id } } } shop { handle } }",
    "beside the executor": (
        "{ viewer { permissions activeShop { name returns(first: 1) { nodes { id } } } } "
        "shop { name returns(first: 1) { nodes { number } } "
        'kpis(from: "2026-01", to: "2026-10") { orders returns } handle } alliance { name members { handle } } }'
    ),
    "introspection": '{ __type(name: "Return") { name } shop { name } __schema { queryType { name } } }',
    "merged fields": (
        "{ shop { returns(first: 2) { nodes { id } } name returns(first: 2) { nodes { number order { id } } "
        "pageInfo { hasNextPage } } } shop { returns(first: 2) { nodes { order { number } id } } name } }"
    ),
    "names like those of SQL": in_shop(
        "select: name from: handle _: currency __a: id shop_id: name ORDER: name user: name",
        "returns(first: 3) { nodes: nodes { id: number number: id order: requestedAt listed_at: number list0: number "
        "requested_at: receivedAt deadline: order { id: number } } edges { node: cursor cursor: node { id } } }",
        "list0: orders(first: 2) { a: nodes { placed_at: number placedAt: id lines: number number: lines { id } } }",
    ),
    "a long name": in_shop(f"{'x' * 64}: name handle"),
    "a name as long as can be": in_shop(f"{'x' * 63}: name", f"returns {{ nodes {{ {'y' * 63}: number }} }}"),
    "a long name below": in_shop(f"returns {{ nodes {{ {'x' * 64}: number {'x' * 65}: id }} }} handle"),
    "fifty names": in_shop(
        f"returns(first: 2) {{ nodes {{ {' '.join(f'a{i}: number' for i in range(50))} id {SCALARS} }} }}"
    ),
    "fifty names of an amount": in_shop(
        f"returns(first: 2) {{ nodes {{ refund {{ {' '.join(f'a{i}: amount' for i in range(50))} amount }} }} }}"
    ),
    "nothing asked of a shop": "{ a: shop { name @skip(if: true) } b: shop { id } }",
    "nothing asked of anything": in_shop(
        "returns { nodes { id @skip(if: true) } } orders { edges { node { id @include(if: false) } } }",
        "products { nodes { id variants { id @skip(if: true) } } } stock { nodes @skip(if: true) { id } }",
    ),
    "nothing at all": "{ shop @skip(if: true) { name } }",
    "twice skipped": in_shop("name @include(if: true) @skip(if: false) handle @include(if: false) @skip(if: true)"),
    "fragments": (
        "query { shop { ...S ... on Shop { handle ... { currency } } ... on Node { id } } } "
        "fragment S on Shop { name ...T returns(first: 2) { ...P } } "
        "fragment T on Node { __typename ... on Shop { name } } "
        "fragment P on ReturnConnection { nodes { ...R ...R } ...I } "
        "fragment I on ReturnConnection { pageInfo { endCursor } } "
        "fragment R on Return { number ... on Node { id } lines { ... on ReturnLine { reason { ...N } } } } "
        "fragment N on ReturnReason { name ... @skip(if: true) { handle } }"
    ),
    "fragments skipped": (
        "{ shop { ...S @skip(if: true) ... @include(if: false) { handle } id } } fragment S on Shop { name }"
    ),
}

WITH_VARIABLES: dict[str, tuple[str, dict[str, Any]]] = {
    "sizes": ("query ($n: Int) { shop { returns(first: $n) { nodes { number } } } }", {"n": 3}),
    "a size left out": ("query ($n: Int) { shop { returns(first: $n) { nodes { number } } } }", {}),
    "a size of null": ("query ($n: Int = 2) { shop { returns(first: $n) { nodes { number } } } }", {"n": None}),
    "a default size": ("query ($n: Int = 2) { shop { returns(first: $n) { nodes { number } } } }", {}),
    "a size too large": ("query ($n: Int = 2) { shop { returns(first: $n) { nodes { number } } } }", {"n": 1000}),
    "a size that is a text": ("query ($n: Int = 2) { shop { returns(first: $n) { nodes { number } } } }", {"n": "2"}),
    "a size beyond Int": ("query ($n: Int) { shop { returns(first: $n) { nodes { number } } } }", {"n": 2**40}),
    "skip": ("query ($s: Boolean!) { shop { name @skip(if: $s) handle @include(if: $s) } }", {"s": True}),
    "skip not": ("query ($s: Boolean!) { shop { name @skip(if: $s) handle @include(if: $s) } }", {"s": False}),
    "skip by default": ("query ($s: Boolean = true) { shop { name @skip(if: $s) id } }", {}),
    "skip by null": ("query ($s: Boolean = true) { shop { name @skip(if: $s) id } }", {"s": None}),
    "skip by nothing": ("query ($s: Boolean!) { shop { name @skip(if: $s) id } }", {}),
    "skip deep": (
        "query ($s: Boolean!) { shop { returns { nodes { number ...F @skip(if: $s) } } } } fragment F on Return { id }",
        {"s": True},
    ),
    "a filter": (
        "query ($f: ReturnFilter) { shop { returns(filter: $f) { nodes { number logistics } } } }",
        {"f": {"logistics": ["RECEIVED"], "search": "R", "requestedFrom": "0001-01-02"}},
    ),
    "a filter of parts": (
        "query ($l: [LogisticsState!], $q: String) { shop { returns(filter: {logistics: $l, search: $q}) "
        "{ nodes { number logistics } } } }",
        {"l": ["LOST", "RECEIVED"]},
    ),
    "a filter of one": (
        "query ($l: [LogisticsState!]) { shop { returns(filter: {logistics: $l}) { nodes { number } } } }",
        {"l": "LOST"},
    ),
    "a filter with a null in a list": (
        "query ($l: LogisticsState = LOST) { shop { returns(filter: {logistics: [$l]}) { nodes { number } } name } }",
        {"l": None},
    ),
    "an unknown state": (
        "query ($l: [LogisticsState!]) { shop { returns(filter: {logistics: $l}) { nodes { number } } } }",
        {"l": ["NOWHERE"]},
    ),
    "an unknown part of a filter": (
        "query ($f: ReturnFilter) { shop { returns(filter: $f) { nodes { number } } } }",
        {"f": {"colour": "red"}},
    ),
    "an order": ("query ($o: ReturnOrder) { shop { returns(orderBy: $o) { nodes { number } } } }", {"o": "LARGEST"}),
    "a language": (
        "query ($l: Locale) { shop { returns { nodes { lines { reason { name(locale: $l) } } } } } }",
        {"l": "ZH_CN"},
    ),
    "no language": ("query ($l: Locale) { shop { returns { nodes { lines { reason { name(locale: $l) } } } } } }", {}),
    "a variable too many": ("{ shop { name } }", {"x": 1}),
    "a number of a return": ("query ($n: String) { shop { return(number: $n) { id } name } }", {"n": "R2"}),
    "neither id nor number": ("query ($n: String, $i: ID) { shop { return(number: $n, id: $i) { id } name } }", {}),
    "a search of odd texts": (
        "query ($a: String, $b: String) { shop { orders(search: $a) { nodes { number } } "
        "products(search: $b) { nodes { title } } } }",
        {"a": "emoji 👗", "b": "%s'\"\\"},
    ),
}
