"""Imports every room's tables, so that migrations and the catalogue test see them all."""

from alliance.platform.audit import models as audit
from alliance.platform.auth import models as auth
from alliance.platform.centre import models as centre
from alliance.platform.kernel import models as kernel
from alliance.platform.kernel.columns import Base
from alliance.platform.kernel.files import models as files
from alliance.platform.kernel.idempotency import models as idempotency
from alliance.platform.kernel.jobs import models as jobs
from alliance.platform.members import models as members
from alliance.tenants.catalog import models as catalog
from alliance.tenants.customers import models as customers
from alliance.tenants.importing import models as importing
from alliance.tenants.orders import models as orders
from alliance.tenants.returns import models as returns
from alliance.tenants.suppliers import models as suppliers

ROOMS = (
    files,
    idempotency,
    jobs,
    kernel,
    members,
    auth,
    audit,
    centre,
    customers,
    catalog,
    suppliers,
    orders,
    returns,
    importing,
)
METADATA = Base.metadata
