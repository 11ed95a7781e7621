"""Mutations: what can be put right comes back, nothing changes then, and a repeat changes nothing again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import strawberry
from sqlalchemy import func, select
from support.actors import SYSTEM, MemberActor, ShopActor, make_member, make_shop
from support.factories import make_product
from support.graphql_client import client_of

from alliance.graphql.engine.context import Context
from alliance.graphql.engine.mutations import Outcome, UserError, run_command
from alliance.platform.audit.models import AuditEntry
from alliance.platform.audit.record import record
from alliance.platform.kernel import clock
from alliance.platform.kernel.errors import BadInputError, ForbiddenError, NotFoundError, UnavailableError
from alliance.platform.kernel.idempotency.answers import KEPT, LONGEST_KEY, forget_old
from alliance.platform.kernel.idempotency.jobs import forget_old_answers
from alliance.platform.kernel.idempotency.models import FirstAnswer
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.texts import Text
from alliance.platform.kernel.work import UnitOfWork, unit_of_work
from alliance.tenants.catalog.models import Product


@dataclass
class Given:
    """An input as Strawberry makes it."""

    title: str
    client_mutation_id: Any = strawberry.UNSET


@pytest.fixture
def shop(services: Services) -> ShopActor:
    return make_shop(services)


@pytest.fixture
def member(services: Services, shop: ShopActor) -> MemberActor:
    return make_member(services, shop)


def add_product(title: str, *, then: Exception | None = None, waiting: list[str] | None = None) -> Any:
    """A command that writes a row, an audit entry and something for after the commit, and then may fail."""

    def command(uow: UnitOfWork) -> UUID:
        row = Product(shop_id=uow.scope.shop, id=new_id(), source_key=str(uuid4()), title=title)
        uow.session.add(row)
        uow.session.flush()
        record(uow, "product.added", target=f"product:{row.id}")
        uow.on_commit(lambda: waiting.append(title) if waiting is not None else None)
        if then is not None:
            raise then
        return row.id

    return command


def run(
    services: Services, member: MemberActor, given: Given, command: Callable[[UnitOfWork], UUID], **more: Any
) -> Outcome:
    with unit_of_work(services, member.scope) as uow:
        return run_command(Context(uow, "en"), operation="addProduct", given=given, command=command, **more)


def titles(services: Services, shop: ShopActor) -> list[str]:
    with unit_of_work(services, shop.scope) as uow:
        return list(uow.session.scalars(select(Product.title).order_by(Product.id)))


def deeds(services: Services, shop: ShopActor) -> int:
    with unit_of_work(services, shop.scope) as uow:
        found = select(func.count()).where(AuditEntry.shop_id == shop.id, AuditEntry.action == "product.added")
        return uow.session.scalar(found) or 0


def test_a_command_answers_its_object(services: Services, shop: ShopActor, member: MemberActor) -> None:
    waiting: list[str] = []
    outcome = run(services, member, Given("裙"), add_product("裙", waiting=waiting))
    assert outcome == Outcome(outcome.key, [], None)
    assert outcome.key is not None
    assert (titles(services, shop), deeds(services, shop), waiting) == (["裙"], 1, ["裙"])


def test_a_refusal_takes_back_rows_entries_and_what_waited(
    services: Services, shop: ShopActor, member: MemberActor
) -> None:
    refusal = BadInputError(Text("标题太长"), field=("given_title",))
    waiting: list[str] = []
    with unit_of_work(services, member.scope) as uow:
        context = Context(uow, "en")
        failed = run_command(
            context, operation="a", given=Given("x"), command=add_product("坏", then=refusal, waiting=waiting)
        )
        run_command(context, operation="a", given=Given("x"), command=add_product("好", waiting=waiting))
    assert failed == Outcome(None, [UserError(code="BAD_INPUT", field=["givenTitle"], message="标题太长")], None)
    assert (titles(services, shop), deeds(services, shop), waiting) == (["好"], 1, ["好"])


def test_a_missing_thing_is_named_by_the_input_that_asked_for_it(services: Services, member: MemberActor) -> None:
    outcome = run(services, member, Given("x"), add_product("x", then=NotFoundError()), field="import_id")
    assert [(error.code, error.field) for error in outcome.user_errors] == [("NOT_FOUND", ["importId"])]


@pytest.mark.parametrize("problem", [ForbiddenError(), RuntimeError("ours")])
@pytest.mark.parametrize("key", [strawberry.UNSET, "k"])
def test_what_nobody_can_put_right_is_raised_and_leaves_nothing(
    services: Services, shop: ShopActor, member: MemberActor, problem: Exception, key: Any
) -> None:
    with pytest.raises(type(problem)):
        run(services, member, Given("x", key), add_product("x", then=problem))
    assert (titles(services, shop), deeds(services, shop)) == ([], 0)
    # The key is free for the next try.
    assert run(services, member, Given("x", key), add_product("x")).user_errors == []


def test_a_connection_that_dies_in_a_command_is_told_as_an_outage(
    services: Services, shop: ShopActor, member: MemberActor
) -> None:
    def die(uow: UnitOfWork) -> UUID:
        add_product("x")(uow)
        uow.session.execute(select(func.pg_terminate_backend(func.pg_backend_pid())))
        raise AssertionError("the connection is gone by now")

    with pytest.raises(UnavailableError):
        run(services, member, Given("x", "key-1"), die)
    assert titles(services, shop) == []
    assert run(services, member, Given("x", "key-1"), add_product("x")).user_errors == []


def test_the_same_key_repeats_the_first_answer_and_changes_nothing(
    services: Services, shop: ShopActor, member: MemberActor
) -> None:
    first = run(services, member, Given("裙", "key-1"), add_product("裙"))
    again = run(services, member, Given("裙", "key-1"), add_product("裙"))
    assert first == again
    assert first.client_mutation_id == "key-1"
    assert (titles(services, shop), deeds(services, shop)) == (["裙"], 1)


def test_a_refusal_is_repeated_too(services: Services, shop: ShopActor, member: MemberActor) -> None:
    refusal = BadInputError(Text("标题太长"), field=("title",))
    first = run(services, member, Given("裙", "key-1"), add_product("裙", then=refusal))
    again = run(services, member, Given("裙", "key-1"), add_product("裙"))
    assert first == again
    assert first.user_errors[0].code == "BAD_INPUT"
    assert titles(services, shop) == []


def test_the_same_key_with_another_input_is_a_conflict(
    services: Services, shop: ShopActor, member: MemberActor
) -> None:
    run(services, member, Given("裙", "key-1"), add_product("裙"))
    outcome = run(services, member, Given("裤", "key-1"), add_product("裤"))
    assert [(error.code, error.field) for error in outcome.user_errors] == [("CONFLICT", ["clientMutationId"])]
    assert titles(services, shop) == ["裙"]


def test_a_key_is_of_one_person_one_shop_and_one_mutation(services: Services, shop: ShopActor) -> None:
    other = make_shop(services)
    member, colleague = make_member(services, shop), make_member(services, shop)
    elsewhere = make_member(services, other, account=member)
    for person in (member, colleague, elsewhere):
        run(services, person, Given("裙", "key-1"), add_product("裙"))
    with unit_of_work(services, member.scope) as uow:
        run_command(Context(uow, "en"), operation="other", given=Given("裙", "key-1"), command=add_product("裙"))
    assert len(titles(services, shop)) == 3
    assert len(titles(services, other)) == 1


def test_a_key_is_free_again_after_a_day(services: Services, shop: ShopActor, member: MemberActor) -> None:
    run(services, member, Given("裙", "key-1"), add_product("裙"))
    with clock.at(clock.now() + KEPT - timedelta(minutes=1)):
        run(services, member, Given("裙", "key-1"), add_product("裙"))
    assert titles(services, shop) == ["裙"]
    with clock.at(clock.now() + KEPT + timedelta(minutes=1)):
        outcome = run(services, member, Given("裤", "key-1"), add_product("裤"))
    assert outcome.user_errors == []
    assert titles(services, shop) == ["裙", "裤"]


@pytest.mark.parametrize("key", ["", "k" * (LONGEST_KEY + 1), "a\x00b"])
def test_an_impossible_key_is_bad_input(services: Services, shop: ShopActor, member: MemberActor, key: str) -> None:
    outcome = run(services, member, Given("裙", key), add_product("裙"))
    assert [(error.code, error.field) for error in outcome.user_errors] == [("BAD_INPUT", ["clientMutationId"])]
    assert titles(services, shop) == []


def test_two_at_the_same_moment_change_once(services: Services, shop: ShopActor, member: MemberActor) -> None:
    started, answers = threading.Barrier(2), []

    def once() -> None:
        started.wait()
        answers.append(run(services, member, Given("裙", "key-1"), add_product("裙")))

    threads = [threading.Thread(target=once) for _unused in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 2
    assert answers[0] == answers[1]
    assert (titles(services, shop), deeds(services, shop)) == (["裙"], 1)


def test_old_answers_are_forgotten_by_the_system_alone(services: Services, member: MemberActor) -> None:
    run(services, member, Given("裙", "key-1"), add_product("裙"))
    with unit_of_work(services, member.scope) as uow:
        assert forget_old(uow) == 0
    with clock.at(clock.now() + 2 * KEPT):
        assert forget_old_answers(services, SYSTEM)["answers"] >= 1
    with unit_of_work(services, member.scope) as uow:
        assert uow.session.scalar(select(func.count()).select_from(FirstAnswer)) == 0


def test_an_answer_is_seen_by_nobody_else(services: Services, shop: ShopActor, member: MemberActor) -> None:
    run(services, member, Given("裙", "key-1"), add_product("裙"))
    for other in (make_member(services, shop), make_member(services, make_shop(services))):
        with unit_of_work(services, other.scope) as uow:
            assert uow.session.scalar(select(func.count()).select_from(FirstAnswer)) == 0


def test_several_mutations_of_one_request_run_one_after_the_other(services: Services, shop: ShopActor) -> None:
    make_product(services, shop)
    client = client_of(services, make_member(services, shop))
    one = 'undoImport(input: {importId: "x", clientMutationId: "%s"}) { import { id } clientMutationId '
    one += "userErrors { code field message } }"
    data = client.data(f"mutation {{ a: {one % 'a'} b: {one % 'b'} }}")
    errors = [{"code": "NOT_FOUND", "field": ["importId"], "message": "Not found, or it does not belong to this shop"}]
    assert data == {
        "a": {"import": None, "clientMutationId": "a", "userErrors": errors},
        "b": {"import": None, "clientMutationId": "b", "userErrors": errors},
    }
