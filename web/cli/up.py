"""`alliance up`: the whole product from one command, on this machine."""

from __future__ import annotations

import os
import socket
import threading
import time
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException

import click
from sqlalchemy import text

from alliance.platform.kernel.config import Settings, home_from_environment, load_settings
from alliance.platform.kernel.db import open_engine
from alliance.platform.kernel.embedded.installation import Installation, open_installation
from alliance.platform.kernel.revisions import current_revision, head_revision
from alliance.platform.kernel.texts import _
from alliance.web.cli.demo import ALLIANCE_HANDLE, COORDINATOR_EMAIL
from alliance.web.cli.supervising import Child, complain, own_command, server_command, stop_signals, supervise
from alliance.web.cli.terminal import CommandError, say

PORTS_TRIED = 20
HOPELESS = 3
WORKER_WAITS = 10.0

WANTS_DEMO = """
SELECT NOT EXISTS (SELECT 1 FROM platform.alliance)
    OR EXISTS (SELECT 1 FROM platform.alliance WHERE handle = :handle)
    AND NOT EXISTS (SELECT 1 FROM platform.account WHERE email = :email)
"""


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Port [default: PORT, 8000, or the next free one].")
@click.option("--demo/--no-demo", default=True, help="Fill an empty installation with the demo alliance.")
def up(port: int | None, *, demo: bool) -> None:
    """Start everything: servers, migrations, web server and worker. Ctrl-C stops what was started, nothing else."""
    home = home_from_environment()
    with stop_signals() as asked:
        opened = open_installation(home)
        keeper = Keeper(opened)
        try:
            settings = load_settings()
            prepare(settings, asked, demo=demo)
            if not asked.is_set():
                run(settings, choose_port(settings, port), asked, keeper)
        finally:
            keeper.installation.stop()
    say(_("已停止"))


class Keeper:
    """Starts the embedded servers again when they are gone: the process that had started them may have ended."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.looked_at = time.monotonic()

    def look(self) -> None:
        """Called often; looks every two seconds."""
        if time.monotonic() - self.looked_at < 2:
            return
        if not self.installation.is_running():
            self.installation.stop()
            self.installation = open_installation(self.installation.home)
        self.looked_at = time.monotonic()


def prepare(settings: Settings, asked: threading.Event, *, demo: bool) -> None:
    """Migrate where the database is behind, and fill an installation that has no alliance yet.

    Both are commands of their own: a start that needs neither does not load what they need.
    """
    if settings.migrator_database_url is None:
        return
    url = settings.migrator_database_url.get_secret_value()
    if current_revision(url) != head_revision() and not run_command("migrate", asked) and not asked.is_set():
        raise CommandError("The migration failed; its own message stands above. Nothing was started.")
    if demo and not settings.is_production and not asked.is_set() and wants_demo(url):
        say(_("首次启动，正在准备演示联盟的数据，大约需要一两分钟……"))
        if not run_command("demo", asked) and not asked.is_set():
            say(_("演示数据没有准备完成。其余功能照常可用，可以运行 `alliance demo` 重试"))


def run_command(name: str, asked: threading.Event) -> bool:
    """Run one of our commands to its end, or until we are asked to stop; whether it succeeded."""
    child = Child(name=name, command=own_command(name), environment={})
    child.start()
    while (code := child.ended_with()) is None:
        if asked.wait(0.05):
            child.stop()
            return False
    return code == 0


def wants_demo(url: str) -> bool:
    """Whether there is no alliance yet, or only the beginning of the demo's; read as the migrator, who sees all."""
    engine = open_engine(url, pool_size=1)
    try:
        with engine.connect() as connection:
            values = {"handle": ALLIANCE_HANDLE, "email": COORDINATOR_EMAIL}
            return bool(connection.scalar(text(WANTS_DEMO), values))
    finally:
        engine.dispose()


def choose_port(settings: Settings, wanted: int | None) -> int:
    """The wanted port, refused with CommandError when taken; without one, the first free from the configured on."""
    if wanted is not None:
        if not is_free(settings.host, wanted):
            raise CommandError(f"Port {wanted} is taken. Name another, or leave --port out for the next free one.")
        return wanted
    for port in range(settings.port, min(settings.port + PORTS_TRIED, 65536)):
        if is_free(settings.host, port):
            if port != settings.port:
                say(_("端口 %(taken)s 已被占用，改用 %(port)s", taken=settings.port, port=port))
            return port
    raise CommandError(
        f"Ports {settings.port} to {settings.port + PORTS_TRIED - 1} are all taken. Set PORT to a free one."
    )


def is_free(host: str, port: int) -> bool:
    """Whether we could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((host, port))
        except OSError:
            return False
    return True


def run(settings: Settings, port: int, asked: threading.Event, keeper: Keeper) -> None:
    """Web server and worker until asked to stop; the address is printed when it answers."""
    address = settings.public_url if "PUBLIC_URL" in os.environ else f"http://{shown_host(settings.host)}:{port}"
    environment = {"PORT": str(port), "PUBLIC_URL": address, "ALLIANCE_HOME": str(settings.alliance_home)}
    web = Child(name="web", command=server_command(host=settings.host, port=port), environment=environment)
    # The worker waits: on a small machine the first page comes sooner when it need not share the processor.
    worker = Child(
        name="worker", command=own_command("worker"), environment=environment, not_before=time.monotonic() + 10
    )
    told = Announcement(address=address, host=settings.host, port=port)

    def each() -> None:
        keeper.look()
        if told.look():
            worker.not_before = 0.0
        if not told.done and web.failures >= HOPELESS:
            raise CommandError(
                "The web server does not start; its own message stands above. `alliance doctor` may help."
            )

    web.start()
    supervise([web, worker] if settings.jobs == "rq" else [web], asked, each=each, tell=complain)


def shown_host(host: str) -> str:
    """The host as a browser on this machine can use it."""
    return "127.0.0.1" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host  # noqa: S104 (compared)


@dataclass
class Announcement:
    """Prints the address once, as soon as the first page can be had."""

    address: str
    host: str
    port: int
    done: bool = False

    def look(self) -> bool:
        """Ask whether the server lives; print the address the first time it does, and answer whether this was it."""
        if self.done or not is_alive(self.host, self.port):
            return False
        self.done = True
        say(_("邻里退已启动：%(address)s\n按 Ctrl-C 停止，数据会保留", address=self.address))
        return True


def is_alive(host: str, port: int) -> bool:
    """Whether the web server answers its liveness check."""
    connection = HTTPConnection(shown_host(host).strip("[]"), port, timeout=2)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
