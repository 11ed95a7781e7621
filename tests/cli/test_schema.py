"""`alliance schema print`."""

from __future__ import annotations

from click.testing import CliRunner

from alliance.graphql.schema.build import SNAPSHOT
from alliance.web.entry.cli import main


def test_the_schema_is_printed_as_it_is_committed() -> None:
    result = CliRunner().invoke(main, ["schema", "print"])
    assert result.exit_code == 0
    assert result.output == SNAPSHOT.read_text()
