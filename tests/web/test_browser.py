"""Every page in a real browser: both languages, desktop and phone, keyboard alone, without script."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, expect
from sqlalchemy import update
from support.actors import MemberActor, ShopActor, make_member, make_shop
from support.browser import (
    OVERFLOW,
    SMALL_TARGETS,
    VIEWS,
    Watched,
    chromium,
    log_in_by_hand,
    needs_chromium,
    serving,
    watch,
)
from support.factories import (
    DAY,
    make_customer,
    make_event,
    make_order,
    make_product,
    make_return,
    make_unit,
    make_variant,
)
from support.logins import PASSWORD, give_password
from support.sample_jobs import add_mark

from alliance.platform.kernel.jobs import enqueue
from alliance.platform.kernel.jobs.models import Job
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.work import unit_of_work
from alliance.platform.members.profile import update_profile
from alliance.platform.members.roles import MemberRole
from alliance.tenants.returns.queries import find_lines_of_returns

pytestmark = needs_chromium
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
LANGUAGES = {"zh_CN": "zh-CN", "en": "en"}
# axe takes seconds a page, and asks each layout and each language once.
AUDITED = {("zh_CN", "desktop"), ("en", "phone")}
TITLE = "法式收腰碎花连衣裙（加大码）"


@pytest.fixture(scope="module")
def address(app: Flask) -> Iterator[str]:
    with serving(app) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def shop(services: Services) -> ShopActor:
    """A shop with something of everything."""
    made = make_shop(services, name="云朵原创大码女装")
    product = make_product(services, made, title=TITLE, category="裙装")
    variants = [make_variant(services, made, product=product, size=size, stock=3) for size in ("XL", "2XL", "3XL")]
    customer = make_customer(services, made)
    for index in range(8):
        order = make_order(services, made, variants=(variants[index % 3],), customer_id=customer.id)
        states = [("requested", "awaiting_parcel", "pending", "none"), ("approved", "received", "failed", "pending")]
        authorisation, logistics, inspection, settlement = states[index % 2]
        record = make_return(
            services,
            made,
            order=order,
            variants=(variants[index % 3],),
            number=f"TH{index:04d}",
            requested_at=DAY + timedelta(hours=index),
            deadline=DAY + timedelta(days=7),
            refund_minor=19_900,
            authorisation=authorisation,
            logistics=logistics,
            inspection=inspection,
            settlement=settlement,
        )
    with unit_of_work(services, made.scope) as uow:
        line = find_lines_of_returns(uow, [record.id])[record.id][0]
    make_unit(services, made, line_id=line.id, variant_id=line.variant_id, grade="B", disposition="rebuy_zone")
    make_event(services, made, return_id=record.id)
    return made


@pytest.fixture(scope="module")
def owner(services: Services, shop: ShopActor) -> MemberActor:
    """Its owner, who has a second shop without any row, and colleagues."""
    person = make_member(services, shop)
    make_member(services, make_shop(services, name="新开的店"), account=person)
    make_member(services, shop, MemberRole.ANALYST)
    return give_password(services, person)


def paths(services: Services, shop: ShopActor) -> list[str]:
    """Every page, each in its states."""
    order = make_order(services, shop)
    return [
        *("/", "/returns", "/returns?tab=to_decide&q=TH&reason=size", "/returns?q=nothing&grade=D"),
        *(
            "/returns?tab=overdue&order=largest",
            "/returns/TH0007",
            "/orders",
            "/orders?q=nothing",
            f"/orders/{order.id}",
        ),
        *("/products", "/products?q=nothing", "/settings/shop", "/settings/members", "/settings/account"),
        *("/settings/account/devices", f"/jobs/{make_job(services, shop, done=40, total=120)}"),
    ]


def make_job(services: Services, shop: ShopActor, **values: int) -> object:
    with unit_of_work(services, shop.scope) as uow:
        job_id = enqueue(uow, add_mark, mark="x")
        uow.after_commit.clear()
        uow.session.execute(update(Job).where(Job.id == job_id).values(state="running", **values))
    return job_id


def enter(browser: Browser, address: str, person: MemberActor, **options: object) -> Watched:
    """Log in by hand, in a new window."""
    watched = watch(browser.new_context(**options), address)
    log_in_by_hand(watched, person.email, PASSWORD)
    return watched


@pytest.fixture(autouse=True)
def in_chinese(services: Services, owner: MemberActor) -> None:
    """Each test starts with the account's first language."""
    speak(services, owner, "zh_CN")


def speak(services: Services, person: MemberActor, locale: str) -> None:
    with unit_of_work(services, person.scope) as uow:
        update_profile(uow, locale=locale)


def examine(watched: Watched, path: str, *, phone: bool, but: str = "\0", axe: bool = True) -> list[str]:
    """What is wrong with the page as it stands; `axe` may be left out where another test has asked it."""
    found = [f"{path}: {fault}" for fault in watched.take_faults(but=but)]
    if (wide := watched.page.evaluate(OVERFLOW)) > 0:
        found.append(f"{path}: {wide} px wider than the screen")
    for violation in Axe().run(watched.page, options=RULES).response["violations"] if axe else ():
        found.append(f"{path}: {violation['id']}: {[node['html'][:120] for node in violation['nodes']][:3]}")
    if phone:
        found += [f"{path}: too small to touch: {target}" for target in watched.page.evaluate(SMALL_TARGETS)]
    return found


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("locale", LANGUAGES)
def test_every_page_is_sound(
    services, browser: Browser, address: str, shop, owner: MemberActor, locale: str, view: str
):
    speak(services, owner, locale)
    watched = enter(browser, address, owner, **VIEWS[view])
    faults = []
    for path in paths(services, shop):
        watched.open(path)
        expect(watched.page.locator("html")).to_have_attribute("lang", LANGUAGES[locale])
        faults += examine(watched, path, phone=view == "phone", axe=(locale, view) in AUDITED)
    assert faults == []
    watched.page.context.close()


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("language", LANGUAGES.values())
def test_pages_before_the_login_are_sound(browser: Browser, address: str, language: str, view: str):
    watched = watch(browser.new_context(locale=language, **VIEWS[view]), address)
    faults = []
    for path in ("/login", "/nope"):
        watched.open(path)
        expect(watched.page.locator("html")).to_have_attribute("lang", language)
        faults += examine(watched, path, phone=view == "phone", but="status of 404")
    watched.open("/login")
    watched.page.locator("button.btn-primary").click()
    expect(watched.page.locator(".error-summary")).to_be_focused()
    faults += examine(watched, "/login refused", phone=view == "phone", but="status of 422")
    assert faults == []
    watched.page.context.close()


@pytest.mark.parametrize("view", VIEWS)
def test_a_new_shop_and_its_menus_are_sound(browser: Browser, address: str, owner: MemberActor, shop, view: str):
    watched = enter(browser, address, owner, **VIEWS[view])
    page, faults = watched.page, []
    make_first_shop_active(watched, shop)
    if view == "phone":
        page.locator(".drawer > summary").click()
        faults += examine(watched, "drawer", phone=True)
    menu = page.locator(".drawer .switcher" if view == "phone" else ".side .switcher")
    menu.locator("summary").click()
    faults += examine(watched, "switcher", phone=view == "phone")
    menu.get_by_role("button", name="新开的店").click()
    expect(page.locator(".checklist")).to_be_visible()
    for path in ("/", "/returns", "/orders", "/products"):
        watched.open(path)
        faults += examine(watched, f"empty {path}", phone=view == "phone")
    assert faults == []
    watched.page.context.close()


def test_the_keyboard_alone_logs_in_and_works(browser: Browser, address: str, owner: MemberActor, shop: ShopActor):
    watched = watch(browser.new_context(), address)
    page, keys = watched.page, watched.page.keyboard
    watched.open("/login")
    expect(page.locator("#email")).to_be_focused()
    keys.type(owner.email)
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    page.wait_for_url(f"{address}/")
    keys.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    make_first_shop_active(watched, shop)
    watched.open("/returns")
    keys.press("j")
    expect(page.locator("tr.chosen")).to_have_count(1)
    first = page.locator("tr.chosen a.row-link").inner_text()
    keys.press("j")
    assert page.locator("tr.chosen a.row-link").inner_text() != first
    keys.press("k")
    assert page.locator("tr.chosen a.row-link").inner_text() == first
    keys.press("Enter")
    expect(page.locator("h1")).to_have_text(first)
    page.go_back()
    keys.press("/")
    expect(page.locator("input[type=search]")).to_be_focused()
    keys.type("jk?/")
    expect(page.locator("input[type=search]")).to_have_value("jk?/")
    expect(page.locator("#keyboard-help")).to_be_hidden()
    assert watched.take_faults() == []
    watched.page.context.close()


def make_first_shop_active(watched: Watched, shop: ShopActor) -> None:
    """Enter the shop that has rows, whichever was active before."""
    if watched.page.locator(".drawer").is_visible():
        watched.page.locator(".drawer > summary").click()
    menu = watched.page.locator(".switcher:visible")
    menu.locator("summary").click()
    menu.locator(f"button[value='{shop.id}']").click()
    expect(watched.page.locator(".kpi").first).to_be_visible()


def test_single_keys_can_be_switched_off_and_leave_an_input_method_alone(browser: Browser, address: str, owner, shop):
    watched = enter(browser, address, owner)
    page = watched.page
    make_first_shop_active(watched, shop)
    watched.open("/returns")
    page.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', {key: '?', isComposing: true, bubbles: true}))")
    expect(page.locator("#keyboard-help")).to_be_hidden()
    page.keyboard.press("?")
    expect(page.locator("#keyboard-help")).to_be_visible()
    page.locator("#shortcuts-on").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator("tr.chosen")).to_have_count(0)
    page.reload()
    page.keyboard.press("?")
    expect(page.locator("#keyboard-help")).to_be_hidden()
    watched.page.context.close()


def test_everything_works_without_script(browser: Browser, address: str, owner: MemberActor, shop: ShopActor):
    watched = enter(browser, address, owner, java_script_enabled=False)
    page = watched.page
    make_first_shop_active(watched, shop)
    watched.open("/returns")
    page.locator("#filter-q").fill("TH00")
    page.locator("details.more summary").click()
    page.locator("#filter-reason").select_option("size")
    page.locator(".filters .btn").click()
    expect(page.locator(".chip")).to_have_count(2)
    expect(page.locator("tbody tr")).to_have_count(8)
    page.locator(".side button[name=locale][value=en]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator(".side button[name=locale][value=zh_CN]").click()
    page.locator(".side form[action='/logout'] button").click()
    expect(page.locator("h1")).to_have_text("登录")
    watched.page.context.close()


def test_a_job_is_watched_to_its_end(services: Services, browser: Browser, address: str, owner, shop: ShopActor):
    watched = enter(browser, address, owner)
    make_first_shop_active(watched, shop)
    job_id = make_job(services, shop, done=744, total=1200)
    watched.open(f"/jobs/{job_id}?next=/returns")
    expect(watched.page.locator("#progress")).to_contain_text("744 / 1,200")
    with unit_of_work(services, shop.scope) as uow:
        uow.session.execute(update(Job).where(Job.id == job_id).values(done=1000))
    expect(watched.page.locator("#progress")).to_contain_text("1,000 / 1,200")
    with unit_of_work(services, shop.scope) as uow:
        uow.session.execute(update(Job).where(Job.id == job_id).values(state="done", done=1200))
    expect(watched.page).to_have_url(f"{address}/returns")
    expect(watched.page.locator("h1")).to_have_text("退货")
    assert watched.take_faults() == []
    watched.page.context.close()
