"""Fixtures of the notification tests."""

from collections.abc import Iterator

import pytest

from backend.tests.notifications.servers import Authority, PushoverServer, authority, pushover_server


@pytest.fixture(scope="session")
def ca() -> Authority:
    return authority()


@pytest.fixture
def pushover() -> Iterator[PushoverServer]:
    with pushover_server() as server:
        yield server
