"""Time that can be moved, ids that follow it, texts in two languages."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from alliance.platform.kernel import clock
from alliance.platform.kernel.ids import new_id, random_id
from alliance.platform.kernel.texts import Text, _, choose_locale, translate

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_inside_the_block_it_is_another_time_and_after_it_is_now_again() -> None:
    with clock.at(NOON.astimezone(timezone(timedelta(hours=8)))):
        assert clock.now() == NOON
        assert clock.now().tzinfo is UTC
    assert clock.now() > NOON


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"), clock.at(datetime(2026, 1, 1)):  # noqa: DTZ001 (the case itself)
        pass


def test_new_ids_carry_the_clock_and_random_ones_do_not() -> None:
    with clock.at(NOON):
        identifier = new_id()
    assert identifier.version == 7
    assert identifier.int >> 80 == int(NOON.timestamp() * 1000)
    assert random_id().version == 4


def test_ids_made_one_after_the_other_are_in_order() -> None:
    ids = [new_id() for _unused in range(1000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 1000


def test_a_text_renders_in_the_readers_language_with_its_values() -> None:
    text = _("每页数量须在 0 到 %(most)s 之间", most=500)
    assert text.render("zh_CN") == "每页数量须在 0 到 500 之间"
    assert text.render("en") == "A page must have between 0 and 500 items"


def test_a_percent_sign_without_values_stays_as_it_is() -> None:
    assert Text("涨了 5%").render("zh_CN") == "涨了 5%"


def test_a_text_nobody_translated_stays_chinese() -> None:
    assert translate("没有这句话", "en") == "没有这句话"


@pytest.mark.parametrize(
    ("tags", "chosen"),
    [
        (("zh-Hans-CN",), "zh_CN"),
        (("zh_TW",), "zh_CN"),
        (("EN-gb",), "en"),
        ((None, "", "fr", "en"), "en"),
        (("de",), "zh_CN"),
        ((), "zh_CN"),
    ],
)
def test_any_usual_spelling_of_a_language_is_understood(tags: tuple[str | None, ...], chosen: str) -> None:
    assert choose_locale(*tags) == chosen
