"""What a command says on the terminal, in the reader's language, and how it fails."""

from __future__ import annotations

import os

import click

from alliance.platform.kernel.texts import Locale, Text, choose_locale


class CommandError(click.ClickException):
    """A command could not do its work: exit code 1. Wrong usage is click's own, with exit code 2."""


def terminal_locale() -> Locale:
    """The reader's language by the usual variables; Chinese where they name none that we speak."""
    return choose_locale(*(os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)))


def say(text: Text) -> None:
    """Print a text in the reader's language."""
    click.echo(text.render(terminal_locale()))
