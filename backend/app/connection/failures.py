"""A failure in a form that a workflow can store and a person can read."""

from dataclasses import asdict, dataclass
from typing import Any

from app.kit.envelope import CannotDecrypt
from app.kit.problems import FailureKind, ProblemError
from app.portal.errors import PortalError
from app.telemetry.logs import get_logger
from app.telemetry.redaction import redact_text

log = get_logger("automation")


@dataclass(frozen=True, slots=True)
class Failure:
    kind: FailureKind
    code: str
    detail: str
    action: str

    @property
    def stops_everything(self) -> bool:
        """Whether nothing else of the same job can go well: another shape of page, refused credentials, dead portal."""
        return self.kind in (FailureKind.portal_changed, FailureKind.auth)

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "kind": self.kind.value}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Failure":
        return cls(FailureKind(data["kind"]), data["code"], data["detail"], data["action"])


INTERRUPTED = Failure(
    FailureKind.transient,
    "interrupted",
    "The program ended in the middle of this and could not take it up again.",
    "Start it again: what was done is kept, and nothing is done twice.",
)


def failure_of(error: Exception) -> Failure:
    """What to tell of an error. Unforeseen ones are told as such, with their type, never as something else."""
    if isinstance(error, PortalError):
        saved = f" The page was saved as {error.snapshot}." if error.snapshot else ""
        return Failure(FailureKind(error.kind), error.code, redact_text(error.message) + saved, error.action)
    if isinstance(error, ProblemError):
        return Failure(error.kind, error.code, error.detail, error.action)
    if isinstance(error, CannotDecrypt):
        return Failure(
            FailureKind.auth,
            "credentials_unreadable",
            str(error),
            "Restore the master key of this installation, or connect the WorkFossa account again in Settings.",
        )
    return Failure(
        FailureKind.transient,
        "unexpected",
        f"An unforeseen error stopped this ({type(error).__name__}: {redact_text(str(error))[:300]}).",
        "Try again. If it happens again, report it with the lines of logs/errors of this minute.",
    )


def log_failure(event: str, error: Exception, job_id: str, **data: Any) -> Failure:
    """One line of what broke, with the stack when nobody foresaw it; answers what to tell people. The part of the program
    that failed is the first part of ``event``."""
    failure = failure_of(error)
    told = {"error": {"type": failure.code, "message": failure.detail}}
    log.error(
        event,
        message=failure.detail,
        component=event.partition(".")[0],
        job_id=job_id,
        kind=failure.kind.value,
        code=failure.code,
        **({"exc_info": error} if failure.code == "unexpected" else told),
        **data,
    )
    return failure
