"""Structured logs without personal data: JSON lines in production, readable ones in development.

Values under keys that name a person's data are dropped, and what looks like an address or a phone number inside any
other text is masked, also in tracebacks and in the lines of libraries. Ids of shops, orders and jobs stay.
"""

from __future__ import annotations

import logging
import re
import secrets
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog
from structlog.typing import Processor

from alliance.platform.kernel.config import Settings

# A key is personal if one of its words is: `customer_name`, `reply_to_email`, `access_token`.
PERSONAL_WORDS = frozenset(
    {
        *("name", "names", "email", "emails", "mail", "phone", "phones", "mobile", "tel", "wechat", "contact"),
        *("address", "addresses", "street", "recipient", "recipients"),
        *("password", "passwd", "secret", "token", "tokens", "cookie", "cookies", "authorization"),
    }
)
DROPPED = "[dropped]"
UUID_TEXT = r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"
# Bounded, so that a long run of letters costs its length and not the square of it.
MAIL = r"[\w.+\-]{1,254}+@[\w\-]+(?:\.[\w\-]+)+"
# Seven digits in a row, or digits in the groups that phone numbers are written in.
DIGITS = r"(?<![A-Za-z0-9_.\-])\+?(?:\d{7,}|\d{2,4}(?:[ \-]\d{3,4}){2,3})(?![A-Za-z0-9_])"
URL_LOGIN = r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"
SENSITIVE = re.compile(f"(?P<id>{UUID_TEXT})|(?P<login>{URL_LOGIN})|(?P<mail>{MAIL})|(?P<digits>{DIGITS})")
MASKS = {"login": "[login]", "mail": "[address]", "digits": "[digits]"}
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
WORD_BORDER = re.compile(r"[^a-z]+")
KEPT = frozenset({"timestamp", "level", "logger"})


def configure_logging(settings: Settings) -> None:
    """Send every log line of the process, ours and the libraries', to standard error through the same filter."""
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=before,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            drop_personal_data,
            _renderer(settings),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    # Libraries that log each request or statement with its values.
    for noisy in ("httpx", "httpcore", "sqlalchemy.engine", "rq.worker"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def get_logger(room: str) -> structlog.stdlib.BoundLogger:
    """The logger of a module: `get_logger(__name__).info("import committed", import_id=..., rows=...)`."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(room)
    return logger


@contextmanager
def log_context(**ids: object) -> Iterator[None]:
    """Put ids (`request_id`, `job_id`, `shop_id`) on every line logged inside the block."""
    with structlog.contextvars.bound_contextvars(**{key: str(value) for key, value in ids.items()}):
        yield


def report_fault(problem: BaseException, *, room: str) -> str:
    """Log an unexpected error with its traceback under a fresh error id, which is all a person gets to see."""
    identity = new_error_id()
    get_logger(room).error("unexpected error", error_id=identity, exc_info=problem)
    return identity


def new_error_id() -> str:
    """Ten characters a person can read out over the phone, without letters that look alike."""
    return "".join(secrets.choice("23456789ABCDEFGHJKMNPQRSTUVWXYZ") for _ in range(10))


def drop_personal_data(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The processor: nothing personal passes, whatever a caller put into the line."""
    for key, value in event.items():
        if key not in KEPT:
            event[key] = DROPPED if is_personal(key) else _clean(value)
    return event


def is_personal(key: str) -> bool:
    """Whether a key names data of a person."""
    return not PERSONAL_WORDS.isdisjoint(WORD_BORDER.split(CAMEL.sub("_", key).lower()))


def mask(text: str) -> str:
    """The text without addresses, phone numbers, long digit runs and logins in URLs; UUIDs stay."""
    return SENSITIVE.sub(lambda found: MASKS.get(found.lastgroup or "", found.group()), text)


def _clean(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(k): DROPPED if is_personal(str(k)) else _clean(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(item) for item in value]
    return mask(value if isinstance(value, str) else str(value))


def _renderer(settings: Settings) -> Processor:
    if settings.is_production:
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
