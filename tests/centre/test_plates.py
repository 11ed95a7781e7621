"""Licence plates: unique in the installation, and a misread one is noticed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError
from support.actors import make_shop

from alliance.platform.centre.models import LicencePlate
from alliance.platform.centre.plates import ALPHABET, LENGTH, check_character, is_plate, new_plate, register_plates
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.work import unit_of_work

BODIES = st.text(alphabet=ALPHABET, min_size=LENGTH, max_size=LENGTH)


@given(body=BODIES, position=st.integers(0, LENGTH), letter=st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_noticed(body: str, position: int, letter: str) -> None:
    plate = body + check_character(body)
    wrong = plate[:position] + letter + plate[position + 1 :]
    assert is_plate(plate)
    assert is_plate(wrong) == (wrong == plate)


@given(body=BODIES, position=st.integers(0, LENGTH - 2))
def test_swapped_neighbours_are_always_noticed(body: str, position: int) -> None:
    plate = body + check_character(body)
    swapped = plate[:position] + plate[position + 1] + plate[position] + plate[position + 2 :]
    assert is_plate(swapped) == (swapped == plate)


def test_a_code_of_another_system_is_no_plate() -> None:
    assert not any(is_plate(code) for code in ("", "LPNRR123456", "0" * 11, new_plate().lower(), new_plate() + "2"))


def test_plates_are_registered_for_the_shop_alone(services: Services) -> None:
    ours, theirs = make_shop(services), make_shop(services)
    with unit_of_work(services, ours.scope) as uow:
        plates = register_plates(uow, count=3)
    assert len(set(plates)) == 3
    assert all(is_plate(plate) for plate in plates)
    with unit_of_work(services, ours.scope) as uow:
        assert set(uow.session.scalars(select(LicencePlate.plate))) == set(plates)
    with unit_of_work(services, theirs.scope) as uow:
        assert uow.session.scalars(select(LicencePlate.plate)).all() == []


def test_a_plate_once_given_is_neither_moved_nor_freed(services: Services) -> None:
    shop = make_shop(services)
    with unit_of_work(services, shop.scope) as uow:
        plates = register_plates(uow, count=2)
    for deed in (update(LicencePlate).values(plate=new_plate()), delete(LicencePlate)):
        with pytest.raises(DBAPIError, match="permission denied"), unit_of_work(services, shop.scope) as uow:
            uow.session.execute(deed)
    with unit_of_work(services, shop.scope) as uow:
        assert set(uow.session.scalars(select(LicencePlate.plate))) == set(plates)
