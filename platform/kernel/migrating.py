"""Migrations run from the installed package, whatever the current directory."""

from __future__ import annotations

from alembic import command
from alembic.config import Config

from alliance.platform.kernel.revisions import current_revision, head_revision, migrations_directory


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database up to the revision, as the migrator login; nothing happens where it is there already."""
    if revision == "head" and current_revision(url) == head_revision():
        return
    command.upgrade(configuration(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Take the database back to the revision (`base` removes everything), as the migrator login. Data is lost."""
    command.downgrade(configuration(url), revision)


def configuration(url: str) -> Config:
    """Alembic's configuration without a file; a `%` in the address is escaped for its reader."""
    config = Config()
    config.set_main_option("script_location", str(migrations_directory()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config
