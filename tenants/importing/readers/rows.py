"""What every reader yields, and the refusals they share."""

from __future__ import annotations

from dataclasses import dataclass

from alliance.platform.kernel.errors import BadInputError
from alliance.platform.kernel.texts import Text

FIELD = ("upload",)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file. `number` counts from 1 as a spreadsheet shows it; `fault` is a problem code or None."""

    number: int
    cells: list[str]
    fault: str | None = None


class UnreadableFileError(BadInputError):
    """The file as a whole cannot be read; the text says what it is and what to do instead."""

    def __init__(self, message: Text) -> None:
        super().__init__(message, field=FIELD)
