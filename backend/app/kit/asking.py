"""One question to a server, whose answer has to be here by a deadline as a whole, and not be too long.

An HTTP client's own timeout starts anew with each byte, so a server that drips holds whoever asks for ever. Here every wait
on the network is only as long as is left. (The system's resolver of names keeps its own time.)
"""

import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpcore2

MOST_BYTES = 4_000_000
_OK = 200


class NoAnswer(Exception):
    """Nobody answered; the text says why in a word or two."""


class TooLate(NoAnswer):
    """The answer was not all here in time."""


class BadAddress(Exception):
    """It is no address of a server; the text says so."""


@dataclass(frozen=True, slots=True)
class Answer:
    """``seconds``: until all of it was here."""

    status: int
    body: bytes
    seconds: float

    @property
    def ok(self) -> bool:
        return self.status == _OK


def checked(url: str) -> str:
    """An address that can be asked, without a slash at its end. Raises :class:`BadAddress`."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        url.encode("ascii")
    except ValueError:  # brackets, ports and letters that are none
        known = False
    if not known or any(letter <= " " or letter == "\x7f" for letter in url):
        raise BadAddress(f"{url!r} is no address of a server, such as http://127.0.0.1:8000")
    return url.rstrip("/")


def ask(
    url: str,
    seconds: float,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    most_bytes: int = MOST_BYTES,
) -> Answer:
    """The answer to one request. Follows no other address, and uses no proxy. Raises :class:`NoAnswer`, :class:`BadAddress`."""
    checked(url)
    started = time.monotonic()
    backend = _Bounded(started + seconds)
    sent: list[tuple[bytes | str, bytes | str]] = [
        ("Host", urlsplit(url).netloc.rpartition("@")[2]),
        ("Accept", "*/*"),
        ("User-Agent", "fossawork"),
        *(headers or {}).items(),
    ]
    # Without TLS nobody's certificates are read: that would take longer than the question.
    context = ssl.create_default_context() if url.startswith("https:") else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    found = bytearray()
    try:
        with (
            httpcore2.ConnectionPool(ssl_context=context, network_backend=backend) as pool,
            pool.stream(method, url, headers=sent, content=body) as response,
        ):
            for part in response.iter_stream():
                found += part
                if len(found) > most_bytes:
                    raise NoAnswer(f"more than {most_bytes} bytes")
    except httpcore2.TimeoutException:
        raise TooLate(f"no answer within {seconds:g} s") from None
    except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
        raise NoAnswer(type(error).__name__) from None
    return Answer(response.status, bytes(found), time.monotonic() - started)


class _Bounded(httpcore2.SyncBackend):
    """The network, on which nothing lasts longer than until the deadline."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """One address of the host after the other, all of them within the deadline."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(str(error)) from None
        failure = httpcore2.ConnectError(f"{host} has no address")
        for *_, address in found:
            try:
                stream = super().connect_tcp(
                    str(address[0]), port, _left(self._deadline), local_address, socket_options
                )
            except httpcore2.ConnectError as error:
                failure = error
            else:
                return _BoundedStream(stream, self._deadline)
        raise failure


class _BoundedStream(httpcore2.NetworkStream):
    """A connection that ends with the deadline."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline))
        return _BoundedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float) -> float:
    """Seconds until the deadline. (A timeout of 0 would mean not to wait at all, and fail otherwise.)"""
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout("the deadline is over")
    return left
