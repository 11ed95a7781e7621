"""SQL for the scalars of the contract, each the exact text that the executor would serialise."""

from __future__ import annotations

from functools import cache
from typing import Any

from babel.core import get_global
from graphql import (
    GraphQLEnumType,
    GraphQLOutputType,
    GraphQLScalarType,
    get_named_type,
    get_nullable_type,
    is_list_type,
)
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    Integer,
    LargeBinary,
    Numeric,
    String,
    Uuid,
    and_,
    case,
    cast,
    func,
    literal_column,
    null,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB

from alliance.graphql.engine.compiling.errors import NotCompilableError
from alliance.platform.kernel.money import precision

MOMENT = 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'
# What Python's calendar holds; PostgreSQL's is longer.
FIRST_MOMENT, BEYOND_MOMENTS = "0001-01-01 00:00:00+00", "10000-01-01 00:00:00+00"
# A scalar may only be compiled from a column whose every value it serialises as PostgreSQL's JSON does.
SAME_IN_JSON: dict[str, tuple[type[Any], ...]] = {
    "String": (String,),
    "Int": (Integer,),
    "Boolean": (Boolean,),
    "JSON": (JSONB, JSON),
}


def constant(text: str) -> ColumnElement[str]:
    """A text of ours, written into the statement: thousands of parameters would cost more than the rows do."""
    quoted = text.replace("'", "''")
    return literal_column(f"'{quoted}'::text", String)


def text_of(value: ColumnElement[Any]) -> ColumnElement[str]:
    """The value as PostgreSQL writes it."""
    return cast(value, String)


def global_id(kind: str, key: ColumnElement[Any]) -> ColumnElement[str]:
    """base64url of `Type:uuid`, without padding."""
    plain = func.convert_to(constant(f"{kind}:").concat(text_of(key)), constant("UTF8"))
    return url_safe(plain)


def url_safe(value: ColumnElement[Any]) -> ColumnElement[str]:
    """Bytes as base64url without padding or line breaks."""
    return func.translate(func.encode(value, constant("base64")), constant("+/=\n"), constant("-_"))


def moment(value: ColumnElement[Any]) -> ColumnElement[str]:
    """UTC with milliseconds, cut, not rounded. Beyond Python's calendar the statement fails: the executor answers."""
    return _within_calendar(value, func.to_char(func.timezone(constant("UTC"), value), constant(MOMENT)))


def _within_calendar(value: ColumnElement[Any], written: ColumnElement[str]) -> ColumnElement[str]:
    first: ColumnElement[Any] = literal_column(f"'{FIRST_MOMENT}'::timestamptz")
    beyond: ColumnElement[Any] = literal_column(f"'{BEYOND_MOMENTS}'::timestamptz")
    # A time is no JSON, so the cast fails; NULL stays NULL.
    return case((and_(value >= first, value < beyond), written), else_=cast(cast(text_of(value), JSON), String))


def decimal(value: ColumnElement[Any], places: int) -> ColumnElement[str]:
    """An integer of small units as a decimal text with that many places. A product of decimals is exact."""
    if places == 0:
        return text_of(value)
    return text_of(cast(value, Numeric) * literal_column(f"0.{'1'.rjust(places, '0')}::numeric"))


def amount(minor: ColumnElement[Any], currency: ColumnElement[Any]) -> ColumnElement[str]:
    """Minor units as a decimal text with the places of the row's currency."""
    others = [
        (currency.in_([constant(code) for code in codes]), decimal(minor, places))
        for places, codes in sorted(_unusual().items())
    ]
    return case(*others, else_=decimal(minor, 2))


@cache
def _unusual() -> dict[int, list[str]]:
    """Currencies whose minor unit is not a hundredth, by decimal places."""
    found: dict[int, list[str]] = {}
    for code in sorted(get_global("currency_fractions")):
        if code != "DEFAULT" and precision(code) != 2:
            found.setdefault(precision(code), []).append(code)
    return found


def leaf(value: ColumnElement[Any], kind: GraphQLOutputType) -> ColumnElement[Any]:
    """A column as a scalar or an enum of the schema. NotCompilableError where the two might differ."""
    named = get_named_type(kind)
    if is_list_type(get_nullable_type(kind)):
        raise NotCompilableError("a list of scalars")
    if isinstance(named, GraphQLEnumType):
        return enum_name(value, named)
    if not isinstance(named, GraphQLScalarType):
        raise NotCompilableError(f"{named} is no scalar")
    if named.name == "DateTime" and isinstance(value.type, DateTime):
        return moment(value)
    if named.name == "Int" and isinstance(value.type, BigInteger):
        raise NotCompilableError("an Int of a bigint may be out of range")
    if isinstance(value.type, SAME_IN_JSON.get(named.name, ())):
        return value
    raise NotCompilableError(f"{value.type!r} as {named.name}")


def enum_name(value: ColumnElement[Any], kind: GraphQLEnumType) -> ColumnElement[Any]:
    """The name of the enum's member whose value stands in the row."""
    names = {str(getattr(member.value, "value", member.value)): name for name, member in kind.values.items()}
    if all(name == code for code, name in names.items()):
        return value
    if all(name == code.upper() for code, name in names.items()):
        return func.upper(value)
    return case(names, value=value, else_=null())


def cursor(keys: list[ColumnElement[Any]]) -> ColumnElement[str]:
    """The opaque cursor of a row: what `paging.encode_cursor` gives for the same keys."""
    joined: ColumnElement[Any] = constant("[")
    for i, key in enumerate(keys):
        joined = joined.concat(constant(", ") if i else constant("")).concat(_cursor_key(key))
    return url_safe(func.convert_to(joined.concat(constant("]")), constant("UTF8")))


def _cursor_key(key: ColumnElement[Any]) -> ColumnElement[Any]:
    if isinstance(key.type, Uuid):
        return constant('"').concat(text_of(key)).concat(constant('"'))
    if isinstance(key.type, DateTime):
        return constant('"').concat(_iso(key)).concat(constant('"'))
    if isinstance(key.type, Integer):
        return text_of(key)
    raise NotCompilableError(f"a cursor over {key.type!r}")


def _iso(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """What `datetime.isoformat` gives: microseconds only where there are any."""
    utc = func.timezone(constant("UTC"), value)
    whole = func.to_char(utc, constant('YYYY-MM-DD"T"HH24:MI:SS'))
    micros = func.to_char(utc, constant("US"))
    fraction = case((micros == constant("000000"), constant("")), else_=constant(".").concat(micros))
    return _within_calendar(value, whole.concat(fraction).concat(constant("+00:00")))


def raw(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """A value for Python to work on after the statement: `b` and hexadecimal bytes, or `t` and those of its text."""
    if isinstance(value.type, LargeBinary):
        return constant("b").concat(func.encode(value, constant("hex")))
    return constant("t").concat(func.encode(func.convert_to(text_of(value), constant("UTF8")), constant("hex")))


def as_json(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """Mark an expression as JSON that needs no further encoding."""
    return type_coerce(value, JSON)
