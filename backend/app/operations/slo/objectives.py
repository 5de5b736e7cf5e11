"""The service level objectives, exactly the seed's table. Defined once: the page, the alerts, Prometheus' rules and the
documents are made from these."""

from dataclasses import dataclass
from datetime import timedelta

from app.operations import thresholds

WINDOW = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Objective:
    """``target``: the share of events that must be good. ``parts``: series that must each meet it, ``("",)`` for one.
    ``minimum``: with fewer events nothing is judged (one failed form of three says nothing). ``limit_seconds``: an event is
    good when it took at most this; ``None``: when it succeeded."""

    id: str
    title: str
    target: float
    promise: str
    indicator: str
    source: str
    minimum: int
    parts: tuple[str, ...] = ("",)
    limit_seconds: float | None = None
    window: timedelta = WINDOW


OBJECTIVES: tuple[Objective, ...] = (
    Objective(
        id="availability",
        title="Availability",
        target=thresholds.AVAILABILITY,
        promise="99.5 % up, without planned maintenance",
        indicator="Good probes of all probes of the watcher, one each 30 s; probes in a planned maintenance window and probes "
        "that were not made count neither way",
        source="probes",
        minimum=20,
    ),
    Objective(
        id="response_time",
        title="Response time",
        target=thresholds.RESPONSE_SHARE,
        promise="95 % of requests under 2 s",
        indicator="Server time of API requests, without health checks, metrics and streams",
        source="requests",
        minimum=20,
        limit_seconds=thresholds.RESPONSE_SECONDS,
    ),
    Objective(
        id="authentication",
        title="Authentication",
        target=thresholds.RESPONSE_SHARE,
        promise="95 % of sign-ins and of token checks under 500 ms",
        indicator="Time of a sign-in at FossaWork, and of the check of a token; the portal's own sign-in is not in it",
        source="authentication",
        minimum=20,
        parts=("sign_in", "token"),
        limit_seconds=thresholds.SIGN_IN_SECONDS,
    ),
    Objective(
        id="form_automation",
        title="Form automation",
        target=thresholds.FORM_SUCCESS,
        promise="95 % of forms proven",
        indicator="Forms proven by reading back, of all forms that were worked on; what a person stopped or skipped is left out",
        source="forms",
        minimum=10,
    ),
    Objective(
        id="data_sync",
        title="Data sync",
        target=thresholds.RESPONSE_SHARE,
        promise="95 % of syncs at home within 5 min",
        indicator="From the moment a sync is due (asked for) to its good end; syncs that the portal refused for the person's "
        "password are left out",
        source="syncs",
        minimum=5,
        limit_seconds=thresholds.SYNC_SECONDS,
    ),
    Objective(
        id="recovery",
        title="Recovery time",
        target=1.0,
        promise="Every P1 and P2 incident recovered within 15 min",
        indicator="From an incident's detection to its recovery; an open one counts against it once its time is over",
        source="incidents",
        minimum=1,
        limit_seconds=thresholds.RECOVERY.total_seconds(),
    ),
)
BY_ID = {objective.id: objective for objective in OBJECTIVES}
