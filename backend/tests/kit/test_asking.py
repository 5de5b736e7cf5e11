"""A question ends by its deadline, whatever the other side does."""

import json
import socket
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from app.kit.asking import BadAddress, NoAnswer, TooLate, ask, checked
from backend.tests.kit.dripping import HEAD, dripping


@pytest.mark.parametrize("head", [HEAD, HEAD[:40], b""], ids=["body", "headers", "first line"])
def test_a_server_that_drips_holds_nobody(head: bytes) -> None:
    drop = b"1\r\n \r\n" if head == HEAD else b"x"
    started = time.monotonic()
    with dripping(head, drop) as url, pytest.raises(TooLate, match=r"no answer within 0\.3 s"):
        ask(url, 0.3)
    assert time.monotonic() - started < 3


def test_an_answer_without_an_end_is_not_kept_in_memory() -> None:
    much = b"x" * 10_000
    with dripping(drop=b"2710\r\n" + much + b"\r\n", pause=0.001) as url, pytest.raises(NoAnswer, match="more than"):
        ask(url, 20, most_bytes=50_000)


def test_a_whole_answer_comes_with_its_status_and_time() -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = self.rfile.read(int(self.headers["Content-Length"]))
            body = json.dumps([self.headers["Host"], self.headers["X-One"], self.path, said.decode()]).encode()
            self.send_response(418)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = Thread(target=http.handle_request)
        thread.start()
        host = f"127.0.0.1:{http.server_address[1]}"
        found = ask(f"http://{host}/a?b=c", 10, method="POST", headers={"X-One": "1"}, body=b"said")
        thread.join()
    assert (found.status, found.ok, json.loads(found.body)) == (418, False, [host, "1", "/a?b=c", "said"])
    assert 0 < found.seconds < 10


def test_nobody_there_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoAnswer, match="ConnectError"):
        ask("http://127.0.0.1:9", 5)
    with dripping(b"SSH-2.0-x\r\n", b"\r\n\r\n") as url, pytest.raises(NoAnswer, match="ProtocolError"):
        ask(url, 5)
    with dripping() as url, pytest.raises(NoAnswer, match="ConnectError"):
        ask(url.replace("http:", "https:"), 5)

    def no_name(*_: object, **__: object) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_name)
    with pytest.raises(NoAnswer, match="ConnectError"):
        ask("http://nowhere.example", 5)


def test_the_second_address_of_a_host_is_tried_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with dripping(b"HTTP/1.1 204 No Content\r\n\r\n") as url:
        port = int(url.rpartition(":")[2])
        addresses = [(2, 1, 6, "", (ip, port)) for ip in ("127.0.0.9", "127.0.0.1")]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: addresses)
        assert ask("http://two.example:1", 5).status == 204


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://",
        "http://[::1",
        "http://a:b",
        "http://a:99999",
        "ftp://a",
        "127.0.0.1:8000",
        "http://ä",
        "http://a b",
    ],
)
def test_what_is_no_address_is_not_asked(url: str) -> None:
    with pytest.raises(BadAddress, match="no address"):
        ask(url, 1)


def test_an_address_ends_without_a_slash() -> None:
    assert checked("https://[::1]:8000/") == "https://[::1]:8000"
