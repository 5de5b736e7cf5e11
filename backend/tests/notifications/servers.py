"""Real servers on loopback: mail with and without TLS, Pushover, and ones that do not answer as they should."""

import asyncio
import json
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.kit import clock
from app.notifications.channels.email import Security, SmtpSettings
from app.notifications.channels.pushover import PushoverSettings

HOST = "127.0.0.1"
USER, PASSWORD = "alerts@example.com", "smtp-password-4711"
TOKEN, KEY = "a" * 29 + "T", "u" * 29 + "K"


# --- certificates -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Authority:
    """An own certificate authority. ``pem``: what a client has to trust."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def server_context(self, folder: Path, address: str = HOST) -> ssl.SSLContext:
        """What a server at this address shows."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
        certificate = _certificate("server", key.public_key(), self.key, names, self.certificate.subject)
        file = folder / f"{address}.pem"
        plain = serialization.NoEncryption()
        file.write_bytes(
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(file)
        return context


def authority() -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    constraints = x509.BasicConstraints(ca=True, path_length=0)
    return Authority(key, _certificate("Test authority", key.public_key(), key, constraints))


def _certificate(
    name: str,
    public: ec.EllipticCurvePublicKey,
    signer: ec.EllipticCurvePrivateKey,
    extension: x509.ExtensionType,
    issuer: x509.Name | None = None,
) -> x509.Certificate:
    subject, day = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), timedelta(days=1)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer or subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(clock.now() - day)
        .not_valid_after(clock.now() + day)
        .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        .sign(signer, hashes.SHA256())
    )


# --- mail -------------------------------------------------------------------------------------------------------------


@dataclass
class MailServer:
    """Takes mail. ``answers``: what it says instead, per command (``RCPT``, ``DATA``)."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)

    async def handle_RCPT(  # noqa: N802  # the name is the library's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "RCPT" in self.answers:
            return self.answers["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if "DATA" in self.answers:
            return self.answers["DATA"]
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.recipients += envelope.rcpt_tos
        assert server.transport is not None
        self.encrypted.append(server.transport.get_extra_info("sslcontext") is not None)
        return "250 taken"

    def settings(self, security: Security = "plain", **other: Any) -> SmtpSettings:
        fields: dict[str, Any] = {"sender": "alerts@example.com", "seconds": 2, "total_seconds": 5}
        return SmtpSettings(HOST, self.port, security, **fields | other)


def _check_login(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    assert isinstance(data, LoginPassword)
    right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=right)


@contextmanager
def mail_server(
    security: Security = "plain", context: ssl.SSLContext | None = None, *, login: bool = False
) -> Iterator[MailServer]:
    """A mail server; ``login``: it wants :data:`USER` and :data:`PASSWORD`."""
    handler = MailServer()
    starttls = context if security == "starttls" else None

    def protocol() -> SMTP:
        return SMTP(
            handler,
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=_check_login if login else None,
            auth_required=login,
            auth_require_tls=starttls is not None,
            hostname="mail.example.com",
            loop=asyncio.get_running_loop(),
        )

    async def serve() -> asyncio.Server:
        return await asyncio.get_running_loop().create_server(
            protocol, HOST, 0, ssl=context if security == "ssl" else None
        )

    with _in_background(serve) as port:
        handler.port = port
        yield handler


@contextmanager
def _in_background(serve: Callable[[], Awaitable[asyncio.Server]]) -> Iterator[int]:
    """An asyncio server in a thread of its own; gives its port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="test server")
    thread.start()

    async def begin() -> asyncio.Server:
        return await serve()

    async def end(server: asyncio.Server) -> None:
        server.close()
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    server = asyncio.run_coroutine_threadsafe(begin(), loop).result(10)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(end(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextmanager
def silent_server(drip: bytes = b"", every: float = 0.05) -> Iterator[int]:
    """Accepts and never answers; or sends ``drip`` again and again, which is no answer either."""
    with socket.create_server((HOST, 0)) as listener:
        stop = threading.Event()
        taken: list[socket.socket] = []

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    taken.append(connection)
                    while drip and not stop.wait(every):
                        connection.sendall(drip)

        thread = threading.Thread(target=serve, name="silent server")
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            stop.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            for connection in taken:
                connection.close()
            thread.join()


# --- Pushover ---------------------------------------------------------------------------------------------------------


@dataclass
class PushoverServer:
    """The service's interface as its documentation describes it. ``failing``: (status, body) it answers instead."""

    url: str = ""
    sent: list[dict[str, str]] = field(default_factory=list)
    polled: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    acknowledged: dict[str, int] = field(default_factory=dict)
    expired: set[str] = field(default_factory=set)
    failing: tuple[int, Any] | None = None

    @property
    def settings(self) -> PushoverSettings:
        return PushoverSettings(TOKEN, self.url, seconds=2)

    def answer(self, path: str, fields: dict[str, str]) -> tuple[int, Any]:
        if self.failing is not None:
            return self.failing
        if fields.get("token") != TOKEN:
            return 400, {"status": 0, "errors": [f"application token {fields.get('token')} is invalid"]}
        if path == "/1/messages.json":
            return self._message(fields)
        receipt, _, what = path.removeprefix("/1/receipts/").removesuffix(".json").partition("/")
        if what == "cancel":
            self.cancelled.append(receipt)
            return 200, {"status": 1}
        self.polled.append(receipt)
        at = self.acknowledged.get(receipt, 0)
        return 200, {
            "status": 1,
            "acknowledged": int(at > 0),
            "acknowledged_at": at,
            "expired": int(receipt in self.expired),
        }

    def _message(self, fields: dict[str, str]) -> tuple[int, Any]:
        if len(fields.get("user", "")) != 30:
            return 400, {"status": 0, "errors": ["user identifier is not a valid user or group"]}
        if not fields.get("message"):
            return 400, {"status": 0, "errors": ["message cannot be blank"]}
        if fields["priority"] == "2" and not {"retry", "expire"} <= fields.keys():
            return 400, {"status": 0, "errors": ["retry and expire must be given with priority 2"]}
        self.sent.append(fields)
        receipt = {"receipt": f"r{len(self.sent):029}"} if fields["priority"] == "2" else {}
        return 200, {"status": 1, "request": "x", **receipt}


@contextmanager
def pushover_server() -> Iterator[PushoverServer]:
    state = PushoverServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name is the library's
            split = urlsplit(self.path)
            self._say(split.path, split.query)

        def do_POST(self) -> None:
            self._say(self.path, self.rfile.read(int(self.headers["Content-Length"])).decode())

        def _say(self, path: str, query: str) -> None:
            fields = {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}
            status, body = state.answer(path, fields)
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer((HOST, 0), Handler) as server:
        state.url = f"http://{HOST}:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()
