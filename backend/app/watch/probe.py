"""One look at the server, as a client sees it."""

import time

import httpx2 as httpx

from app.watch.judge import Probe, Result

PATIENCE_SECONDS = 10.0


def look(client: httpx.Client, url: str, at: float) -> Probe:
    """Asks whether the server is ready. Anything but a timely yes is bad, with the reason."""
    started = time.perf_counter()
    try:
        answer = client.get(f"{url}/api/health/ready", timeout=PATIENCE_SECONDS)
        milliseconds = round((time.perf_counter() - started) * 1000, 1)
    except httpx.TimeoutException:
        return Probe(at, Result.bad, f"no answer within {PATIENCE_SECONDS:g} s")
    except httpx.HTTPError as error:
        return Probe(at, Result.bad, f"not reachable ({type(error).__name__})")
    try:
        health = answer.json()
        broken = [part["name"] for part in health["components"] if part["status"] not in ("ok", "degraded")]
        pages = bool(health["pages"])
    except (ValueError, KeyError, TypeError):
        return Probe(at, Result.bad, f"answered {answer.status_code}, but not as FossaWork does")
    if answer.status_code == httpx.codes.OK:
        return Probe(at, Result.good, "", pages, milliseconds)
    return Probe(at, Result.bad, f"not ready: {', '.join(broken) or health.get('status')}", pages, milliseconds)
