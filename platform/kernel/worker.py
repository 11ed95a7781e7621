"""A worker process: RQ forks a child for each job, and a clock beside it runs the schedule.

The parent keeps no database connection while it forks, and the child opens its own. A Redis that goes away ends RQ's
loop; the worker waits and begins again, and the rows say what is still to be done.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from types import FrameType
from typing import Any
from uuid import UUID

from redis.exceptions import RedisError
from rq import Worker
from rq.exceptions import StopRequested
from rq.job import Job as RqJob
from rq.serializers import JSONSerializer

from alliance.platform.kernel import clock
from alliance.platform.kernel.errors import UnavailableError
from alliance.platform.kernel.events import dispatch_events
from alliance.platform.kernel.jobs.pushing import ENTRY
from alliance.platform.kernel.jobs.registry import QUEUES
from alliance.platform.kernel.jobs.running import run_job
from alliance.platform.kernel.jobs.sweeping import give_up_killed
from alliance.platform.kernel.logging import get_logger, report_fault
from alliance.platform.kernel.schedule import run_due
from alliance.platform.kernel.services import Services, open_redis

TICK_SECONDS = 1.0
LONGEST_PAUSE = 30.0
# RQ blocks for 15 seconds less; then it looks whether the clock is alive.
WORKER_TTL = 30
PR_SET_PDEATHSIG = 1

_SERVICES: ContextVar[Services] = ContextVar("worker_services")


def run_worker(services: Services, queues: Sequence[str] = QUEUES, *, with_clock: bool = True) -> None:
    """Work on the queues until SIGTERM or SIGINT; the job at hand is finished first.

    `with_clock=False` leaves the schedule to other workers. Several workers, on several machines, may run.
    """
    _SERVICES.set(services)
    keeper = ClockKeeper(services) if with_clock else None
    pause = 1.0
    try:
        while True:
            services.dispose()
            began = time.monotonic()
            stopping = _work(services, queues, keeper)
            if stopping:
                return
            pause = 1.0 if time.monotonic() - began > LONGEST_PAUSE else min(pause * 2, LONGEST_PAUSE)
            time.sleep(pause)
    except StopRequested:
        # The signal came while RQ was not in its loop: there is no job to finish.
        return
    finally:
        if keeper is not None:
            keeper.stop()


def run_queued_job(job_id: str) -> None:
    """What RQ calls in the forked child for one of our rows."""
    run_job(_SERVICES.get(), UUID(job_id))


def dispatch_queued_events() -> None:
    """What RQ calls in the forked child when the outbox has something."""
    services = _SERVICES.get()
    services.redis.delete("alliance:dispatch")
    dispatch_events(services)


def run_clock(services: Services, *, parent: int) -> None:
    """Run the schedule each second until the parent is gone."""
    while os.getppid() == parent:
        try:
            run_due(services, clock.now())
        except UnavailableError:
            get_logger(__name__).warning("the clock waits for the database")
        except Exception as problem:  # noqa: BLE001  # the clock must go on
            report_fault(problem, room=__name__)
        time.sleep(TICK_SECONDS)


class AllianceWorker(Worker):
    """RQ's forking worker, with connections that do not cross the fork and rows that learn of a killed child."""

    def __init__(self, queues: Sequence[str], services: Services, keeper: ClockKeeper | None) -> None:
        self.services = services
        self.keeper = keeper
        self.stopping = False
        self.working = False
        super().__init__(
            list(queues),
            connection=open_redis(services.settings),
            serializer=JSONSerializer,
            worker_ttl=WORKER_TTL,
            work_horse_killed_handler=self.give_up,
            log_job_description=False,
        )

    def main_work_horse(self, job: RqJob, queue: Any) -> None:
        """In the child: forget the parent's connections, then work."""
        self.services.forget_connections()
        super().main_work_horse(job, queue)

    def give_up(self, job: RqJob, _pid: int, _status: int, _usage: object) -> None:
        """In the parent: the child died without a word (killed, out of memory); its row gets another attempt."""
        if job.func_name != ENTRY:
            return
        try:
            give_up_killed(self.services, UUID(job.args[0]))
        except UnavailableError:
            get_logger(__name__).warning("the sweep will take up a lost job", job_id=str(job.args[0]))
        finally:
            self.services.dispose()

    def heartbeat(self, *arguments: Any, **options: Any) -> None:
        """Tell Redis we live, and see that the clock does."""
        if self.keeper is not None and not self.is_horse:
            self.keeper.keep()
        super().heartbeat(*arguments, **options)

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """SIGTERM or SIGINT: finish the job at hand, take no other."""
        self.stopping = True
        try:
            super().request_stop(signum, frame)  # type: ignore[no-untyped-call]  # RQ leaves it untyped
        except RedisError:
            # Only RQ's own note of it could not be written.
            if not self.working:
                raise StopRequested from None


class ClockKeeper:
    """The forked clock process of a worker: started again if it dies, ended with it."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._pid = 0
        self.keep()

    def keep(self) -> None:
        """Start the clock if it does not run. Called while the parent holds no connection."""
        if self._pid and os.waitpid(self._pid, os.WNOHANG) == (0, 0):
            return
        self._pid = fork(lambda parent: run_clock(self._services, parent=parent), self._services)

    def stop(self) -> None:
        """End the clock and wait for it; what it was doing is rolled back and due again."""
        if self._pid:
            os.kill(self._pid, signal.SIGTERM)
            os.waitpid(self._pid, 0)
            self._pid = 0


def fork(target: Callable[[int], None], services: Services) -> int:
    """Run `target(parent's pid)` in a child that dies with its parent; answers the child's pid."""
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        services.forget_connections()
        target(parent)
        code = 0
    finally:
        os._exit(code)


def _work(services: Services, queues: Sequence[str], keeper: ClockKeeper | None) -> bool:
    """Work until told to stop (True) or until Redis goes away (False)."""
    worker = None
    try:
        worker = AllianceWorker(queues, services, keeper)
        worker.working = True
        worker.work(logging_level="WARNING")
    except RedisError as problem:
        get_logger(__name__).warning("the worker waits for Redis", reason=type(problem).__name__)
    finally:
        if worker is not None:
            worker.working = False
    # Without Redis RQ cannot sign off, and that is no reason to begin again.
    return worker is not None and worker.stopping
