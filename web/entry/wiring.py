"""Which handler hears which event, and which rooms bring periodic work. The one place where signals travel upwards.

Every process that runs jobs or emits events calls `wire` at its start.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import time

from alliance.platform.auth.jobs import forget_old_logins
from alliance.platform.kernel.events import Handler, bind_handlers
from alliance.platform.kernel.idempotency.jobs import forget_old_answers
from alliance.platform.kernel.schedule import Daily, schedule
from alliance.tenants.importing.retention import forget_all_files

# event name: handlers of higher rooms, `handler(uow, **payload)`
HANDLERS: Mapping[str, Sequence[Handler]] = {}


def wire() -> None:
    """Bind the handlers of this process, and name the rooms' periodic work."""
    bind_handlers(HANDLERS)
    schedule("auth.forget_old_logins", Daily(time(3, 50)), forget_old_logins)
    schedule("idempotency.forget_old_answers", Daily(time(3, 55)), forget_old_answers)
    schedule("importing.forget_all_files", Daily(time(4, 0)), forget_all_files)
