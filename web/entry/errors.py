"""What a caller sees when something fails: a page, or problem+json on API paths, and an id for our faults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask import Flask, Response, jsonify, redirect, render_template, request, session, url_for
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response as BaseResponse

from alliance.platform.kernel.errors import AllianceError, LimitExceededError, UnauthenticatedError
from alliance.platform.kernel.logging import report_fault
from alliance.platform.kernel.texts import Text, _
from alliance.web.security.csrf import CSRFError, is_same_origin
from alliance.web.security.current import services
from alliance.web.security.locale import current_locale
from alliance.web.security.sessions import WebSession
from alliance.web.security.uploads import MEGABYTE, too_large_text

API_PATHS = ("/graphql", "/uploads", "/api/", "/health/")
SECRET_FIELDS = ("csrf_token", "password", "secret", "token", "code")


@dataclass(frozen=True, slots=True)
class Problem:
    """One failure as it is shown. `error_id` is set for faults of ours and stands in the log."""

    TITLES: ClassVar[dict[int, Text]] = {
        400: _("这个请求无法处理"),
        401: _("请先登录"),
        403: _("您不能进行此操作"),
        404: _("没有找到这个页面"),
        405: _("这个地址不支持此操作"),
        409: _("内容已被其他人修改"),
        413: _("文件太大"),
        422: _("提交的内容有误"),
        429: _("操作太频繁"),
        500: _("出错了，是我们的问题"),
        503: _("暂时无法使用"),
    }
    TEXTS: ClassVar[dict[int, Text]] = {
        400: _("请求的内容不完整或已失效，请返回后重试。"),
        404: _("地址可能有误，或者内容不属于当前店铺。"),
        405: _("请返回上一页，使用页面上的按钮操作。"),
        413: _("超过了允许的大小，请拆分后再上传。"),
        422: _("请检查填写的内容。"),
        429: _("请稍等片刻再试。"),
        500: _("问题已记录。请稍后重试；如果一直出现，请把错误编号告诉管理员。"),
        503: _("服务暂时不可用，请稍后重试。"),
    }

    status: int
    message: Text
    code: str = "BAD_INPUT"
    retry_after: int | None = None
    error_id: str | None = None

    @property
    def title(self) -> Text:
        """The headline for the status; an unlisted one takes that of its hundred."""
        return self.TITLES.get(self.status) or self.TITLES[500 if self.status >= 500 else 400]


def install_errors(app: Flask) -> None:
    """Register the handlers: our errors, Werkzeug's, the CSRF check's, and everything else."""
    app.register_error_handler(CSRFError, answer_csrf)
    app.register_error_handler(SecurityError, answer_wrong_host)
    app.register_error_handler(AllianceError, answer_expected)
    app.register_error_handler(HTTPException, answer_http)
    app.register_error_handler(Exception, answer_fault)


def answer_expected(problem: AllianceError) -> BaseResponse:
    """An error of the rooms below: its own text and status. A stranger on a page is sent to the log-in."""
    if isinstance(problem, UnauthenticatedError) and not wants_json():
        return to_login()
    retry_after = problem.retry_after if isinstance(problem, LimitExceededError) else None
    error_id = report_fault(problem, room=__name__) if problem.status >= 500 else None
    return show(Problem(problem.status, problem.message, problem.code, retry_after, error_id))


def answer_http(problem: HTTPException) -> BaseResponse:
    """An error of Werkzeug: unknown path, wrong method, too large. Redirects pass."""
    status = problem.code or 500
    if status < 400:
        return problem.get_response()
    text = Problem.TEXTS.get(status) or Problem.TEXTS[500 if status >= 500 else 400]
    if status == 413 and (request.max_content_length or 0) > MEGABYTE:
        text = too_large_text(services().settings.max_upload_mb)
    code = {404: "NOT_FOUND", 413: "LIMIT_EXCEEDED", 429: "LIMIT_EXCEEDED"}.get(status, "BAD_INPUT")
    response = show(Problem(status, text, code))
    allowed = getattr(problem, "valid_methods", None)
    if allowed:
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def answer_wrong_host(_problem: SecurityError) -> BaseResponse:
    """A Host header that is not ours. Plain text: a page would need addresses, and those would carry that name."""
    text = _("这个网址不在允许的名单里。请使用 PUBLIC_URL，或让管理员把它加入 ALLOWED_HOSTS。")
    return Response(text.render(current_locale()), 400, content_type="text/plain; charset=utf-8")


def answer_csrf(problem: CSRFError) -> BaseResponse:
    """A form without a valid token. What was typed is offered again, but only if our own page sent it."""
    message = _("页面打开太久或登录状态已改变，没有保存任何内容。")
    if wants_json():
        return show(Problem(400, _("缺少或无效的 CSRF 令牌"), "BAD_INPUT"))
    typed = []
    if is_same_origin():
        typed = [
            (name, value)
            for name, value in request.form.items(multi=True)
            if not any(secret in name.lower() for secret in SECRET_FIELDS)
        ]
    page = render_template(
        "errors/csrf.html", problem=Problem(400, message), typed=typed, lost_files=bool(request.files)
    )
    return Response(page, 400, content_type="text/html; charset=utf-8")


def answer_fault(problem: Exception) -> BaseResponse:
    """A fault of ours: logged with an id, told without any detail."""
    error_id = report_fault(problem, room=__name__)
    return show(Problem(500, Problem.TEXTS[500], "INTERNAL", error_id=error_id))


def wants_json() -> bool:
    """Whether a program is calling: an API path, or JSON preferred over a page."""
    if request.path.startswith(API_PATHS):
        return True
    accepted = request.accept_mimetypes
    return accepted["application/json"] > accepted["text/html"]


def to_login() -> BaseResponse:
    """Send a stranger to the log-in, and back here afterwards; an ended session is forgotten in the browser."""
    if isinstance(session, WebSession):
        session.end()
    here = request.full_path.rstrip("?") if request.method == "GET" else None
    target = url_for("login.show", next=here)
    if request.headers.get("HX-Request"):
        return Response("", 401, headers={"HX-Redirect": target})
    return redirect(target, 303)


def show(problem: Problem) -> BaseResponse:
    """The failure as a page, or as problem+json for a program."""
    response: BaseResponse
    if wants_json():
        body = {
            "type": "about:blank",
            "title": problem.title.render(current_locale()),
            "status": problem.status,
            "detail": problem.message.render(current_locale()),
            "code": problem.code,
        } | ({"errorId": problem.error_id} if problem.error_id else {})
        response = jsonify(body)
        response.content_type = "application/problem+json"
        response.status_code = problem.status
    else:
        page = render_template("errors/error.html", problem=problem)
        response = Response(page, problem.status, content_type="text/html; charset=utf-8")
    if problem.retry_after:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response
