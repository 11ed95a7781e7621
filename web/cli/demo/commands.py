"""`alliance demo`: fill an installation with the demo alliance, or with a large one for benchmarks."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import click

from alliance.platform.kernel.config import Settings
from alliance.platform.kernel.embedded.installation import Installation
from alliance.platform.kernel.logging import configure_logging
from alliance.platform.kernel.services import open_services
from alliance.platform.kernel.texts import _
from alliance.web.cli.base import ready_installation
from alliance.web.cli.demo.founding import Login
from alliance.web.cli.demo.generate import DEFAULT_SEED
from alliance.web.cli.demo.loading import DemoPlan, load_demo, today_in_china
from alliance.web.cli.demo.profiles import SHOPS
from alliance.web.cli.demo.scale import SCALES, scaled, with_orders
from alliance.web.cli.terminal import CommandError, say, terminal_locale

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@click.command()
@click.option("--shops", type=click.IntRange(1, len(SHOPS)), default=len(SHOPS), show_default=True)
@click.option("--orders", type=click.IntRange(1, 100_000), help="Orders a month and shop on average [default: 200].")
@click.option("--scale", type=click.Choice(sorted(SCALES)), help="A large alliance for benchmarks instead.")
@click.option("--seed", type=int, default=DEFAULT_SEED, show_default=True, help="Another seed tells another story.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The day the story ends before [default: today].")
@click.option("--anywhere", is_flag=True, help="Also on servers that are not embedded, or that others can reach.")
def demo(
    *, shops: int, orders: int | None, scale: str | None, seed: int, today: datetime | None, anywhere: bool
) -> None:
    """Fill the installation with the demo alliance and print its logins, once.

    A second run changes nothing; a run that was interrupted goes on where it stopped. Its people have random
    passwords, but it is still no company for real shops: so it is made on embedded servers bound to this machine only,
    unless told otherwise, and never in production.
    """
    with ready_installation() as (installation, settings):
        refuse_elsewhere(installation, settings, anywhere=anywhere)
        # The steps are told as they are done; each job's own line would only hide them.
        configure_logging(settings.model_copy(update={"log_level": "WARNING"}))
        plan = make_plan(shops=shops, orders=orders, scale=scale, seed=seed, today=today.date() if today else None)
        services = open_services(settings)
        try:
            logins = load_demo(services, plan, tell=say)
        finally:
            services.close()
    if logins is None:
        say(_("演示联盟已经在这里，没有改变任何数据。忘记密码可以用 alliance members reset-password 重设"))
    else:
        show(logins)


def make_plan(*, shops: int, orders: int | None, scale: str | None, seed: int, today: date | None) -> DemoPlan:
    """What the options ask for."""
    plan = scaled(scale) if scale else DemoPlan(profiles=SHOPS[:shops])
    profiles = with_orders(plan.profiles, orders) if orders else plan.profiles
    return replace(plan, profiles=profiles, seed=seed, today=today or today_in_china())


def refuse_elsewhere(installation: Installation, settings: Settings, *, anywhere: bool) -> None:
    """CommandError where demo people do not belong."""
    if settings.is_production:
        raise CommandError(_("正式环境（ALLIANCE_ENV=production）不能装入演示数据").render(terminal_locale()))
    if anywhere:
        return
    if installation.postgres is None:
        message = _("演示数据只装入自带的数据库。确实要装入 DATABASE_URL 指向的数据库，请加上 --anywhere")
        raise CommandError(message.render(terminal_locale()))
    if settings.host not in LOOPBACK:
        message = _("服务绑定在 %(host)s，别人也能访问。确实要装入演示数据，请加上 --anywhere", host=settings.host)
        raise CommandError(message.render(terminal_locale()))


def show(logins: Sequence[Login]) -> None:
    """The logins as a table."""
    say(_("演示联盟已准备好。密码只显示这一次，请记下："))
    rows = [(login.email, login.password, login.name, login.places) for login in logins]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=True))
        click.echo("  " + "  ".join(cells).rstrip())


def _width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
