"""Every text a person reads exists in both languages, with the same values in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.pofile import read_po
from jinja2 import Environment
from support.tree import ROOT, room_files

CATALOGUES = ROOT / "platform" / "kernel" / "locales" / "en"
VALUE = re.compile(r"%\((\w+)\)[sd]?")
LATIN = re.compile(r"[A-Za-z]")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# A half-width mark between Chinese characters is a slip of the keyboard.
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:!?](?=[\u4e00-\u9fff]|$)")


def english() -> dict[str, str]:
    merged = {}
    for path in sorted(CATALOGUES.glob("*.po")):
        with path.open("rb") as stream:
            merged |= {str(m.id): str(m.string) for m in read_po(stream, locale="en") if m.id and m.string}
    return merged


def texts_of_code() -> Iterator[tuple[str, Path]]:
    """The first argument of each call of `_`, `text` markers of other names not included."""
    for path in room_files("*.py"):
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
                if node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
                    yield node.args[0].value, path
                else:
                    raise AssertionError(f"{path}:{node.lineno}: a text must be written out where it is marked")


def texts_of_templates() -> Iterator[tuple[str, Path]]:
    environment = Environment(extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True, autoescape=True)
    for path in (*room_files("*.html"), *room_files("*.txt")):
        for _line, _function, found in environment.extract_translations((ROOT / path).read_text()):
            for text in found if isinstance(found, tuple) else (found,):
                if isinstance(text, str):
                    yield text, path


def texts() -> dict[str, Path]:
    return dict([*texts_of_code(), *texts_of_templates()])


def test_every_text_has_its_english():
    known = english()
    assert {text: str(path) for text, path in texts().items() if text not in known} == {}


def test_translations_carry_the_same_values():
    known = english()
    wrong = {
        text: known[text]
        for text in texts()
        if text in known and set(VALUE.findall(text)) != set(VALUE.findall(known[text]))
    }
    assert wrong == {}


def test_no_catalogue_contradicts_another():
    seen: dict[str, tuple[str, str]] = {}
    clashes = []
    for path in sorted(CATALOGUES.glob("*.po")):
        with path.open("rb") as stream:
            for message in read_po(stream, locale="en"):
                if not message.id:
                    continue
                text, translated = str(message.id), str(message.string)
                if text in seen and seen[text][0] != translated:
                    clashes.append((text, seen[text], (translated, path.name)))
                seen[text] = (translated, path.name)
    assert clashes == []


def test_chinese_texts_have_chinese_punctuation():
    assert {text: str(path) for text, path in texts().items() if HALF_WIDTH.search(text)} == {}


def test_source_texts_are_chinese_or_the_same_in_both_languages():
    known = english()
    foreign = {text for text in texts() if LATIN.search(VALUE.sub("", text)) and not CHINESE.search(text)}
    assert {text for text in foreign if known.get(text) != text} == set()
