"""E-mail over SMTP, with the standard library.

Apprise would answer only whether it worked. What to do next hangs on more: a refused password is not tried again, a busy
server is, and an operator wants to read the server's own words.
"""

import html
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from typing import Literal

from app.notifications.channels.interface import ChannelFailed, NotSetUp, Sent, one_line
from app.notifications.message import Message, Urgency
from app.telemetry.redaction import redact_text

Security = Literal["starttls", "ssl", "plain"]
_SUBJECT = 200
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """The server that takes our mail. ``ca``: the certificate (PEM) of an own authority, beside those the system trusts.

    ``seconds``: how long one answer of the server may take; ``total_seconds``: all of them together.
    """

    host: str
    port: int
    security: Security
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca: str | None = field(default=None, repr=False)
    seconds: float = 10
    total_seconds: float = 30

    def __post_init__(self) -> None:
        if self.security == "plain" and self.user and self.host not in _LOOPBACK:
            raise ValueError("A password is not sent over a connection without encryption.")


def send(message: Message, address: str, settings: SmtpSettings | None) -> Sent:
    """Hands the message to the mail server. That it reached the reader's mailbox is not known by this."""
    if settings is None:
        raise NotSetUp("E-mail is not set up; see the settings of notifications.")
    mail = compose(message, address, settings.sender)
    client = _client(settings)
    try:
        with _told(), _at_most(client, settings.total_seconds):
            client.connect(settings.host, settings.port)
            if settings.security == "starttls":
                client.starttls(context=_trust(settings))
            if settings.user:
                client.login(settings.user, settings.password or "")
            client.send_message(mail, from_addr=settings.sender, to_addrs=[address])
        # The server has taken it: whatever happens now does not change that.
        with suppress(OSError, smtplib.SMTPException):
            client.quit()
    finally:
        client.close()
    return Sent()


def compose(message: Message, address: str, sender: str) -> EmailMessage:
    """The mail as text and as HTML. Its Message-ID is the message's: sent twice after a crash, it is recognised."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = formataddr(("FossaWork", sender))
    mail["To"] = address
    mail["Subject"] = one_line(message.subject, _SUBJECT)
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = f"<{message.id}@{_domain(sender)}>"
    mail["Auto-Submitted"] = "auto-generated"
    if message.urgency in (Urgency.p1, Urgency.p2):
        mail["Importance"] = "high"
        mail["X-Priority"] = "1"
    mail.set_content(message.body + (f"\n\n{message.url}" if message.url else "") + "\n")
    mail.add_alternative(_html(message), subtype="html")
    return mail


def _html(message: Message) -> str:
    paragraphs = "".join(
        f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in message.body.split("\n\n") if part.strip()
    )
    link = html.escape(message.url or "", quote=True)
    return (
        '<html><body style="font-family: sans-serif; line-height: 1.4">'
        f"<h2>{html.escape(message.subject)}</h2>{paragraphs}"
        + (f'<p><a href="{link}">{link}</a></p>' if link.startswith(("https://", "http://")) else "")
        + "</body></html>"
    )


def _domain(sender: str) -> str:
    return sender.rpartition("@")[2] or "localhost"


def _trust(settings: SmtpSettings) -> ssl.SSLContext:
    """Certificates and names are always checked."""
    context = ssl.create_default_context()
    if settings.ca:
        context.load_verify_locations(cadata=settings.ca)
    return context


def _client(settings: SmtpSettings) -> smtplib.SMTP:
    """A client that is not connected yet, so that the deadline can end each of its steps. It calls itself by the sender's
    domain: asking the name service for our own name may take longer than the whole mail."""
    name = _domain(settings.sender)
    if settings.security == "ssl":
        client: smtplib.SMTP = smtplib.SMTP_SSL(local_hostname=name, timeout=settings.seconds, context=_trust(settings))
    else:
        client = smtplib.SMTP(local_hostname=name, timeout=settings.seconds)
    # The name that the certificate is checked against. The library sets it only where it connects at once.
    client._host = settings.host  # type: ignore[attr-defined]
    return client


@contextmanager
def _at_most(client: smtplib.SMTP, seconds: float) -> Iterator[None]:
    """Cuts the connection when everything together takes too long: a server that sends a byte now and then would never
    run into the limit of one answer."""
    too_late = threading.Event()

    def cut() -> None:
        too_late.set()
        if client.sock is not None:
            with suppress(OSError):
                client.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, smtplib.SMTPException) as error:
        if too_late.is_set():
            raise TimeoutError from error
        raise
    finally:
        timer.cancel()


@contextmanager
def _told() -> Iterator[None]:
    """Turns what can go wrong into a sentence, and into whether trying again may help."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        raise _refused("The mail server refused user name and password", error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise _refused("The mail server refused the recipient", code, said) from error
    except smtplib.SMTPResponseException as error:
        raise _refused("The mail server refused the mail", error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPNotSupportedError as error:
        raise ChannelFailed(f"The mail server cannot do what is needed: {error}", permanent=True) from error
    except ssl.SSLCertVerificationError as error:
        # Whoever runs the server can renew its certificate, so this may pass.
        raise ChannelFailed(
            f"The mail server's certificate is not trusted: {error.verify_message}.", permanent=False
        ) from error
    except TimeoutError as error:
        raise ChannelFailed("The mail server did not answer in time.", permanent=False) from error
    except (OSError, smtplib.SMTPException) as error:
        why = one_line(redact_text(str(error)), 200) or type(error).__name__
        raise ChannelFailed(f"The mail server cannot be reached: {why}", permanent=False) from error


def _refused(what: str, code: int, said: bytes | str) -> ChannelFailed:
    """RFC 5321: 4yz means "try again later", 5yz means "do not"."""
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return ChannelFailed(f"{what} ({code}): {one_line(redact_text(text), 200)}", permanent=code >= 500)
