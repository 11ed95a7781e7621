"""Messages to people: mail by SMTP, text messages by a port; a folder of files where nothing is configured.

In production a folder is refused at start: a password link in a file helps nobody and is a secret lying about.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from alliance.platform.kernel import clock
from alliance.platform.kernel.config import Settings, SettingsError
from alliance.platform.kernel.errors import BadInputError, UnavailableError
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.texts import _

TIMEOUT_SECONDS = 20


class MailPort(Protocol):
    """Takes a finished message. Raises UnavailableError where it cannot be handed over."""

    def deliver(self, message: EmailMessage) -> None:
        """Hand the message over, or raise."""
        ...


class SmsPort(Protocol):
    """Takes a text for a phone number in E.164. Raises UnavailableError where it cannot be handed over."""

    def deliver(self, to: str, text: str) -> None:
        """Hand the text over, or raise."""
        ...


@dataclass(frozen=True, slots=True)
class Messenger:
    """How the installation writes to people. Send after the commit, from a job: both ways may take seconds."""

    sender: str
    mail: MailPort
    sms: SmsPort

    def send_mail(self, to: str, subject: str, text: str) -> None:
        """Send plain text to one address. Line breaks in address or subject are refused with BadInputError."""
        message = EmailMessage(policy=SMTP)
        message["From"] = _one_line(self.sender)
        message["To"] = _address(to)
        message["Subject"] = _one_line(subject)
        message["Date"] = format_datetime(clock.now())
        message["Message-ID"] = make_msgid(domain=self.sender.rpartition("@")[2].strip("> ") or None)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        self.mail.deliver(message)

    def send_sms(self, to: str, text: str) -> None:
        """Send a text message to one number."""
        self.sms.deliver(_one_line(to), text)


@dataclass(frozen=True, slots=True)
class SmtpMail:
    """Mail over SMTP; `starttls` insists on encryption, `connect` opens the connection."""

    connect: Callable[[], smtplib.SMTP]
    starttls: bool
    user: str
    password: str

    def deliver(self, message: EmailMessage) -> None:
        """Hand the message to the server. Its refusal and its absence are both UnavailableError."""
        try:
            with self.connect() as server:
                if self.starttls:
                    server.starttls(context=ssl.create_default_context())
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(message)
        except (OSError, smtplib.SMTPException) as problem:
            raise UnavailableError(_("邮件暂时无法发送，请稍后重试")) from problem


@dataclass(frozen=True, slots=True)
class FolderMail:
    """Mail as `.eml` files, for development and tests."""

    folder: Path

    def deliver(self, message: EmailMessage) -> None:
        """Write one file, oldest first by name."""
        _drop(self.folder, f"{new_id()}.eml", message.as_bytes())


@dataclass(frozen=True, slots=True)
class FolderSms:
    """Text messages as `.sms` files: the number, a blank line, the text."""

    folder: Path

    def deliver(self, to: str, text: str) -> None:
        """Write one file, oldest first by name."""
        _drop(self.folder, f"{new_id()}.sms", f"{to}\n\n{text}\n".encode())


@dataclass(frozen=True, slots=True)
class NoSms:
    """Production without a provider: every text message is refused, visibly."""

    def deliver(self, to: str, text: str) -> None:
        """Always UnavailableError."""
        raise UnavailableError(_("短信服务尚未开通，请改用邮件"))


def open_messenger(settings: Settings) -> Messenger:
    """The configured ways out. SettingsError for a wrong SMTP_URL, and for none in production."""
    outbox = settings.alliance_home / "outbox"
    sms: SmsPort = NoSms() if settings.is_production else FolderSms(outbox)
    if settings.smtp_url is not None:
        return Messenger(sender=settings.mail_from, mail=_smtp(settings.smtp_url.get_secret_value()), sms=sms)
    if settings.is_production:
        raise SettingsError("SMTP_URL is not set; in production mail cannot go to a folder")
    return Messenger(sender=settings.mail_from, mail=FolderMail(outbox), sms=sms)


def _smtp(url: str) -> SmtpMail:
    """`smtp://user:password@host:port?starttls=1`, or `smtps://` for TLS from the first byte."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    if parts.scheme not in {"smtp", "smtps"} or not host:
        raise SettingsError("SMTP_URL must look like smtp://user:password@host:587?starttls=1 or smtps://host:465")

    def connect() -> smtplib.SMTP:
        if parts.scheme == "smtps":
            return smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
        return smtplib.SMTP(host, port or 25, timeout=TIMEOUT_SECONDS)

    return SmtpMail(
        connect=connect,
        starttls=parse_qs(parts.query).get("starttls") == ["1"],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def _one_line(value: str) -> str:
    if any(character in value for character in "\r\n\0"):
        raise BadInputError(_("收件人和标题不能换行"))
    return value


def _address(value: str) -> str:
    # One address a mail: a comma would make a list of it.
    name, _at, domain = _one_line(value.strip()).partition("@")
    if not name or not domain or any(character in value for character in ',;<>"() \t'):
        raise BadInputError(_("邮箱地址无效"))
    return value.strip()


def _drop(folder: Path, name: str, content: bytes) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = folder / f".{name}"
    temporary.write_bytes(content)
    temporary.chmod(0o600)
    temporary.replace(folder / name)
