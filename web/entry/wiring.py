"""Which handler hears which event, and which rooms bring periodic work. The one place where signals travel upwards.

Every process that runs jobs or emits events calls `wire` at its start.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alliance.platform.kernel.events import Handler, bind_handlers

# event name: handlers of higher rooms, `handler(uow, **payload)`
HANDLERS: Mapping[str, Sequence[Handler]] = {}


def wire() -> None:
    """Bind the handlers of this process."""
    bind_handlers(HANDLERS)
