from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import structlog
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from support.actors import make_member, make_shop
from support.pages import page_of

from alliance.platform.kernel.config import Settings
from alliance.platform.kernel.errors import ConflictError, LimitExceededError, UnavailableError
from alliance.platform.kernel.logging import configure_logging
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.texts import _
from alliance.platform.members.roles import MemberRole
from alliance.web.entry import app as entry
from alliance.web.security import current
from alliance.web.security.access import public

ENGLISH = {"Accept-Language": "en"}
JSON = {"Accept": "application/json"}
FAULTS = {
    "fault": RuntimeError("select secret from somewhere"),
    "busy": LimitExceededError(_("尝试次数过多，请在 %(seconds)s 秒后再试", seconds=90), retry_after=90),
    "gone": UnavailableError(_("数据库暂时无法连接，请稍后重试，您的数据没有改变")),
    "changed": ConflictError(_("已有订单，货币不能再更改")),
}


@pytest.fixture(scope="module")
def failing(services: Services) -> Iterator[FlaskClient]:
    """The application with a page for each way to fail."""
    blueprint = Blueprint("failing", __name__)

    def fail(kind: str) -> str:
        raise FAULTS[kind]

    blueprint.get("/failing/<kind>", endpoint="page")(public(fail))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(entry, "BLUEPRINTS", (*entry.BLUEPRINTS, blueprint))
        yield entry.create_app(services).test_client()


def test_an_unknown_path_says_so_in_both_languages(client: FlaskClient):
    assert "没有找到这个页面" in client.get("/nope").get_data(as_text=True)
    answer = client.get("/nope", headers=ENGLISH)
    assert (answer.status_code, "Page not found" in answer.get_data(as_text=True)) == (404, True)


@pytest.mark.parametrize(("kind", "status"), [("fault", 500), ("gone", 503)])
def test_the_id_a_person_is_told_stands_in_the_log(
    failing: FlaskClient, settings: Settings, capsys: pytest.CaptureFixture[str], kind: str, status: int
):
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    configure_logging(settings)
    try:
        answer = failing.get(f"/failing/{kind}")
    finally:
        root.handlers[:], root.level = before
        structlog.reset_defaults()
    error_id = answer.get_data(as_text=True).split("<strong>")[1].split("<")[0]
    assert (answer.status_code, len(error_id)) == (status, 10)
    assert error_id in capsys.readouterr().err


def test_a_fault_of_ours_tells_nothing_of_itself(failing: FlaskClient):
    page = failing.get("/failing/fault").get_data(as_text=True)
    assert "secret" not in page
    assert "RuntimeError" not in page


def test_an_outage_is_told_as_one_and_offers_to_try_again(failing: FlaskClient):
    answer = failing.get("/failing/gone")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 503
    assert "数据库暂时无法连接" in page
    assert "/failing/gone" in page_of(answer).links


def test_too_many_attempts_say_how_long_to_wait(failing: FlaskClient):
    answer = failing.get("/failing/busy", headers=ENGLISH)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "90")
    assert "You can try again in about 2 min." in answer.get_data(as_text=True)


def test_a_conflict_is_told_with_its_reason(failing: FlaskClient):
    answer = failing.get("/failing/changed")
    assert (answer.status_code, "已有订单，货币不能再更改" in answer.get_data(as_text=True)) == (409, True)


@pytest.mark.parametrize(("kind", "status", "code"), [("fault", 500, "INTERNAL"), ("busy", 429, "LIMIT_EXCEEDED")])
def test_programs_get_problem_json(failing: FlaskClient, kind: str, status: int, code: str):
    answer = failing.get(f"/failing/{kind}", headers=JSON)
    body = answer.get_json()
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert (body["status"], body["code"]) == (status, code)
    assert ("errorId" in body) == (status == 500)


def test_a_wrong_method_names_the_right_one(client: FlaskClient):
    answer = client.delete("/login")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_form_too_large_is_refused_with_413(client: FlaskClient):
    answer = client.post("/login", data={"email": "x" * 2_000_000})
    assert answer.status_code == 413
    assert "文件太大" in answer.get_data(as_text=True)


def test_pages_of_an_outage_need_no_database(app: Flask, monkeypatch: pytest.MonkeyPatch):
    def unreachable(_services: Services, _token: str) -> None:
        raise UnavailableError(_("数据库暂时无法连接，请稍后重试，您的数据没有改变")) from OperationalError(
            "", {}, Exception()
        )

    monkeypatch.setattr(current, "read_subject", unreachable)
    browser = app.test_client()
    browser.set_cookie("sid", "x" * 43)
    answer = browser.get("/returns")
    assert (answer.status_code, "暂时无法使用" in answer.get_data(as_text=True)) == (503, True)


def test_a_role_that_may_not_is_told_who_can(services: Services, log_in):
    browser = log_in(make_member(services, make_shop(services), MemberRole.STAFF))
    answer = browser.get("/settings/members")
    assert (answer.status_code, "请联系店主" in answer.get_data(as_text=True)) == (403, True)
