"""Which functions are jobs, in which queue, for how long, how often; and how their ids travel as JSON."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

P = ParamSpec("P")
R = TypeVar("R")

QUEUES = ("default", "import", "mail", "schedule")
LONGEST_BACKOFF = timedelta(minutes=15)
PACKAGE = "alliance."


@dataclass(frozen=True, slots=True)
class JobSpec:
    """A registered function: its queue, its time limit in seconds, and how often and how slowly it is tried again."""

    name: str
    function: Callable[..., Any]
    queue: str
    timeout: int
    retries: int
    backoff: float
    takes_job_id: bool

    def wait_after(self, attempt: int) -> timedelta:
        """How long to wait after the given failed attempt (1 is the first): three times longer each time."""
        return min(timedelta(seconds=self.backoff * 3 ** (attempt - 1)), LONGEST_BACKOFF)


_JOBS: dict[str, JobSpec] = {}


def job(
    *, queue: str = "default", timeout: int = 600, retries: int = 3, backoff: float = 10
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Register `fn(services, scope, **ids)` as a job; a parameter `job_id` gets the job's own id.

    The function must be idempotent: it runs again after a crash. It answers None or a dict of JSON for the row.
    Refuses an unknown queue with LookupError.
    """
    if queue not in QUEUES:
        raise LookupError(f"{queue} is no queue; there are {', '.join(QUEUES)}")

    def register(function: Callable[P, R]) -> Callable[P, R]:
        name = job_name(function)
        takes_job_id = "job_id" in inspect.signature(function).parameters
        _JOBS[name] = JobSpec(name, function, queue, timeout, retries, backoff, takes_job_id)
        return function

    return register


def job_name(function: Callable[..., Any]) -> str:
    """A job's name: module and function."""
    return f"{function.__module__}:{function.__qualname__}"


def get_spec(name: str) -> JobSpec:
    """The registered job of this name, its module imported where it is not yet. LookupError where there is none."""
    if name not in _JOBS and name.startswith(PACKAGE):
        importlib.import_module(name.partition(":")[0])
    if name not in _JOBS:
        raise LookupError(f"no job is called {name}")
    return _JOBS[name]


def encode_ids(ids: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments as JSON. Ids, numbers, short codes; anything else is TypeError, so that no data rides along."""
    return {key: _encode(key, value) for key, value in ids.items()}


def decode_ids(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments as they were given."""
    return {key: UUID(value["uuid"]) if isinstance(value, dict) else value for key, value in arguments.items()}


def _encode(key: str, value: Any) -> Any:
    if isinstance(value, UUID):
        return {"uuid": str(value)}
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str) and len(value) <= 200:
        return str(value)
    raise TypeError(f"a job takes ids and short codes, not {key}={type(value).__name__}")
