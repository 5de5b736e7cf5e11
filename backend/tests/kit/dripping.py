"""A server on loopback that answers a little at a time, for ever: each single wait for it is short, and the whole never ends."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"


@contextmanager
def dripping(head: bytes = HEAD, drop: bytes = b"1\r\n \r\n", pause: float = 0.02) -> Iterator[str]:
    """Its address. It sends ``head`` at once and then a ``drop`` after each ``pause``."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip(connection: socket.socket) -> None:
            with connection:
                try:
                    connection.recv(65536)
                    connection.sendall(head)
                    while not over.wait(pause):
                        connection.sendall(drop)
                except OSError:
                    return  # who asked has gone away

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=drip, args=(connection,), daemon=True).start()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)
