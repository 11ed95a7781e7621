"""Imports every room's tables, so that migrations and the catalogue test see them all."""

from alliance.platform.kernel.columns import Base

METADATA = Base.metadata
