"""Imports every room's tables, so that migrations and the catalogue test see them all."""

from alliance.platform.audit import models as audit
from alliance.platform.auth import models as auth
from alliance.platform.kernel.columns import Base
from alliance.platform.members import models as members

ROOMS = (members, auth, audit)
METADATA = Base.metadata
