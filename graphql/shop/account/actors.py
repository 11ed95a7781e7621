"""Actors of timelines and of the audit, by name."""

from __future__ import annotations

from collections.abc import Sequence

from alliance.graphql.engine.context import Context, Info
from alliance.graphql.engine.loading import RowObject
from alliance.platform.members.names import find_actor_names


def actor_of(source: RowObject, info: Info) -> str:
    """The name of a row's actor, read for all its peers in one query."""
    context = info.context
    names = source.batch.related(
        "actor", lambda rows: find_actor_names(context.uow, {row.actor for row in rows}, locale=context.locale)
    )
    return names[source.row.actor]


def fill_actors(context: Context, rows: Sequence[tuple[str, ...]]) -> list[str]:
    """The names of actors as rows hold them, for the read compiler, in one query."""
    actors = [actor for (actor,) in rows]
    names = find_actor_names(context.uow, set(actors), locale=context.locale)
    return [names[actor] for actor in actors]
