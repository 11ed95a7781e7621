"""A real worker process for tests, on the run's database and a Redis of its own that tests may kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr
from redis.exceptions import RedisError
from support import sample_jobs

from alliance.platform.kernel.config import Settings, load_settings
from alliance.platform.kernel.embedded.redis_server import RedisServer, start_redis
from alliance.platform.kernel.events import bind_handlers
from alliance.platform.kernel.logging import configure_logging
from alliance.platform.kernel.services import Services, open_services
from alliance.platform.kernel.worker import run_worker

SECRETS = ("app_database_url", "keys_url", "redis_url", "secret_key", "master_keys")


@dataclass
class WorkerHouse:
    """Services that queue jobs for real workers, and the servers and workers started for a test."""

    services: Services
    home: Path
    redis_server: RedisServer
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start_worker(self) -> subprocess.Popen[bytes]:
        """A worker with its clock, in a process group of its own, as `alliance worker` runs it."""
        settings = self.services.settings
        secrets = {name.upper(): getattr(settings, name).get_secret_value() for name in SECRETS}
        environment = {**os.environ, **secrets, "ALLIANCE_HOME": str(settings.alliance_home), "JOBS": "rq"}
        worker = subprocess.Popen(
            [sys.executable, "-m", "support.worker_process"],
            env={**environment, "PYTHONPATH": str(Path(__file__).parents[1])},
            start_new_session=True,
        )
        self.workers.append(worker)
        return worker

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """`kill -9` of the worker and everything it forked, at once."""
        for pid in (*children_of(worker.pid), worker.pid):
            os.kill(pid, signal.SIGKILL)
        worker.wait()

    def kill_all(self) -> None:
        """`kill -9` of every worker that still runs."""
        for worker in self.workers:
            if worker.poll() is None:
                self.kill(worker)

    def stop_redis(self) -> None:
        """Take Redis away, with all it held."""
        self.redis_server.stop()

    def start_redis(self) -> None:
        """An empty Redis at the same address."""
        self.redis_server = start_redis(self.home)

    def redis_answers(self) -> bool:
        """Whether Redis is there."""
        try:
            return bool(self.services.redis.ping())
        except RedisError:
            return False


@contextmanager
def worker_house(settings: Settings, home: Path, redis_home: Path) -> Iterator[WorkerHouse]:
    """Services with real queues; every worker and server is ended afterwards."""
    server = start_redis(redis_home)
    update = {"jobs": "rq", "redis_url": SecretStr(server.url), "alliance_home": home}
    house = WorkerHouse(open_services(settings.model_copy(update=update)), redis_home, server)
    try:
        yield house
    finally:
        house.kill_all()
        house.services.close()
        house.redis_server.stop()


def children_of(pid: int) -> list[int]:
    """The processes a process has forked, and theirs."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    direct = [int(child) for child in listed.read_text().split()] if listed.exists() else []
    return [each for child in direct for each in (*children_of(child), child)]


if __name__ == "__main__":
    chosen = load_settings()
    configure_logging(chosen)
    # The import of `sample_jobs` has registered its jobs, too.
    bind_handlers(sample_jobs.EVENTS)
    run_worker(open_services(chosen))
