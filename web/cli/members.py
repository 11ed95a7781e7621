"""`alliance members`: give people a role in a shop, and a password, as the installation's operator."""

from __future__ import annotations

import sys

import click

from alliance.platform.auth.credentials import has_password, set_password
from alliance.platform.auth.passwords import generate_password
from alliance.platform.kernel.errors import NotFoundError
from alliance.platform.kernel.texts import _
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.creating import create_account
from alliance.platform.members.granting import change_role, grant_role, revoke_role
from alliance.platform.members.inputs import clean_email
from alliance.platform.members.models import Account, GrantScope
from alliance.platform.members.queries import (
    find_account_by_email,
    get_account,
    get_alliance_by_handle,
    get_shop_by_handle,
    list_members,
)
from alliance.platform.members.roles import MemberRole, Role
from alliance.platform.members.roles_table import render_roles
from alliance.web.cli.shops import every_item, operator_work
from alliance.web.cli.terminal import say

ROLE = click.Choice([role.value for role in MemberRole])
PASSWORD_STDIN = click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")


@click.group()
def members() -> None:
    """Give people roles and passwords."""


@members.command("add")
@click.argument("shop_handle")
@click.argument("email")
@click.argument("name")
@click.option("--role", type=ROLE, default=MemberRole.OWNER.value, show_default=True)
@PASSWORD_STDIN
def add(shop_handle: str, email: str, name: str, *, role: str, password_stdin: bool) -> None:
    """Give a person a role in a shop. A new person gets a password, which is shown once."""
    with operator_work() as uow:
        shop = get_shop_by_handle(uow, shop_handle)
        account = _find_or_create(uow, email, name)
        grant_role(uow, account_id=account.id, role=Role(role), scope_id=shop.id)
        password = _first_password(uow, account, password_stdin=password_stdin)
    say(_("%(email)s 现在是店铺 %(shop)s 的 %(role)s", email=account.email, shop=shop_handle, role=role))
    _show(password)


@members.command("add-coordinator")
@click.argument("alliance_handle")
@click.argument("email")
@click.argument("name")
@PASSWORD_STDIN
def add_coordinator(alliance_handle: str, email: str, name: str, *, password_stdin: bool) -> None:
    """Let a person coordinate an alliance. A new person gets a password, which is shown once."""
    with operator_work() as uow:
        alliance = get_alliance_by_handle(uow, alliance_handle)
        account = _find_or_create(uow, email, name)
        grant_role(
            uow,
            account_id=account.id,
            role=Role.COORDINATOR,
            scope_id=alliance.id,
            scope_kind=GrantScope.ALLIANCE,
        )
        password = _first_password(uow, account, password_stdin=password_stdin)
    say(_("%(email)s 现在管理联盟 %(alliance)s", email=account.email, alliance=alliance_handle))
    _show(password)


@members.command("list")
@click.argument("shop_handle")
def show(shop_handle: str) -> None:
    """One line a person: role, e-mail, name; `disabled` at the end where the account is."""
    with operator_work() as uow:
        shop = get_shop_by_handle(uow, shop_handle)
        for member in every_item(lambda request: list_members(uow, request, shop_id=shop.id)):
            closed = "\tdisabled" if member.is_disabled else ""
            click.echo(f"{member.role.value}\t{member.email}\t{member.name}{closed}")


@members.command("change-role")
@click.argument("shop_handle")
@click.argument("email")
@click.argument("role", type=ROLE)
def change(shop_handle: str, email: str, role: str) -> None:
    """Give a member another role. The last owner stays owner."""
    with operator_work() as uow:
        shop, account = get_shop_by_handle(uow, shop_handle), _get(uow, email)
        change_role(uow, account_id=account.id, role=MemberRole(role), shop_id=shop.id)
    say(_("%(email)s 现在是店铺 %(shop)s 的 %(role)s", email=account.email, shop=shop_handle, role=role))


@members.command("remove")
@click.argument("shop_handle")
@click.argument("email")
def remove(shop_handle: str, email: str) -> None:
    """End a member's role. The last owner stays."""
    with operator_work() as uow:
        shop, account = get_shop_by_handle(uow, shop_handle), _get(uow, email)
        revoke_role(uow, account_id=account.id, scope_id=shop.id)
    say(_("%(email)s 已不再是店铺 %(shop)s 的成员", email=account.email, shop=shop_handle))


@members.command("reset-password")
@click.argument("email")
@PASSWORD_STDIN
def reset_password(email: str, *, password_stdin: bool) -> None:
    """Give a person a new password, shown once, and close all their sessions."""
    with operator_work() as uow:
        account = _get(uow, email)
        password = _read_password() if password_stdin else generate_password()
        set_password(uow, account_id=account.id, password=password)
    say(_("已为 %(email)s 重设密码，其所有登录都已退出", email=account.email))
    _show(None if password_stdin else password)


@members.command("roles")
def roles() -> None:
    """Print what each role may do, as the page docs/roles.md."""
    click.echo(render_roles(), nl=False)


def _get(uow: UnitOfWork, email: str) -> Account:
    account = find_account_by_email(uow, clean_email(email))
    if account is None:
        raise NotFoundError(_("没有邮箱为 %(email)s 的账号", email=email))
    return account


def _find_or_create(uow: UnitOfWork, email: str, name: str) -> Account:
    found = find_account_by_email(uow, clean_email(email))
    return found or get_account(uow, create_account(uow, email=email, name=name))


def _first_password(uow: UnitOfWork, account: Account, *, password_stdin: bool) -> str | None:
    """The password to show once; None where the person has one already or the operator gave it."""
    if has_password(uow, account_id=account.id):
        return None
    password = _read_password() if password_stdin else generate_password()
    set_password(uow, account_id=account.id, password=password)
    return None if password_stdin else password


def _read_password() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _show(password: str | None) -> None:
    if password is not None:
        say(_("密码（只显示这一次）：%(password)s", password=password))
