"""One look at the server, as a client sees it."""

import json

from app.kit.asking import BadAddress, NoAnswer, TooLate, ask
from app.watch.judge import Probe, Result

PATIENCE_SECONDS = 10.0


def look(url: str, at: float) -> Probe:
    """Asks whether the server is ready. Anything but a timely yes is bad, with the reason."""
    try:
        answer = ask(f"{url}/api/health/ready", PATIENCE_SECONDS)
    except TooLate as error:
        return Probe(at, Result.bad, str(error))
    except (NoAnswer, BadAddress) as error:
        return Probe(at, Result.bad, f"not reachable ({error})")
    milliseconds = round(answer.seconds * 1000, 1)
    try:
        health = json.loads(answer.body)
        broken = [part["name"] for part in health["components"] if part["status"] not in ("ok", "degraded")]
        pages = bool(health["pages"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Probe(at, Result.bad, f"answered {answer.status}, but not as FossaWork does")
    if answer.ok:
        return Probe(at, Result.good, "", pages, milliseconds)
    return Probe(at, Result.bad, f"not ready: {', '.join(broken) or health.get('status')}", pages, milliseconds)
