"""E-mail over real sockets: what arrives, what is refused and why, and servers that do not answer."""

import smtplib
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import pytest

from app.notifications.channels.email import Security, SmtpSettings, compose, send
from app.notifications.channels.interface import ChannelFailed, NotSetUp
from app.notifications.message import Message, Urgency
from backend.tests.notifications.servers import (
    HOST,
    PASSWORD,
    USER,
    Authority,
    authority,
    mail_server,
    silent_server,
)

MESSAGE = Message(
    "0190-id",
    Urgency.p1,
    "System down: <API>\r\nBcc: other@example.com",
    "The API does not answer.\n\nSince 10:00 & still.",
    datetime(2026, 3, 2, 10, tzinfo=UTC),
    "https://fossawork.example.com/alerts/1?a=1&b=2",
)
TO = "lead@example.com"


def _failure(settings: SmtpSettings | None, address: str = TO) -> ChannelFailed:
    with pytest.raises(ChannelFailed) as caught:
        send(MESSAGE, address, settings)
    return caught.value


def test_a_mail_arrives_as_text_and_html() -> None:
    with mail_server() as server:
        assert send(MESSAGE, TO, server.settings()).receipt is None
    (mail,) = server.mails
    assert server.recipients == [TO]
    assert (mail["To"], mail["From"]) == (TO, "FossaWork <alerts@example.com>")
    assert mail["Subject"] == "System down: <API> Bcc: other@example.com"
    assert mail["Bcc"] is None
    assert (mail["Importance"], mail["Auto-Submitted"]) == ("high", "auto-generated")
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None and html is not None
    assert text.get_content().split() == [*MESSAGE.body.split(), MESSAGE.url]
    assert "<h2>System down: &lt;API&gt;" in html.get_content()
    assert "10:00 &amp; still." in html.get_content() and 'href="https://fossawork.example.com' in html.get_content()


def test_sent_twice_it_is_recognised_as_the_same() -> None:
    first, second = (compose(MESSAGE, TO, "alerts@example.com") for _ in range(2))
    assert first["Message-ID"] == second["Message-ID"] == "<0190-id@example.com>"
    assert first["Date"] == "Mon, 02 Mar 2026 10:00:00 +0000"


def test_starttls_with_an_own_authority(ca: Authority, tmp_path: Path) -> None:
    with mail_server("starttls", ca.server_context(tmp_path), login=True) as server:
        send(MESSAGE, TO, server.settings("starttls", user=USER, password=PASSWORD, ca=ca.pem))
    assert (len(server.mails), server.encrypted) == (1, [True])


def test_tls_from_the_first_byte(ca: Authority, tmp_path: Path) -> None:
    with mail_server("ssl", ca.server_context(tmp_path)) as server:
        send(MESSAGE, TO, server.settings("ssl", ca=ca.pem))
    assert (len(server.mails), server.encrypted) == (1, [True])


@pytest.mark.parametrize("security", ["starttls", "ssl"])
def test_a_certificate_of_an_unknown_authority_is_refused(ca: Authority, tmp_path: Path, security: Security) -> None:
    context = ca.server_context(tmp_path)
    with mail_server(security, context) as server:
        for trusted in (None, authority().pem):
            failure = _failure(server.settings(security, ca=trusted))
            assert "certificate is not trusted" in failure.detail and not failure.permanent
    assert server.mails == []


@pytest.mark.parametrize("security", ["starttls", "ssl"])
def test_a_certificate_for_another_server_is_refused(ca: Authority, tmp_path: Path, security: Security) -> None:
    context = ca.server_context(tmp_path, "127.0.0.9")
    with mail_server(security, context) as server:
        failure = _failure(server.settings(security, ca=ca.pem))
    assert "127.0.0.1" in failure.detail and server.mails == []


def test_a_server_without_starttls_gets_nothing_in_the_clear() -> None:
    with mail_server() as server:
        failure = _failure(server.settings("starttls"))
    assert failure.permanent and server.mails == []


def test_a_wrong_password_is_not_tried_again(ca: Authority, tmp_path: Path) -> None:
    with mail_server("starttls", ca.server_context(tmp_path), login=True) as server:
        failure = _failure(server.settings("starttls", user=USER, password="wrong-one", ca=ca.pem))
    assert failure.permanent and "user name and password (535)" in failure.detail
    assert "wrong-one" not in failure.detail and USER not in failure.detail


def test_a_password_never_goes_over_an_open_connection() -> None:
    with pytest.raises(ValueError, match="without encryption"):
        SmtpSettings("mail.example.com", 25, "plain", "alerts@example.com", USER, PASSWORD)


@pytest.mark.parametrize(("command", "what"), [("RCPT", "recipient"), ("DATA", "mail")])
@pytest.mark.parametrize(("code", "permanent"), [(451, False), (550, True)])
def test_what_the_server_refuses(command: str, what: str, code: int, permanent: bool) -> None:
    with mail_server() as server:
        server.answers[command] = f"{code} no {TO} today"
        failure = _failure(server.settings())
    assert failure.permanent is permanent
    assert failure.detail == f"The mail server refused the {what} ({code}): no l…@example.com today"


def test_a_server_that_is_not_there() -> None:
    with silent_server() as port:
        pass
    failure = _failure(SmtpSettings(HOST, port, "plain", "alerts@example.com"))
    assert not failure.permanent and "cannot be reached" in failure.detail


def test_a_server_that_never_answers() -> None:
    with silent_server() as port:
        failure = _failure(SmtpSettings(HOST, port, "plain", "alerts@example.com", seconds=0.1))
    assert not failure.permanent and "timed out" in failure.detail


@pytest.mark.parametrize("security", ["plain", "starttls"])
def test_a_server_that_never_ends_its_answer_is_cut(security: Security) -> None:
    started = monotonic()
    with silent_server(b"220-wait\r\n") as port:
        settings = SmtpSettings(HOST, port, security, "alerts@example.com", seconds=5, total_seconds=0.3)
        failure = _failure(settings)
    assert not failure.permanent and failure.detail == "The mail server did not answer in time."
    assert monotonic() - started < 4


def test_a_mail_that_was_taken_counts_although_the_goodbye_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_: smtplib.SMTP) -> None:
        raise smtplib.SMTPServerDisconnected("gone")

    monkeypatch.setattr(smtplib.SMTP, "quit", gone)
    with mail_server() as server:
        send(MESSAGE, TO, server.settings())
    assert len(server.mails) == 1


def test_without_settings() -> None:
    assert isinstance(_failure(None), NotSetUp)


def test_no_secret_in_the_settings_text() -> None:
    text = repr(SmtpSettings("mail.example.com", 587, "starttls", "alerts@example.com", USER, PASSWORD, "PEM"))
    assert PASSWORD not in text
