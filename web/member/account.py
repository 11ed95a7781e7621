"""One's own account: name and language, password, and the browsers that are logged in."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError

from alliance.platform.auth.credentials import change_password
from alliance.platform.auth.sessions import list_sessions, revoke_others, revoke_session
from alliance.platform.kernel.errors import BadInputError, LimitExceededError
from alliance.platform.kernel.texts import Text, _, choose_locale
from alliance.platform.members.profile import update_profile
from alliance.web.member.devices import device_name, is_phone
from alliance.web.security.access import logged_in
from alliance.web.security.current import services, subject, work
from alliance.web.security.forms import Form, add_refusal
from alliance.web.security.locale import current_locale, remember_locale

blueprint = Blueprint("account", __name__, url_prefix="/settings/account")
LANGUAGES = [SelectChoice("zh_CN", "中文"), SelectChoice("en", "English")]


class ProfileForm(Form):
    """Name and language."""

    name = StringField(_("姓名"), validators=[InputRequired(), Length(max=80)])
    locale = SelectField(_("页面语言"), choices=LANGUAGES)


class PasswordForm(Form):
    """The current and the new password."""

    current = PasswordField(_("当前密码"), validators=[InputRequired(), Length(max=1_000)])
    new = PasswordField(_("新密码"), validators=[InputRequired(), Length(max=1_000)])
    again = PasswordField(_("再输入一次新密码"), validators=[InputRequired()])

    def validate_again(self, field: PasswordField) -> None:
        """Both entries must be the same, since nobody sees what was typed."""
        if field.data != self.new.data:
            raise ValidationError(_say(_("两次输入的新密码不一样")))


@blueprint.get("")
@logged_in
def show() -> str:
    """Name, language, password."""
    return _page(_profile_form(), PasswordForm())


@blueprint.post("")
@logged_in
def save() -> Response | tuple[str, int]:
    """Change name and language."""
    form = ProfileForm()
    if form.validate_on_submit():
        try:
            with work() as uow:
                update_profile(uow, name=form.name.data, locale=form.locale.data)
            locale = choose_locale(form.locale.data)
            flash(_("账号已保存").render(locale), "good")
            response = redirect(url_for("account.show"), 303)
            remember_locale(response, locale, secure=services().settings.secure_cookies)
            return response
        except BadInputError as refused:
            add_refusal(form, refused)
    return _page(form, PasswordForm()), 422


@blueprint.post("/password")
@logged_in
def save_password() -> Response | tuple[str, int]:
    """Change the password; every other browser is logged out."""
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            change_password(services(), subject(), current=form.current.data, new=form.new.data)
            flash(_say(_("密码已修改，其他设备已退出登录")), "good")
            return redirect(url_for("account.show"), 303)
        except (BadInputError, LimitExceededError) as refused:
            add_refusal(form, refused, names={"password": "new"})
    return _page(_profile_form(), form), 422


@blueprint.get("/devices")
@logged_in
def devices() -> str:
    """The browsers logged in to this account."""
    with work() as uow:
        sessions = list_sessions(uow)
    return render_template("settings/devices.html", sessions=sessions, device_name=device_name, is_phone=is_phone)


@blueprint.post("/devices/<uuid:session_id>/end")
@logged_in
def end_device(session_id: UUID) -> Response:
    """Log one browser out."""
    with work() as uow:
        revoke_session(uow, session_id=session_id)
    flash(_say(_("该设备已退出登录")), "good")
    return redirect(url_for("account.devices"), 303)


@blueprint.post("/devices/end-others")
@logged_in
def end_others() -> Response:
    """Log out everywhere but here."""
    caller = subject()
    with work() as uow:
        revoke_others(uow, account_id=caller.account.id, keep=caller.session_id)
    flash(_say(_("其他设备已全部退出登录")), "good")
    return redirect(url_for("account.devices"), 303)


def _profile_form() -> ProfileForm:
    account = subject().account
    return ProfileForm(formdata=None, data={"name": account.name, "locale": account.locale})


def _page(profile: ProfileForm, password: PasswordForm) -> str:
    return render_template("settings/account.html", profile=profile, password=password)


def _say(text: Text) -> str:
    return text.render(current_locale())
