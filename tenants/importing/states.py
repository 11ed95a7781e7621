"""What can be imported, and the states an import goes through."""

from __future__ import annotations

from enum import StrEnum


class ImportKind(StrEnum):
    """What a file holds. COMBINED: sold lines and, among or beside them, what came back."""

    ORDERS = "orders"
    PRODUCTS = "products"
    RETURNS = "returns"
    COMBINED = "combined"


class ImportStatus(StrEnum):
    """The steps upload, map, check, commit, and where they end."""

    QUEUED = "queued"
    MAPPING = "mapping"
    CHECKING = "checking"
    CHECKED = "checked"
    COMMITTING = "committing"
    DONE = "done"
    UNDONE = "undone"
    FAILED = "failed"


class FileFormat(StrEnum):
    """How the bytes are to be read, decided by their content and never by the name."""

    CSV = "csv"
    XLSX = "xlsx"
    XLS = "xls"


class DateOrder(StrEnum):
    """How a column's slashed dates are read; decided per column, by evidence or by a person."""

    DMY = "dmy"
    MDY = "mdy"
    YMD = "ymd"
