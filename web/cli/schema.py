"""`alliance schema print`: the schema that `/graphql` serves, for clients that generate code from it."""

from __future__ import annotations

import click

from alliance.graphql.schema.build import print_schema


@click.group()
def schema() -> None:
    """The GraphQL schema."""


@schema.command("print")
def print_() -> None:
    """Print the schema definition language of what is served. Needs no database."""
    click.echo(print_schema(), nl=False)
