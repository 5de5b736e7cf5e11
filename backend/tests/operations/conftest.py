"""What tests of operations share."""

import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn

from app.database import Database
from app.main import create_app


@pytest.fixture
def address(sqlite: Database) -> Iterator[str]:
    """The API on a real socket."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()  # who asks before the server is up waits
        server = uvicorn.Server(uvicorn.Config(create_app(), log_config=None, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()
