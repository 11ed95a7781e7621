"""Settings of the active shop: its profile and its members."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from alliance.platform.kernel.errors import AllianceError, BadInputError
from alliance.platform.kernel.texts import Text, _
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.granting import change_role, revoke_role
from alliance.platform.members.queries import find_open_alliance_id, get_alliance, get_shop, list_members
from alliance.platform.members.roles import MemberRole, Permission
from alliance.platform.members.settings import update_shop
from alliance.web.member.lists import page_request
from alliance.web.security.access import logged_in, requires
from alliance.web.security.current import subject, work
from alliance.web.security.forms import Form, add_refusal
from alliance.web.security.locale import current_locale

blueprint = Blueprint("settings", __name__, url_prefix="/settings")
LANGUAGES = [SelectChoice("zh_CN", "中文"), SelectChoice("en", "English")]
ZONES = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/")))


class ShopForm(Form):
    """The shop's profile."""

    name = StringField(_("店铺名称"), validators=[InputRequired(), Length(max=80)])
    region = StringField(_("所在地区"), validators=[Length(max=80)])
    # The room below knows every zone there is; the list offers the usual ones and the shop's own.
    timezone = SelectField(_("时区"), choices=[SelectChoice(zone) for zone in ZONES], validate_choice=False)
    locale = SelectField(_("店铺语言"), choices=LANGUAGES)


@blueprint.get("")
@logged_in
def index() -> Response:
    """The first settings page the caller may open."""
    may_see_shop = subject().shop_id is not None and Permission.SETTINGS_READ in subject().permissions
    return redirect(url_for("settings.shop" if may_see_shop else "account.show"))


@blueprint.get("/shop")
@requires(Permission.SETTINGS_READ)
def shop() -> str:
    """The shop's profile."""
    with work() as uow:
        record = get_shop(uow)
        form = ShopForm(data={name: getattr(record, name) for name in ("name", "region", "timezone", "locale")})
        return _shop_page(uow, form)


@blueprint.post("/shop")
@requires(Permission.SETTINGS_WRITE)
def save_shop() -> Response | tuple[str, int]:
    """Change the shop's profile; what is refused comes back with its reason at its field."""
    form = ShopForm()
    if form.validate_on_submit():
        try:
            with work() as uow:
                update_shop(
                    uow,
                    name=form.name.data,
                    region=form.region.data or "",
                    timezone=form.timezone.data,
                    locale=form.locale.data,
                )
            flash(_say(_("店铺资料已保存")), "good")
            return redirect(url_for("settings.shop"), 303)
        except BadInputError as refused:
            add_refusal(form, refused)
    with work() as uow:
        return _shop_page(uow, form), 422


@blueprint.get("/members")
@requires(Permission.MEMBERS_READ)
def members() -> str:
    """Who works in the shop, with which role."""
    with work() as uow:
        page = list_members(uow, page_request())
    return render_template("settings/members.html", page=page, roles=MemberRole)


@blueprint.post("/members/<uuid:account_id>/role")
@requires(Permission.MEMBERS_WRITE)
def set_role(account_id: UUID) -> Response:
    """Give a member another role."""
    try:
        role = MemberRole(request.form.get("role", ""))
    except ValueError:
        raise BadInputError(_("没有这个角色"), field=("role",)) from None
    return _on_member(_("角色已修改"), lambda uow: change_role(uow, account_id=account_id, role=role, shop_id=_shop()))


@blueprint.post("/members/<uuid:account_id>/remove")
@requires(Permission.MEMBERS_WRITE)
def remove(account_id: UUID) -> Response:
    """End a member's role in the shop; their account stays."""
    return _on_member(_("已移除该成员"), lambda uow: revoke_role(uow, account_id=account_id, scope_id=_shop()))


def _on_member(done: Text, command: Any) -> Response:
    try:
        with work() as uow:
            command(uow)
        flash(_say(done), "good")
    except AllianceError as refused:
        if refused.status >= 500:
            raise
        flash(_say(refused.message), "bad")
    return redirect(url_for("settings.members"), 303)


def _shop_page(uow: UnitOfWork, form: ShopForm) -> str:
    record = get_shop(uow)
    form.timezone.choices = [SelectChoice(zone) for zone in sorted({*ZONES, record.timezone})]
    alliance_id = find_open_alliance_id(uow, record.id)
    alliance = get_alliance(uow, alliance_id) if alliance_id else None
    may_write = Permission.SETTINGS_WRITE in subject().permissions
    return render_template("settings/shop.html", form=form, shop=record, alliance=alliance, may_write=may_write)


def _shop() -> UUID:
    return subject().scope().shop


def _say(text: Text) -> str:
    return text.render(current_locale())
