"""Fixtures of the notification tests."""

from collections.abc import Iterator

import pytest

from app.database import Database
from app.kit.clock import VirtualClock
from backend.tests.notifications.home import NOW, set_up
from backend.tests.notifications.servers import (
    Authority,
    MailServer,
    PushoverServer,
    authority,
    mail_server,
    pushover_server,
)


@pytest.fixture(scope="session")
def ca() -> Authority:
    return authority()


@pytest.fixture
def pushover() -> Iterator[PushoverServer]:
    with pushover_server() as server:
        yield server


@pytest.fixture
def clock() -> Iterator[VirtualClock]:
    with VirtualClock(NOW) as running:
        yield running


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def configured(operations: Database, clock: VirtualClock, mail: MailServer, pushover: PushoverServer) -> Database:
    """Both channels lead to our own servers."""
    set_up(operations, mail.port, pushover)
    return operations
