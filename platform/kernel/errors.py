"""The errors a caller can act on. Each has a stable code, an HTTP status and a text for a person.

Anything else that is raised is a fault of ours: faces answer INTERNAL with an error id and log the rest.
"""

from __future__ import annotations

from typing import ClassVar

from alliance.platform.kernel.texts import Text, _


class AllianceError(Exception):
    """Base of every expected refusal. `field` names the input at fault, as a path, where there is one."""

    code: ClassVar[str] = "INTERNAL"
    status: ClassVar[int] = 500

    def __init__(self, message: Text, *, field: tuple[str, ...] = ()) -> None:
        super().__init__(str(message))
        self.message = message
        self.field = field


class BadInputError(AllianceError):
    """The request is malformed or breaks a rule that the sender can put right."""

    code = "BAD_INPUT"
    status = 422


class UnauthenticatedError(AllianceError):
    """Nobody is logged in, or the session has ended."""

    code = "UNAUTHENTICATED"
    status = 401

    def __init__(self, message: Text | None = None) -> None:
        super().__init__(message or _("请先登录"))


class ForbiddenError(AllianceError):
    """The caller's role does not allow this; the text says who can."""

    code = "FORBIDDEN"
    status = 403

    def __init__(self, message: Text | None = None) -> None:
        super().__init__(message or _("您的角色不能进行此操作，请联系店主"))


class NotFoundError(AllianceError):
    """There is no such thing for this caller; another shop's object and one that does not exist answer alike."""

    code = "NOT_FOUND"
    status = 404

    def __init__(self, message: Text | None = None) -> None:
        super().__init__(message or _("没有找到，或者不属于当前店铺"))


class ConflictError(AllianceError):
    """Someone else changed it, or the same key came with another input."""

    code = "CONFLICT"
    status = 409


class LimitExceededError(AllianceError):
    """Too much at once: size, depth, rate. `retry_after` is in seconds where waiting helps."""

    code = "LIMIT_EXCEEDED"
    status = 429

    def __init__(self, message: Text, *, retry_after: int | None = None, field: tuple[str, ...] = ()) -> None:
        super().__init__(message, field=field)
        self.retry_after = retry_after


class UnavailableError(AllianceError):
    """A service we need (database, queue) does not answer; the same request may work a little later."""

    code = "INTERNAL"
    status = 503
