"""The made-up alliance: always the same for a seed and a day, and shaped like the case it tells."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import date

import pytest

from alliance.platform.grading.reasons import REASONS, ReasonLevel1
from alliance.platform.grading.scale import Disposition, Responsibility
from alliance.tenants.importing.presets.template import template_headers
from alliance.tenants.returns.states import AuthorisationState, InspectionState, LogisticsState, RefundState
from alliance.web.cli.demo.comebacks import Comeback
from alliance.web.cli.demo.generate import DEFAULT_SEED, ShopStory, make_story, span_before
from alliance.web.cli.demo.journeys import Fate
from alliance.web.cli.demo.profiles import SHOPS
from alliance.web.cli.demo.rows import FILES, order_rows, product_rows, return_rows
from alliance.web.cli.demo.sales import Sale

TODAY = date(2026, 11, 25)
COUNTED = (AuthorisationState.REQUESTED, AuthorisationState.APPROVED)

# Counted once for the default seed on the tests' day: any change of the story shows here.
ORDERS = [3352, 2859, 2639, 2336, 1851]
SOLD = [4444, 3821, 3518, 3143, 2496]
RETURNED = [1602, 1602, 1494, 1077, 887]
REASONS_STATED = {
    ReasonLevel1.SIZE: 3666,
    ReasonLevel1.COLOUR: 1616,
    ReasonLevel1.OTHER: 1345,
    ReasonLevel1.QUALITY: 35,
}
BAD_DELIVERY = (98, 66)
OVERDUE = [5, 10, 3, 4, 5]
SHARED_BUYERS = 129


@dataclass(frozen=True)
class Told:
    """A shop's story, told once."""

    story: ShopStory
    sales: list[Sale]
    comebacks: list[Comeback]

    @property
    def counted(self) -> list[Comeback]:
        return [comeback for comeback in self.comebacks if comeback.standing.authorisation in COUNTED]


@pytest.fixture(scope="module")
def told() -> list[Told]:
    stories = [make_story(DEFAULT_SEED, profile, place=n, today=TODAY) for n, profile in enumerate(SHOPS)]
    return [Told(story, list(story.sales), list(story.comebacks)) for story in stories]


def digest(story: ShopStory) -> str:
    rows = [*product_rows(story), *order_rows(story), *return_rows(story)]
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def test_the_same_seed_and_day_tell_the_same_story() -> None:
    first, again = (make_story(7, SHOPS[4], place=4, today=TODAY) for _ in range(2))
    assert digest(first) == digest(again)


def test_another_seed_tells_another_story() -> None:
    assert digest(make_story(7, SHOPS[4], place=4, today=TODAY)) != digest(
        make_story(8, SHOPS[4], place=4, today=TODAY)
    )


def test_a_later_day_only_adds_orders() -> None:
    earlier = list(make_story(7, SHOPS[4], place=4, today=date(2026, 11, 20)).sales)
    later = list(make_story(7, SHOPS[4], place=4, today=TODAY).sales)
    assert later[: len(earlier)] == earlier
    assert len(later) > len(earlier)


def test_the_story_covers_twelve_months_and_the_current_one(told: list[Told]) -> None:
    assert (span_before(TODAY).start, span_before(TODAY).until.isoformat()) == (
        date(2025, 11, 1),
        "2026-11-25T00:00:00+08:00",
    )
    for shop in told:
        months = Counter(sale.placed_at.strftime("%Y-%m") for sale in shop.sales)
        assert len(months) == 13
        assert max(sale.placed_at for sale in shop.sales) < shop.story.span.until
        assert max(comeback.journey.requested_at for comeback in shop.comebacks) < shop.story.span.until


def test_each_shop_sells_about_its_orders_a_month_with_a_season(told: list[Told]) -> None:
    assert [len(shop.sales) for shop in told] == ORDERS
    for shop in told:
        months = Counter(sale.placed_at.strftime("%Y-%m") for sale in shop.sales)
        del months["2026-11"]
        mean = sum(months.values()) / 12
        assert mean == pytest.approx(shop.story.profile.orders_a_month, rel=0.05)
        assert months["2025-11"] > 1.15 * mean
        assert months["2026-02"] < 0.85 * mean


def test_thirty_to_forty_five_per_cent_come_back(told: list[Told]) -> None:
    sold = [sum(line.quantity for sale in shop.sales for line in sale.lines) for shop in told]
    returned = [sum(len(comeback.pieces) for comeback in shop.counted) for shop in told]
    assert (sold, returned) == (SOLD, RETURNED)
    rates = [back / out for back, out in zip(returned, sold, strict=True)]
    assert all(0.30 <= rate <= 0.45 for rate in rates)
    assert sum(returned) / sum(sold) == pytest.approx(0.385, abs=0.01)


def test_reasons_are_those_of_the_case(told: list[Told]) -> None:
    stated = Counter(
        REASONS[piece.reason].level1 for shop in told for comeback in shop.counted for piece in comeback.pieces
    )
    assert stated == REASONS_STATED
    total = sum(stated.values())
    assert stated[ReasonLevel1.SIZE] / total == pytest.approx(0.55, abs=0.01)
    assert stated[ReasonLevel1.COLOUR] / total == pytest.approx(0.25, abs=0.01)
    gap = stated[ReasonLevel1.OTHER] + stated[ReasonLevel1.QUALITY]
    assert gap / total == pytest.approx(0.20, abs=0.01)


def test_styles_that_run_small_come_back_as_too_small(told: list[Told]) -> None:
    small = [style for shop in told for style in shop.story.catalogue.styles if style.draft.fit < 0]
    assert len(small) == 14
    codes = {style.code for style in small}
    handles = Counter(
        piece.reason
        for shop in told
        for comeback in shop.comebacks
        for piece in comeback.pieces
        if piece.line.variant.style.code in codes
    )
    assert handles["size-too-small"] > 3 * handles["too-long"]
    assert handles["size-too-large"] == 0


def test_one_delivery_is_faulty_and_stands_out(told: list[Told]) -> None:
    faulty = [shop for shop in told if shop.story.bad_batch]
    assert [shop.story.profile.handle for shop in faulty] == ["fengzi"]
    shop, batch = faulty[0], faulty[0].story.bad_batch
    assert batch == "FZ09-26Q3"
    sold = sum(line.quantity for sale in shop.sales for line in sale.lines if line.batch == batch)
    pieces = [piece for comeback in shop.comebacks for piece in comeback.pieces if piece.line.batch == batch]
    assert (sold, len(pieces)) == BAD_DELIVERY
    found = [p.finding for p in pieces if p.finding and p.finding.responsibility is Responsibility.SUPPLIER]
    assert len(found) > len(pieces) / 3
    assert Disposition.RETURN_TO_SUPPLIER in {finding.disposition for finding in found}


def test_every_state_of_the_four_axes_occurs(told: list[Told]) -> None:
    standings = [comeback.standing for shop in told for comeback in shop.comebacks]
    assert {s.authorisation for s in standings} == set(AuthorisationState)
    assert {s.logistics for s in standings} == set(LogisticsState)
    assert {s.settlement for s in standings} == set(RefundState)
    inspections = {p.inspection for shop in told for comeback in shop.comebacks for p in comeback.pieces}
    assert inspections == set(InspectionState)


def test_the_axes_fit_together(told: list[Told]) -> None:
    for comeback in (comeback for shop in told for comeback in shop.comebacks):
        journey, standing = comeback.journey, comeback.standing
        if standing.authorisation in (AuthorisationState.REJECTED, AuthorisationState.CANCELLED):
            assert standing.logistics is LogisticsState.AWAITING_PARCEL
            assert standing.settlement in (RefundState.DENIED, RefundState.NONE)
        inspected = any(piece.finding for piece in comeback.pieces)
        assert not inspected or standing.logistics is LogisticsState.RECEIVED
        assert (standing.resolved_at is None) == (journey.settled_at is None and journey.closed_at is None)
        assert standing.deadline is None or standing.settlement in (RefundState.NONE, RefundState.PENDING)
        assert (comeback.waybill == "") == (journey.sent_at is None)
        moments = [journey.requested_at, journey.sent_at, journey.moving_at, journey.received_at, journey.inspected_at]
        known = [moment for moment in moments if moment is not None]
        assert known == sorted(known)
        assert all(moment <= told[0].story.span.until for moment in known)


def test_recent_returns_are_open_and_some_overdue(told: list[Told]) -> None:
    until = told[0].story.span.until
    overdue = [
        sum(1 for c in shop.counted if c.standing.deadline is not None and c.standing.deadline < until) for shop in told
    ]
    assert overdue == OVERDUE
    assert all(any(c.standing.authorisation is AuthorisationState.REQUESTED for c in shop.counted) for shop in told)
    old = [c for shop in told for c in shop.comebacks if (until - c.journey.requested_at).days > 60]
    assert all(c.standing.resolved_at is not None for c in old)


def test_the_shared_centre_sells_twice_as_much_again(told: list[Told]) -> None:
    until = told[0].story.span.until
    shares = []
    for together in (False, True):
        findings = [
            piece.finding
            for shop in told
            for comeback in shop.comebacks
            if bool(comeback.site) is together and (until - comeback.journey.requested_at).days > 60
            for piece in comeback.pieces
            if piece.finding
        ]
        shares.append(sum(1 for f in findings if f.resold_at and f.resold_at < until) / len(findings))
    assert shares[0] == pytest.approx(0.35, abs=0.03)
    assert shares[1] == pytest.approx(0.68, abs=0.05)


def test_some_buyers_buy_at_several_shops(told: list[Told]) -> None:
    phones = [{sale.buyer.phone for sale in shop.sales} for shop in told]
    shared = {phone for n, mine in enumerate(phones) for phone in mine if any(phone in other for other in phones[:n])}
    assert len(shared) == SHARED_BUYERS
    emails = [sale.buyer.email for shop in told for sale in shop.sales if sale.buyer.email]
    assert all(email.endswith(".example") for email in emails)


def test_numbers_are_unique_within_a_shop(told: list[Told]) -> None:
    for shop in told:
        assert len({sale.number for sale in shop.sales}) == len(shop.sales)
        assert len({comeback.number for comeback in shop.comebacks}) == len(shop.comebacks)
        assert Fate.NORMAL in {comeback.journey.fate for comeback in shop.comebacks}


def test_rows_tell_only_what_has_happened(told: list[Told]) -> None:
    until = "2026-11-25 00:00:00"
    for row in return_rows(told[4].story):
        assert all(row[name] <= until for name in ("申请时间", "收货时间", "完结时间"))
    assert all(row["签收时间"] <= until for row in order_rows(told[4].story))


def test_rows_fill_the_headers_of_their_file(told: list[Told]) -> None:
    for file in FILES:
        headers = set(template_headers(file.kind, "zh_CN")) | set(file.extra)
        assert set(file.headers) <= headers
        assert all(set(row) == set(file.headers) for row in file.rows(told[4].story))
