"""The drives of the schema's matrix: each answers what is wrong, so that tests can also see it fail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from graphql import GraphQLObjectType, get_named_type
from isolation.matrix.graphql import OWNED, Asking, Explorer, node_id
from isolation.matrix.owners import Party
from isolation.matrix.state import changes, state_of

from alliance.graphql.engine.ids import global_id, read_global_id

NOT_FOUND = ["NOT_FOUND"]


def fields(explorer: Explorer, asking: Asking, victim: Party) -> list[str]:
    """Every field with the victim's things as arguments, asked right after the victim has asked for the same."""
    return list(field_faults(explorer, asking, victim))


def field_faults(explorer: Explorer, asking: Asking, victim: Party) -> Iterator[str]:
    """The same, one fault after the other."""
    owner = asking.as_party(victim)
    for probe in explorer.probes():
        document, variables = explorer.document(probe, victim)
        owner.ask(document, variables)
        answer = asking.ask(document, variables)
        if shown := victim.found_in(said(answer, variables)):
            yield f"{probe} shows {shown}"
        if probe.owned and (codes(answer) != NOT_FOUND or leaf(answer) is not None):
            yield f"{probe} answers {codes(answer) or 'data'} to another shop's {probe.owned}, not NOT_FOUND"
        elif not probe.owned and codes(answer):
            yield f"{probe} fails with {codes(answer)}"


def cursors(explorer: Explorer, asking: Asking, victim: Party) -> list[str]:
    """Every list, continued from a cursor of the victim's."""
    faults = []
    owner = asking.as_party(victim)
    for probe in explorer.probes():
        kind = explorer.schema.type_map[probe.type_name]
        assert isinstance(kind, GraphQLObjectType)
        if probe.name not in kind.fields or "after" not in kind.fields[probe.name].args:
            continue
        first = owner.ask(*explorer.document(probe, victim, {"first": 1}))
        cursor = find(first, "endCursor")
        if cursor is None:
            continue
        document, variables = explorer.document(probe, victim, {"first": 50, "after": cursor})
        if shown := victim.found_in(said(asking.ask(document, variables), variables)):
            faults.append(f"{probe} shows {shown} after a cursor of another shop")
    return faults


def nodes(explorer: Explorer, asking: Asking, victim: Party, *, shared: set[str]) -> list[str]:
    """`node(id)` of every type: null and NOT_FOUND for the victim's, and word for word as for nobody's."""
    faults = []
    for name in explorer.node_types():
        answers = [asking.ask(explorer.node_document(name), {"id": node_id(name, whose)}) for whose in (victim, None)]
        if name in shared:
            continue
        if codes(answers[0]) != NOT_FOUND or answers[0].get("data") != {"node": None}:
            faults.append(f"node({name}) answers {codes(answers[0]) or 'data'} to another shop's, not NOT_FOUND")
        if answers[0] != answers[1]:
            faults.append(f"node({name}) tells another shop's from one that does not exist")
        if shown := victim.found_in(said(answers[0], {})):
            faults.append(f"node({name}) shows {shown}")
    return faults


def seeing(explorer: Explorer, asking: Asking) -> tuple[list[str], str]:
    """The party at its own: what fails, and all it is shown."""
    faults, shown = [], []
    for probe in explorer.probes():
        answer = asking.ask(*explorer.document(probe, asking.party))
        shown.append(said(answer, {}))
        if codes(answer) or (probe.owned and leaf(answer) is None):
            faults.append(f"{probe} answers its own shop {codes(answer) or 'nothing'}")
    for name in explorer.node_types():
        answer = asking.ask(explorer.node_document(name), {"id": node_id(name, asking.party)})
        shown.append(said(answer, {}))
        if codes(answer) or not answer["data"]["node"]:
            faults.append(f"node({name}) answers its own shop {codes(answer) or 'nothing'}")
    return faults, " ".join(shown)


def mutations(explorer: Explorer, asking: Asking, victim: Party, *, spared: set[str]) -> list[str]:
    """Every mutation with the victim's ids: NOT_FOUND as for nobody's, null, and the victim's rows are as before."""
    faults = []
    root = explorer.schema.mutation_type
    for name, definition in root.fields.items() if root else ():
        if name in spared:
            continue
        before = state_of(asking.services, victim)
        kind = definition.args["input"].type
        document = f"mutation($input: {kind}) {{ {name}(input: $input) {explorer.selection(definition.type, 1)} }}"
        answers = []
        for known in (True, False):
            given = explorer.value(f"Mutation.{name}.input", kind, victim)
            answers.append(asking.ask(document, {"input": given if known else _nobodys(explorer, kind, given)}))
        payload = leaf(answers[0])
        if shown := victim.found_in(said(answers[0], {"input": given})):
            faults.append(f"{name} shows {shown}")
        if refused(answers[0]) != NOT_FOUND or (payload and [v for v in payload.values() if isinstance(v, dict)]):
            faults.append(f"{name} answers {refused(answers[0]) or 'data'} to another shop's ids, not NOT_FOUND")
        if refused(answers[0]) != refused(answers[1]):
            faults.append(f"{name} tells another shop's ids from ones that do not exist: {refused(answers[1])}")
        if changed := changes(before, state_of(asking.services, victim)):
            faults.append(f"{name} changes {changed} of another shop")
    return faults


def _nobodys(explorer: Explorer, kind: Any, given: dict[str, Any]) -> dict[str, Any]:
    """The input with every id of one shop's thing replaced by one that nobody has."""
    named = get_named_type(kind).name
    changed = dict(given)
    for name, value in given.items():
        if (f"{named}.{name}" in OWNED or name in OWNED) and isinstance(value, str):
            changed[name] = _alike(value)
    return changed


def _alike(value: str) -> str:
    """An id of the same kind that nobody has."""
    if "-" in value:
        return str(uuid4())
    kind, _key = read_global_id(value)
    return global_id(kind, uuid4())


def codes(answer: dict[str, Any]) -> list[str]:
    """The codes of the response's errors."""
    return sorted({error.get("extensions", {}).get("code", error["message"]) for error in answer.get("errors", ())})


def refused(answer: dict[str, Any]) -> list[str]:
    """The codes of errors and user errors."""
    payload = leaf(answer)
    told = payload.get("userErrors", []) if isinstance(payload, dict) else []
    return sorted({*codes(answer), *(error["code"] for error in told)})


def leaf(answer: dict[str, Any]) -> Any:
    """What stands at the end of the only way through the data; None where it is null or was refused."""
    value: Any = answer.get("data")
    while isinstance(value, dict) and len(value) == 1:
        value = next(iter(value.values()))
    return value


def find(value: Any, name: str) -> Any:
    """The first value under a name, however deep."""
    if isinstance(value, dict):
        if value.get(name) is not None:
            return value[name]
        value = list(value.values())
    if isinstance(value, list):
        return next((found for part in value if (found := find(part, name)) is not None), None)
    return None


def said(answer: dict[str, Any], variables: dict[str, Any]) -> str:
    """Everything a response says that the request has not said itself."""
    text = json.dumps(answer, ensure_ascii=False)
    for value in variables.values():
        if isinstance(value, str):
            text = text.replace(value, "")
    return text
