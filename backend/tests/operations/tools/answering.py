"""A server on loopback that answers each path as it is told to, in the name of FossaWork or of somebody else."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from app.operations.tools.health_answer import ALWAYS


@dataclass
class Answering:
    """``answers``: HTTP status and body by path; what is not in there is 404."""

    url: str = ""
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)

    def says(self, path: str, status: int, body: Any) -> None:
        self.answers[path] = (status, body if isinstance(body, bytes) else json.dumps(body).encode())


@contextmanager
def answering() -> Iterator[Answering]:
    fake = Answering()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = fake.answers.get(self.path, (404, b""))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    fake.url = f"http://127.0.0.1:{http.server_address[1]}"
    try:
        yield fake
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def health(status: str = "ok", **states: str) -> dict[str, Any]:
    """What our server says of itself to who is no operator; ``states`` of parts that are not ok, or not among the critical."""
    parts = dict.fromkeys(sorted(ALWAYS), "ok") | states
    components = [
        {"name": name, "part_of": "server", "critical": name in ALWAYS, "status": state, "words": None}
        for name, state in parts.items()
    ]
    return {"status": status, "pages": True, "components": components}
