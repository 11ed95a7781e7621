"""Messages: to a folder in development, by SMTP elsewhere, and never with a header of the sender's making."""

from __future__ import annotations

import socket
import socketserver
import threading
from email import message_from_bytes
from email.policy import default

import pytest
from pydantic import SecretStr

from alliance.platform.kernel.config import Settings, SettingsError
from alliance.platform.kernel.errors import BadInputError, UnavailableError
from alliance.platform.kernel.messages import Messenger, open_messenger
from alliance.platform.kernel.services import open_services


@pytest.fixture
def settings_with(settings, tmp_path):
    def make(**changes) -> Settings:
        return settings.model_copy(update={"alliance_home": tmp_path, **changes})

    return make


class MailServer(socketserver.StreamRequestHandler):
    """Just enough SMTP to take one message; keeps it on the server."""

    def handle(self) -> None:
        self.wfile.write(b"220 test\r\n")
        while line := self.rfile.readline().strip():
            if line.upper() == b"DATA":
                self.wfile.write(b"354 go\r\n")
                lines = []
                while (part := self.rfile.readline()) != b".\r\n":
                    lines.append(part)
                self.server.received.append(b"".join(lines))
            self.wfile.write(b"221 bye\r\n" if line.upper() == b"QUIT" else b"250 ok\r\n")


@pytest.fixture
def mail_server():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), MailServer) as server:
        server.received = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_without_a_server_mail_and_texts_are_files_of_their_owner(settings_with, tmp_path):
    messenger = open_messenger(settings_with())
    messenger.send_mail("wang@example.com", "您的退货", "已收到。\n")
    messenger.send_sms("+8613812345678", "验证码 123456")
    mail, sms = sorted((tmp_path / "outbox").iterdir())
    message = message_from_bytes(mail.read_bytes(), policy=default)
    assert (message["To"], message["Subject"], message.get_content().strip()) == (
        "wang@example.com",
        "您的退货",
        "已收到。",
    )
    assert sms.read_text() == "+8613812345678\n\n验证码 123456\n"
    assert {path.stat().st_mode & 0o777 for path in (mail, sms)} == {0o600}


def test_mail_goes_out_by_smtp(settings_with, mail_server):
    url = f"smtp://127.0.0.1:{mail_server.server_address[1]}"
    messenger = open_messenger(settings_with(smtp_url=SecretStr(url), mail_from="Linli <no-reply@linli.example>"))
    messenger.send_mail("wang@example.com", "您的退货", "已收到。")
    (raw,) = mail_server.received
    message = message_from_bytes(raw, policy=default)
    assert (message["From"], message["Subject"]) == ("Linli <no-reply@linli.example>", "您的退货")
    assert message.get_content().strip() == "已收到。"


def test_a_server_that_demands_no_encryption_is_refused_where_it_was_asked_for(settings_with, mail_server):
    url = f"smtp://user:secret@127.0.0.1:{mail_server.server_address[1]}?starttls=1"
    with pytest.raises(UnavailableError):
        open_messenger(settings_with(smtp_url=SecretStr(url))).send_mail("a@b.cn", "x", "y")
    assert mail_server.received == []


def test_a_server_that_is_away_is_unavailable(settings_with):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(UnavailableError):
        open_messenger(settings_with(smtp_url=SecretStr(f"smtp://127.0.0.1:{port}"))).send_mail("a@b.cn", "x", "y")


@pytest.mark.parametrize(
    "to", ["a@b.cn\nBcc: c@d.cn", "a@b.cn\r\nX: y", "a@b.cn,c@d.cn", "a b@c.cn", "nobody", "", "<a@b.cn>"]
)
def test_an_address_that_is_not_one_address_is_refused(settings_with, tmp_path, to):
    with pytest.raises(BadInputError):
        open_messenger(settings_with()).send_mail(to, "x", "y")
    assert not (tmp_path / "outbox").exists()


@pytest.mark.parametrize("subject", ["x\nBcc: c@d.cn", "x\r\n\r\nbody", "x\0"])
def test_a_subject_with_line_breaks_is_refused(settings_with, tmp_path, subject):
    with pytest.raises(BadInputError):
        open_messenger(settings_with()).send_mail("a@b.cn", subject, "y")
    assert not (tmp_path / "outbox").exists()


def test_production_refuses_a_folder_for_mail_and_inline_jobs(settings_with):
    with pytest.raises(SettingsError, match="SMTP_URL"):
        open_messenger(settings_with(alliance_env="production"))
    with pytest.raises(SettingsError, match="JOBS"):
        open_services(settings_with(alliance_env="production", smtp_url=SecretStr("smtp://h"), jobs="inline"))


def test_production_refuses_texts_without_a_provider(settings_with):
    messenger = open_messenger(settings_with(alliance_env="production", smtp_url=SecretStr("smtps://u:p%40@h")))
    assert isinstance(messenger, Messenger)
    assert messenger.mail.password == "p@"
    with pytest.raises(UnavailableError):
        messenger.send_sms("+8613812345678", "x")


@pytest.mark.parametrize("url", ["http://h", "smtp://", "smtp://h:notaport", "mail.example.com"])
def test_a_wrong_smtp_url_is_refused_at_start(settings_with, url):
    with pytest.raises(SettingsError, match="SMTP_URL"):
        open_messenger(settings_with(smtp_url=SecretStr(url)))
