"""What one shop owns: customers, catalog, orders, returns, suppliers; and the shared sites and plates."""

from __future__ import annotations

from alliance.migrations.ops import create_tables, drop_tables
from alliance.platform.centre.models import LicencePlate, Site
from alliance.tenants.catalog.models import Product, Variant
from alliance.tenants.customers.models import Customer
from alliance.tenants.orders.models import Order, OrderLine
from alliance.tenants.returns.models import Return, ReturnEvent, ReturnLine, Unit, UnitDefect
from alliance.tenants.suppliers.models import Batch, Supplier

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = (
    Customer,
    Product,
    Variant,
    Supplier,
    Batch,
    Order,
    OrderLine,
    Return,
    ReturnLine,
    Unit,
    UnitDefect,
)
# A site ends by a date.
DATED = (Site,)
# A plate once given is never given again, and a timeline is never rewritten.
PLATES = (LicencePlate,)
TIMELINE = (ReturnEvent,)


def upgrade() -> None:
    """Create the tables with their policies; plates and the timeline can be added to and never changed."""
    create_tables(*DATED, privileges="SELECT, INSERT, UPDATE")
    create_tables(*PLATES, privileges="SELECT, INSERT")
    create_tables(*TABLES)
    create_tables(*TIMELINE, privileges="SELECT, INSERT")


def downgrade() -> None:
    """Drop them, the dependent ones first."""
    drop_tables(*DATED, *PLATES, *TABLES, *TIMELINE)
