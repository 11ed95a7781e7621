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
    Site,
    LicencePlate,
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
APPEND_ONLY = (ReturnEvent,)


def upgrade() -> None:
    """Create the tables with their policies; the timeline can be added to and never changed."""
    create_tables(*TABLES)
    create_tables(*APPEND_ONLY, privileges="SELECT, INSERT")


def downgrade() -> None:
    """Drop them, the dependent ones first."""
    drop_tables(*TABLES, *APPEND_ONLY)
