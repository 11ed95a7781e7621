"""Into and out of a session: log-in, log-out, the active shop, the language."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, session
from werkzeug.wrappers import Response
from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired, Length

from alliance.platform.auth.login import log_in, switch_shop
from alliance.platform.auth.sessions import DEVICE_KEPT
from alliance.platform.auth.sessions import log_out as close_session
from alliance.platform.kernel.errors import LimitExceededError, NotFoundError, UnauthenticatedError
from alliance.platform.kernel.texts import Text, _, choose_locale
from alliance.platform.members.profile import update_profile
from alliance.web.security.access import logged_in, public
from alliance.web.security.current import DEVICE, client, cookie_name, find_subject, services, subject, work
from alliance.web.security.forms import Form, safe_next
from alliance.web.security.locale import current_locale, remember_locale
from alliance.web.security.sessions import WebSession

blueprint = Blueprint("login", __name__)


class LoginForm(Form):
    """E-mail and password. Lengths are bounded so that nobody makes us hash a novel."""

    email = EmailField(_("邮箱"), validators=[InputRequired(), Length(max=254)])
    password = PasswordField(_("密码"), validators=[InputRequired(), Length(max=1_000)])


@blueprint.get("/login")
@public
def show() -> Response | str:
    """The log-in form; who is logged in goes on to where they were heading."""
    if find_subject() is not None:
        return redirect(safe_next(request.args.get("next")), 303)
    return _page(LoginForm())


@blueprint.post("/login")
@public
def submit() -> Response | tuple[str, int] | tuple[str, int, dict[str, str]]:
    """Open a session under a fresh token, whatever cookie the browser came with."""
    form = LoginForm()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        opened = log_in(services(), email=form.email.data, password=form.password.data, client=client())
    except UnauthenticatedError as refused:
        return _page(form, refused.message), 422
    except LimitExceededError as refused:
        return _page(form, refused.message), 429, {"Retry-After": str(refused.retry_after or 60)}
    _forget_old_session()
    _web_session().start(opened.token)
    response = redirect(safe_next(request.args.get("next")), 303)
    secure = services().settings.secure_cookies
    response.set_cookie(
        cookie_name(DEVICE), opened.device_token, max_age=DEVICE_KEPT, secure=secure, httponly=True, samesite="Lax"
    )
    return response


@blueprint.post("/logout")
@public
def log_out() -> Response:
    """End the session here and in the table. Without a session it changes nothing."""
    _forget_old_session()
    _web_session().end()
    flash(_("已退出登录").render(current_locale()), "good")
    return redirect("/login", 303)


@blueprint.post("/shop")
@logged_in
def enter_shop() -> Response:
    """Work in another of one's shops from now on. A shop without a role answers NOT_FOUND."""
    try:
        wanted = UUID(request.form.get("shop_id", ""))
    except ValueError:
        raise NotFoundError from None
    switched = switch_shop(services(), subject(), shop_id=wanted)
    if switched.active is not None:
        flash(_("现在是 %(shop)s", shop=switched.active.shop_name).render(current_locale()), "good")
    return redirect("/", 303)


@blueprint.post("/language")
@public
def choose_language() -> Response:
    """Show the pages in the chosen language from now on, on every device of an account."""
    chosen = choose_locale(request.form.get("locale"))
    if find_subject() is not None:
        with work() as uow:
            update_profile(uow, locale=chosen)
    response = redirect(safe_next(request.form.get("next")), 303)
    remember_locale(response, chosen, secure=services().settings.secure_cookies)
    return response


def _page(form: LoginForm, refusal: Text | None = None) -> str:
    return render_template("login.html", form=form, refusal=refusal)


def _web_session() -> WebSession:
    if not isinstance(session, WebSession):
        raise TypeError("the application was composed with another session interface")
    return session


def _forget_old_session() -> None:
    token = _web_session().token
    if token:
        close_session(services(), token)
