"""The sandbox portal that an installation hosts for itself, while somebody's link points to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from sqlalchemy import select

from app.accounts.models import PortalLink
from app.accounts.schemas import PortalKind
from app.config import get_settings
from app.database import get_database
from sandbox.server import SandboxServer

SANDBOX_USERNAME = "tech1@sandbox.invalid"
SANDBOX_PASSWORD = "sandbox-1"  # noqa: S105  # of a synthetic account that exists in the sandbox only
_lock = Lock()
_server: SandboxServer | None = None


def ensure_sandbox() -> str:
    """Starts the sandbox unless it runs (here, or elsewhere by ``FOSSAWORK_SANDBOX_URL``); answers its address.

    What is written into it is kept in the home folder, so that it survives a restart as the real portal does.
    """
    global _server
    settings = get_settings()
    with _lock:
        if settings.sandbox_url is None:
            _server = SandboxServer(state_file=settings.home / "sandbox.json", latency=settings.sandbox_latency)
            _server.start()
            settings.sandbox_url = _server.url
    return settings.sandbox_url


def _is_linked() -> bool:
    with get_database().read() as db:
        query = select(PortalLink.user_id).where(
            PortalLink.portal == PortalKind.sandbox.value, PortalLink.base_url.is_(None)
        )
        return db.scalars(query.limit(1)).first() is not None


@contextmanager
def hosted_sandbox() -> Iterator[None]:
    """Around the engine: one process of an installation hosts the sandbox, and only while it works. Started at once when a
    link needs it, later when the first job does, and stopped after."""
    global _server
    if _is_linked():
        ensure_sandbox()
    try:
        yield
    finally:
        with _lock:
            if _server is not None:
                _server.stop()
                _server = None
                get_settings().sandbox_url = None
