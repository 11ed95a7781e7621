"""All presets, and which of them a header row is most likely to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alliance.platform.kernel.errors import BadInputError
from alliance.platform.kernel.texts import _
from alliance.tenants.importing.fields import fields_of
from alliance.tenants.importing.presets import amazon, content, portals, shopify, taobao, template, woocommerce
from alliance.tenants.importing.presets.free import free_preset
from alliance.tenants.importing.presets.preset import Preset, match_columns, score
from alliance.tenants.importing.states import ImportKind

PRESETS: tuple[Preset, ...] = (
    *template.PRESETS,
    *shopify.PRESETS,
    *woocommerce.PRESETS,
    *taobao.PRESETS,
    *amazon.PRESETS,
    *portals.PRESETS,
    *content.PRESETS,
)
BY_NAME = {preset.name: preset for preset in PRESETS}
FREE = "free"
# Below this share of known headers a preset is no better a guess than the free mapping.
LEAST = 0.35


@dataclass(frozen=True, slots=True)
class Guess:
    """A preset with its score for a header row, and the field guessed for each column."""

    preset: Preset
    score: float
    fields: dict[int, str]


def get_preset(name: str, kind: ImportKind) -> Preset:
    """A preset by name; `free` for the kind. An unknown name, or one of another kind, is BAD_INPUT."""
    if name == FREE:
        return free_preset(kind, [field.name for field in fields_of(kind)])
    preset = BY_NAME.get(name)
    if preset is None:
        raise BadInputError(_("没有名为 %(name)s 的预设", name=name), field=("preset",))
    if preset.kind is not kind:
        raise BadInputError(_("预设“%(label)s”不用于这一类导入", label=preset.label), field=("preset",))
    return preset


def guess_preset(headers: Sequence[str], kind: ImportKind | None) -> Guess:
    """The best preset for a header row among those of a kind (all where it is not known), else the free mapping."""
    best: Guess | None = None
    for preset in PRESETS:
        if kind is not None and preset.kind is not kind:
            continue
        points = score(preset, headers)
        if points >= LEAST and (best is None or points > best.score):
            best = Guess(preset, points, match_columns(preset.columns, headers))
    return best or guess_free(headers, kind or ImportKind.COMBINED)


def guess_free(headers: Sequence[str], kind: ImportKind) -> Guess:
    """The free mapping's guess; its score is the share of headers that mean something."""
    preset = get_preset(FREE, kind)
    fields = match_columns(preset.columns, headers)
    named = [header for header in headers if header]
    return Guess(preset, len(fields) / len(named) if named else 0.0, fields)
