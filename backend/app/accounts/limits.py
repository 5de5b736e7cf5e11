"""Rate limits: counted per person where there is one, per address otherwise, so that nobody blocks somebody else's UI."""

import hashlib
import math
import time
from functools import lru_cache

from limits import RateLimitItemPerMinute
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter
from starlette.types import ASGIApp, Receive, Scope, Send

from app.config import get_settings
from app.kit.problem_answers import problem_response
from app.kit.problems import TooManyRequests
from app.telemetry import metrics
from app.telemetry.origin import request_id

# A minute. A tab sends what it has to report every five seconds at most.
_REPORTS_OF_A_PERSON, _REPORTS_OF_AN_ADDRESS, _REPORTS_OF_STRANGERS = 60, 6, 30


@lru_cache
def _limiter() -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(storage_from_string(get_settings().rate_limit_storage))


def forget_all() -> None:
    """Starts counting anew (after a change of settings)."""
    _limiter.cache_clear()


def _hit(per_minute: int, *names: str) -> None:
    item = RateLimitItemPerMinute(per_minute)
    if _limiter().hit(item, *names):
        return
    window = _limiter().get_window_stats(item, *names)
    seconds = max(1, math.ceil(window.reset_time - time.time()))
    metrics.RATE_LIMITED.labels(names[0]).inc()
    raise TooManyRequests(
        f"More than {per_minute} requests came within a minute.",
        f"Wait {seconds} seconds, then try again.",
        headers={"Retry-After": str(seconds)},
    )


def limit_sign_in(address: str, email: str) -> None:
    """Attempts per account and address, and per address over all accounts (three times as many)."""
    per_minute = get_settings().sign_in_per_minute
    _hit(per_minute, "sign-in", address, hashlib.sha256(email.encode()).hexdigest())
    _hit(per_minute * 3, "sign-in", address)


def limit_reports(address: str, user_id: str | None) -> None:
    """What browsers report of themselves: per person, and much less for people who are not signed in."""
    if user_id is not None:
        _hit(_REPORTS_OF_A_PERSON, "reports", user_id)
        return
    _hit(_REPORTS_OF_AN_ADDRESS, "reports", "anonymous", address)
    _hit(_REPORTS_OF_STRANGERS, "reports", "anonymous")


class RequestLimit:
    """ASGI middleware over ``/api``: one count per access token, else per client address."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] == "http"
            and scope["path"].startswith("/api/")
            and not scope["path"].startswith("/api/health")
        ):
            try:
                _hit(get_settings().requests_per_minute, "api", _caller(scope))
            except TooManyRequests as error:
                await problem_response(error, request_id())(scope, receive, send)
                return
        await self.app(scope, receive, send)


def _caller(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"authorization":
            return hashlib.sha256(value).hexdigest()
    return str(scope["client"][0]) if scope.get("client") else "local"
