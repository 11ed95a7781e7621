"""The shape of a preset, and how well a header row fits it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from alliance.platform.kernel.texts import Text
from alliance.tenants.importing.cells.statuses import Axes
from alliance.tenants.importing.states import ImportKind

_NOISE = re.compile(r"[\s_\-—:：*·.、()（）\[\]【】/\"'“”#]+")


@dataclass(frozen=True, slots=True)
class Preset:
    """One platform's export. `columns`: our field to the headers that mean it, the likeliest first.

    `channel` is the platform the orders belong to, '' where the tool works for several. `marks` are headers that
    only this export has; without all of one of them the preset is never guessed. `default` is where a return of
    this export stands when the file has no status.
    """

    name: str
    label: Text
    kind: ImportKind
    columns: Mapping[str, Sequence[str]]
    marks: Sequence[Sequence[str]] = ()
    channel: str = ""
    default: Axes | None = None
    statuses: Mapping[str, Axes] = field(default_factory=dict)
    ignored: Sequence[str] = ()


@lru_cache(maxsize=4_096)
def key_of(header: str) -> str:
    """A header for comparison: half-width, lower case, without spaces and punctuation."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", header).lower())


# An amount in a foreign currency must never pass for the shop's own, so every preset knows this column.
CURRENCY = ("币种", "货币", "Currency")


def match_columns(columns: Mapping[str, Sequence[str]], headers: Sequence[str]) -> dict[int, str]:
    """Which field each column index means. Each field and each column is given out once, in the table's order."""
    keys = [key_of(header) for header in headers]
    found: dict[int, str] = {}
    for name, aliases in {**columns, "currency": (*columns.get("currency", ()), *CURRENCY)}.items():
        for alias in aliases:
            index = next((i for i, key in enumerate(keys) if key == key_of(alias) and i not in found), None)
            if index is not None:
                found[index] = name
                break
    return found


def score(preset: Preset, headers: Sequence[str]) -> float:
    """How well the headers fit, 0 to 1: the share of them the preset knows. 0 without its marks."""
    keys = {key_of(header) for header in headers if header}
    if not keys:
        return 0.0
    if preset.marks and not any(all(key_of(mark) in keys for mark in group) for group in preset.marks):
        return 0.0
    known = {key_of(alias) for aliases in preset.columns.values() for alias in aliases}
    known |= {key_of(name) for name in (*preset.ignored, *CURRENCY)}
    return len(keys & known) / len(keys)
