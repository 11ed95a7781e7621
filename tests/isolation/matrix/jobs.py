"""Drives every registered job with another shop's ids. Jobs are discovered in the files of the product."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from isolation.matrix.owners import Party
from isolation.matrix.state import changes, state_of

from alliance.platform.kernel.errors import AllianceError
from alliance.platform.kernel.jobs import registry
from alliance.platform.kernel.jobs.registry import JobSpec
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import system_scope

ROOT = Path(__file__).parents[3]
ROOMS = ("platform", "anonymize", "tenants", "graphql", "web")
GIVEN = {"services", "_services", "scope", "_scope"}
# What a job's parameter names: a thing of one shop.
ARGUMENTS: dict[str, Callable[[Party], UUID]] = {
    "import_id": lambda party: party.rows["tenants.import"]["id"],
    "job_id": lambda party: party.rows["platform.job"]["id"],
    "file_id": lambda party: party.rows["platform.file"]["id"],
    "customer_id": lambda party: party.rows["tenants.customer"]["id"],
    "return_id": lambda party: party.rows["tenants.returns"]["id"],
    "shop_id": lambda party: party.id,
}


def discover() -> list[JobSpec]:
    """Every job of the product: each file that registers one is imported."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "@job(" in path.read_text():
                importlib.import_module("alliance." + ".".join(path.relative_to(ROOT).with_suffix("").parts))
    return sorted(registry._JOBS.values(), key=lambda spec: spec.name)


def of_the_product(specs: list[JobSpec]) -> list[JobSpec]:
    """Without those that other tests have registered."""
    return [spec for spec in specs if spec.name.startswith("alliance.")]


def arguments_of(spec: JobSpec, party: Party | None) -> dict[str, UUID]:
    """The job's ids: the party's, or nobody's. LookupError tells what to register."""
    names = [name for name in inspect.signature(spec.function).parameters if name not in GIVEN]
    unknown = [name for name in names if name not in ARGUMENTS]
    if unknown:
        raise LookupError(f"{spec.name}: say whose {unknown} are: add them to isolation.matrix.jobs.ARGUMENTS")
    return {name: ARGUMENTS[name](party) if party else uuid4() for name in names}


def outcome(services: Services, spec: JobSpec, actor: Party, ids: dict[str, UUID]) -> Any:
    """What the job answers in the actor's scope, or the code of its refusal."""
    try:
        return spec.function(services, actor.scope, **ids)
    except AllianceError as problem:
        return problem.code


def reaching(services: Services, specs: list[JobSpec], actor: Party, victim: Party) -> list[str]:
    """Every job in the actor's scope with the victim's ids: as with nobody's, and nothing of the victim's changes."""
    faults = []
    for spec in specs:
        before = state_of(services, victim)
        answers = [outcome(services, spec, actor, arguments_of(spec, whose)) for whose in (victim, None)]
        if victim.found_in(repr(answers[0])):
            faults.append(f"{spec.name} answers with what is another shop's")
        if takes_ids(spec) and answers[0] != answers[1]:
            faults.append(f"{spec.name} tells another shop's ids from nobody's: {answers}")
        if changed := changes(before, state_of(services, victim)):
            faults.append(f"{spec.name} changes {changed} of another shop")
    return faults


def takes_ids(spec: JobSpec) -> bool:
    """Whether the job works on something it is told, as against everything that is due."""
    return bool(arguments_of(spec, None))


def without_a_shop(services: Services, specs: list[JobSpec], victim: Party) -> list[str]:
    """Every job that works on a shop's thing, run in the system's scope: it must fail rather than find it."""
    faults = []
    for spec in (spec for spec in specs if takes_ids(spec)):
        before = state_of(services, victim)
        try:
            spec.function(services, system_scope("tests"), **arguments_of(spec, victim))
        except (AllianceError, LookupError):
            pass
        else:
            faults.append(f"{spec.name} works without a shop")
        if changed := changes(before, state_of(services, victim)):
            faults.append(f"{spec.name} changes {changed} without a shop")
    return faults
