"""`alliance doctor`: look at the installation and say what to do."""

from __future__ import annotations

import click

from alliance.graphql.engine.compiling.coverage import left_to_executor
from alliance.graphql.schema.build import engine
from alliance.platform.kernel.checking import Check, diagnosis
from alliance.platform.kernel.config import Settings
from alliance.platform.kernel.texts import Text, _
from alliance.web.cli.base import ready_services
from alliance.web.cli.terminal import say


@click.command()
def doctor() -> None:
    """Check servers, logins, isolation, keys, workers and disk; exit code 1 when something is wrong."""
    with ready_services() as services:
        checks = [*diagnosis(services), compiled_reads(services.settings)]
    for check in checks:
        tell(check)
    failed = [check for check in checks if not check.holds]
    say(_("%(count)s 项有问题", count=len(failed)) if failed else _("全部正常"))
    if failed:
        raise SystemExit(1)


def compiled_reads(settings: Settings) -> Check:
    """What of the GraphQL schema is not read by one statement: that is slower, and no fault."""
    left = ", ".join(left_to_executor(engine().schema))
    told = _("一条语句读取；逐个读取的有：%(left)s", left=left) if left else _("全部由一条语句读取")
    return Check("reads", _("GraphQL 读取"), True, told if settings.compile_reads else _("COMPILE_READS 已关闭"))


def tell(check: Check) -> None:
    """Print one check on a line, its advice on the next where it failed."""
    say(Text(f"{'✓' if check.holds else '✗'} %(name)s: %(told)s", {"name": check.name, "told": check.told}))
    if not check.holds and check.advice:
        say(Text("  → %(advice)s", {"advice": check.advice}))
