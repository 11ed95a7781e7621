"""`settings.env` of a home: the addresses and secrets that the set-up made, one `NAME=value` a line, mode 0600."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from alliance.platform.kernel.embedded.processes import write_private

NAME = "settings.env"
HEADER = "# Written by the set-up. Variables of the environment win over this file. Keep it secret and backed up.\n"


def read_settings_file(home: Path) -> dict[str, str]:
    """What the file says; empty where there is none."""
    path = home / NAME
    if not path.is_file():
        return {}
    lines = [line.strip() for line in path.read_text().splitlines()]
    pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
    return {name.strip(): value.strip().strip("'") for name, _, value in pairs}


def write_settings_file(home: Path, values: Mapping[str, str]) -> None:
    """Replace the file, unless it says the same already."""
    if read_settings_file(home) == dict(values):
        return
    lines = [f"{name}='{value}'\n" for name, value in sorted(values.items())]
    write_private(home / NAME, HEADER + "".join(lines))
