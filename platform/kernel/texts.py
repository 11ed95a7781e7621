"""Texts a person reads, in both languages. The Chinese text is the message id; English comes from `locales/`.

A room below the faces cannot know the reader's language, so it names the text and its values (`Text`) and the face
that shows it renders it. `_` marks a text for extraction. Catalogues are one file a room, merged when first read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from babel.messages.pofile import read_po

Locale = Literal["zh_CN", "en"]
LOCALES: tuple[Locale, ...] = ("zh_CN", "en")
DEFAULT_LOCALE: Locale = "zh_CN"


@dataclass(frozen=True, slots=True)
class Text:
    """A text with its values, not yet in a language. A value may itself be a `Text`."""

    msgid: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def render(self, locale: Locale) -> str:
        """The text in the reader's language, with its values filled in."""
        values = {k: v.render(locale) if isinstance(v, Text) else v for k, v in self.values.items()}
        template = translate(self.msgid, locale)
        return template % values if values else template

    def __str__(self) -> str:
        return self.render(DEFAULT_LOCALE)


def _(msgid: str, **values: Any) -> Text:
    """Mark a Chinese source text and carry its values: `_("没有找到订单 %(number)s", number=number)`."""
    return Text(msgid, values)


def translate(msgid: str, locale: Locale) -> str:
    """The catalogue's text for `msgid`; the Chinese source where there is none."""
    if locale == DEFAULT_LOCALE:
        return msgid
    return catalogue(locale).get(msgid) or msgid


@cache
def catalogue(locale: Locale) -> dict[str, str]:
    """Every translated message of one language: all `locales/<locale>/*.po` in one mapping."""
    merged: dict[str, str] = {}
    folder = files("alliance.platform.kernel") / "locales" / locale
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if not entry.name.endswith(".po"):
            continue
        with entry.open("rb") as stream:
            for message in read_po(stream, locale=locale):
                if isinstance(message.id, str) and message.id and message.string and not message.fuzzy:
                    merged[message.id] = str(message.string)
    return merged


def choose_locale(*candidates: str | None) -> Locale:
    """The first candidate we speak, tags in any usual spelling (`zh-Hans`, `zh_CN`, `en-GB`); else Chinese."""
    for candidate in candidates:
        language = (candidate or "").replace("_", "-").split("-")[0].lower()
        if language == "zh":
            return "zh_CN"
        if language == "en":
            return "en"
    return DEFAULT_LOCALE
