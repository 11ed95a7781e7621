from __future__ import annotations

import io
from datetime import timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from support.actors import ShopActor, make_member, make_shop
from support.pages import https_app, post, token_of
from support.sample_jobs import add_mark

from alliance.platform.kernel import clock
from alliance.platform.kernel.checking import readiness
from alliance.platform.kernel.files.models import File
from alliance.platform.kernel.jobs import enqueue
from alliance.platform.kernel.jobs.models import Job
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.work import unit_of_work
from alliance.platform.members.roles import MemberRole
from alliance.web.api import health

ROWS = b"order,amount\n" + b"20261103882,268.00\n" * 20_000


def upload(browser: FlaskClient, body: bytes = ROWS, name: str = "退货.csv"):
    token = token_of(browser, "/settings/account")
    return browser.post("/uploads", data={"file": (io.BytesIO(body), name)}, headers={"X-CSRFToken": token})


def files_of(services: Services, shop: ShopActor) -> int:
    with unit_of_work(services, shop.scope) as uow:
        return uow.session.scalar(select(func.count()).select_from(File).where(File.shop_id == shop.id)) or 0


def make_job(services: Services, shop: ShopActor, **values: object) -> UUID:
    with unit_of_work(services, shop.scope) as uow:
        job_id = enqueue(uow, add_mark, mark="x")
        uow.after_commit.clear()
        uow.session.execute(update(Job).where(Job.id == job_id).values(values or {"state": "queued"}))
    return job_id


def test_an_upload_comes_back_byte_for_byte_as_a_download(services: Services, log_in):
    browser = log_in(make_member(services, make_shop(services)))
    answer = upload(browser)
    body = answer.get_json()
    assert (answer.status_code, body["name"], body["size"]) == (201, "退货.csv", len(ROWS))
    download = browser.get(f"/files/{body['id']}")
    assert download.data == ROWS
    assert download.headers["Content-Disposition"].startswith("attachment;")
    assert download.headers["Content-Length"] == str(len(ROWS))
    assert download.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in download.headers["Content-Security-Policy"]
    assert download.headers["Cache-Control"] == "no-store"


def test_a_page_as_a_file_never_runs_as_one(services: Services, log_in):
    browser = log_in(make_member(services, make_shop(services)))
    stored = upload(browser, b"<script>alert(1)</script>", 'evil.html"\r\nX: y').get_json()["id"]
    download = browser.get(f"/files/{stored}")
    assert download.headers["Content-Type"] == "application/octet-stream"
    assert "X" not in download.headers


def test_another_shops_file_answers_as_if_it_did_not_exist(services: Services, log_in):
    mine, other = log_in(make_member(services, make_shop(services))), log_in(make_member(services, make_shop(services)))
    stored = upload(other).get_json()["id"]
    theirs, none = mine.get(f"/files/{stored}"), mine.get("/files/018f0000-0000-7000-8000-000000000000")
    assert (
        (theirs.status_code, theirs.data.count(b"\n"))
        == (none.status_code, none.data.count(b"\n"))
        == (404, theirs.data.count(b"\n"))
    )


@pytest.mark.parametrize(("body", "name", "said"), [(b"", "a.csv", "文件是空的"), (b"x", "", "请选择要上传的文件")])
def test_nothing_useful_is_refused_and_not_kept(services: Services, log_in, body: bytes, name: str, said: str):
    shop = make_shop(services)
    answer = upload(log_in(make_member(services, shop)), body, name)
    assert (answer.status_code, said in answer.get_json()["detail"]) == (422, True)
    assert files_of(services, shop) == 0


@pytest.mark.parametrize("extra", [1, 3_000_000])
def test_a_file_over_the_limit_is_told_the_limit(services: Services, log_in, extra: int):
    shop = make_shop(services)
    member = make_member(services, shop)
    log_in(member)
    small = https_app(services, public_url="http://localhost", max_upload_mb=1).test_client()
    cookie = log_in(member).get_cookie("sid")
    small.set_cookie("sid", cookie.value)
    answer = upload(small, b"x" * (1024 * 1024 + extra))
    assert (answer.status_code, answer.get_json()["code"]) == (413, "LIMIT_EXCEEDED")
    assert "文件超过 1 MB 的上限" in answer.get_json()["detail"]
    assert files_of(services, shop) == 0


def test_who_may_not_import_may_not_upload(services: Services, log_in):
    shop = make_shop(services)
    answer = upload(log_in(make_member(services, shop, MemberRole.STAFF)))
    assert (answer.status_code, files_of(services, shop)) == (403, 0)


def test_a_waiting_job_polls_and_a_running_one_shows_how_far_it_is(services: Services, log_in):
    shop = make_shop(services)
    browser = log_in(make_member(services, shop))
    waiting = make_job(services, shop)
    part = browser.get(f"/jobs/{waiting}/progress")
    assert part.status_code == 200
    assert 'hx-trigger="every 2s"' in part.get_data(as_text=True)
    running = make_job(services, shop, state="running", done=744, total=1200)
    page = browser.get(f"/jobs/{running}").get_data(as_text=True)
    assert "已完成 744 / 1,200" in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert 'max="1200"' in page


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"state": "done", "done": 3, "total": 3}, "已完成"),
        ({"state": "cancelled"}, "您的数据没有改变"),
        ({"state": "failed", "error_id": "ABCD2345"}, "ABCD2345"),
        ({"state": "failed", "error": {"msgid": "文件太大", "values": {}}}, "文件太大"),
    ],
)
def test_polling_ends_with_the_work_and_the_result_is_linked(services: Services, log_in, values: dict, said: str):
    shop = make_shop(services)
    browser = log_in(make_member(services, shop))
    job_id = make_job(services, shop, **values)
    part = browser.get(f"/jobs/{job_id}/progress?next=/imports/1")
    body = part.get_data(as_text=True)
    assert part.status_code == 286
    assert part.headers.get("HX-Redirect") == ("/imports/1" if values["state"] == "done" else None)
    assert "HX-Redirect" not in browser.get(f"/jobs/{job_id}/progress?next=//evil.example").headers
    assert said in body
    assert 'href="/imports/1"' in body
    assert "hx-trigger" not in body
    assert "http-equiv" not in browser.get(f"/jobs/{job_id}").get_data(as_text=True)
    assert 'href="//evil' not in browser.get(f"/jobs/{job_id}?next=//evil.example").get_data(as_text=True)


def test_a_job_can_be_called_off_by_who_may_import(services: Services, log_in):
    shop = make_shop(services)
    job_id = make_job(services, shop)
    staff, owner = log_in(make_member(services, shop, MemberRole.STAFF)), log_in(make_member(services, shop))
    assert post(staff, f"/jobs/{job_id}/cancel").status_code == 403
    assert post(owner, f"/jobs/{job_id}/cancel").status_code == 303
    assert "已取消" in owner.get(f"/jobs/{job_id}").get_data(as_text=True)


def test_another_shops_job_answers_404(services: Services, log_in):
    job_id = make_job(services, make_shop(services))
    browser = log_in(make_member(services, make_shop(services)))
    for path in (f"/jobs/{job_id}", f"/jobs/{job_id}/progress"):
        assert browser.get(path).status_code == 404
    assert post(browser, f"/jobs/{job_id}/cancel").status_code == 404


def test_a_load_balancer_learns_whether_to_send_requests(client: FlaskClient):
    assert client.get("/health/live").get_json() == {"status": "live"}
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.get_json()["status"]) == (200, "ready")
    assert set(answer.get_json()["checks"].values()) == {"ok"}


def test_many_probes_in_a_moment_ask_the_servers_once(client: FlaskClient, monkeypatch: pytest.MonkeyPatch):
    kept = client.application.extensions["alliance_readiness"]
    monkeypatch.setattr(kept, "until", 0.0)
    asked: list[Services] = []
    monkeypatch.setattr(health, "readiness", lambda services: asked.append(services) or readiness(services))
    assert [client.get("/health/ready").status_code for _probe in range(3)] == [200, 200, 200]
    assert len(asked) == 1
    monkeypatch.setattr(kept, "until", 0.0)
    client.get("/health/ready")
    assert len(asked) == 2


def test_the_time_that_is_left_is_told_from_the_pace_since_the_start(services: Services, log_in):
    shop = make_shop(services)
    browser = log_in(make_member(services, shop))
    now = clock.now()
    job_id = make_job(
        services,
        shop,
        state="running",
        attempts=1,
        created_at=now - timedelta(hours=9),
        started_at=now - timedelta(minutes=2),
        heartbeat_at=now,
        done=40,
        total=100,
    )
    assert "大约还需 3分钟" in browser.get(f"/jobs/{job_id}").get_data(as_text=True)
