"""The console script `alliance`. Commands are named here and read from their modules only when they are called."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from alliance.platform.kernel.config import SettingsError
from alliance.platform.kernel.embedded.processes import SetupError
from alliance.platform.kernel.errors import AllianceError
from alliance.web.cli.terminal import terminal_locale

COMMANDS = {
    "up": "alliance.web.cli.up:up",
    "serve": "alliance.web.cli.serve:serve",
    "worker": "alliance.web.entry.worker:worker",
    "migrate": "alliance.web.cli.migrate:migrate",
    "demo": "alliance.web.cli.demo.commands:demo",
    "alliances": "alliance.web.cli.shops:alliances",
    "shops": "alliance.web.cli.shops:shops",
    "members": "alliance.web.cli.members:members",
    "import": "alliance.web.cli.imports:import_file",
    "audit": "alliance.web.cli.audit:audit",
    "events": "alliance.web.cli.events:events",
    "schema": "alliance.web.cli.schema:schema",
    "keys": "alliance.web.cli.keys:keys",
    "doctor": "alliance.web.cli.doctor:doctor",
    "backup": "alliance.web.cli.backup:backup",
    "restore": "alliance.web.cli.backup:restore",
}


class Commands(click.Group):
    """Reads a command's module when it is called, so that none pays for the others' imports; tells refusals plainly."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order of their table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; None, hence a usage error, where there is none."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{COMMANDS[cmd_name]} is not a command")
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; an expected refusal becomes one message and exit code 1."""
        try:
            return super().invoke(ctx)
        except (SetupError, SettingsError) as problem:
            raise click.ClickException(str(problem)) from problem
        except AllianceError as problem:
            raise click.ClickException(problem.message.render(terminal_locale())) from problem


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="alliance", prog_name="alliance")
def main() -> None:
    """邻里退 (Linli Returns): returns that several small shops handle together.

    The installation is the directory ALLIANCE_HOME (default: .alliance). Exit codes: 0 done, 1 failed, 2 wrong usage.
    """


if __name__ == "__main__":
    sys.exit(main())
