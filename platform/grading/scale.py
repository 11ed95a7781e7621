"""Grades, dispositions and who answers for a return; the codes that stand in rows, in the API and in the pool."""

from __future__ import annotations

from enum import StrEnum


class Grade(StrEnum):
    """A as new, B light wear, C visible flaw but works, D unusable."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


class Resellability(StrEnum):
    """Second level of the pre-classification: whether the piece can be sold again."""

    YES = "yes"
    NO = "no"
    NEEDS_WORK = "needs_work"


class Responsibility(StrEnum):
    """Who answers for the return, once it has been looked at."""

    CUSTOMER = "customer"
    SHOP = "shop"
    CARRIER = "carrier"
    SUPPLIER = "supplier"
    UNDETERMINED = "undetermined"


class Disposition(StrEnum):
    """What happens with a graded unit."""

    RESTOCK = "restock"
    REBUY_ZONE = "rebuy_zone"
    CIRCULAR_CHANNEL = "circular_channel"
    ALLIANCE_EXCHANGE = "alliance_exchange"
    REPAIR = "repair"
    MATERIAL_PACK = "material_pack"
    DONATE = "donate"
    RECYCLE = "recycle"
    RETURN_TO_SUPPLIER = "return_to_supplier"
    DESTROY = "destroy"
