"""Health, open to everybody: probes have no token. Only operators are told more than states."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app import __version__
from app.accounts.service import user_of_access_token
from app.database import get_database
from app.kit import clock
from app.operations.health.schemas import ComponentView, Health, Live
from app.operations.health.service import LAUNCH, Report, keeper, pages
from app.operations.health.tree import State

router = APIRouter(tags=["health"])
_bearer = HTTPBearer(auto_error=False, description="Optional: operators are told more")
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
_ANSWERS: dict[int | str, dict[str, Any]] = {
    503: {"model": Health, "description": "A critical part does not work, or its state is unknown"}
}


@router.head("/api/health", include_in_schema=False)  # for `curl -I`; the server leaves the body out
@router.get("/api/health", responses=_ANSWERS)
def read_health(response: Response, header: Bearer = None) -> Health:
    """200 when all critical parts work (also when something else is degraded), 503 otherwise."""
    return _answer(response, keeper.report(), operator=_is_operator(header))


@router.head("/health", include_in_schema=False)
@router.get("/health", include_in_schema=False)
def read_health_alias(response: Response) -> Health:
    """What probes of other systems ask for by habit."""
    return _answer(response, keeper.report(), operator=False)


@router.head("/api/health/ready", include_in_schema=False)
@router.get("/api/health/ready", responses=_ANSWERS)
def read_health_ready(response: Response) -> Health:
    """Whether requests can be served: the critical parts alone."""
    report = keeper.report()
    core = Report(tuple(component for component in report.components if component.critical), report.at)
    return _answer(response, core, operator=False)


@router.head("/api/health/live", include_in_schema=False)
@router.get("/api/health/live")
def read_health_live() -> Live:
    """Whether the process answers. Looks at nothing else."""
    return Live(status=State.ok, launch=LAUNCH)


def _answer(response: Response, report: Report, *, operator: bool) -> Health:
    status = report.status
    response.status_code = 200 if status in (State.ok, State.degraded) else 503
    response.headers["Cache-Control"] = "no-store"
    database = report.of("database")
    return Health(
        status=status,
        database=database.finding.state if database else State.unknown,
        version=__version__,
        time=clock.now(),
        age_seconds=report.age_seconds(),
        launch=LAUNCH,
        pages=pages(),
        components=[
            ComponentView(
                name=component.name,
                part_of=component.part_of,
                critical=component.critical,
                status=component.finding.state,
                words=component.finding.words if operator else None,
                milliseconds=component.milliseconds if operator else None,
                data=component.finding.data if operator else None,
            )
            for component in report.components
        ],
    )


def _is_operator(header: HTTPAuthorizationCredentials | None) -> bool:
    """Whether a valid token of an operator came along. Whatever is wrong with it makes the answer shorter, not an error."""
    if header is None:
        return False
    try:
        with get_database().read() as db:
            return user_of_access_token(db, header.credentials).role in ("operator", "admin")
    except Exception:
        return False
