"""Turns errors into RFC 9457 answers."""

from uuid import uuid4

from starlette.responses import Response

from app.kit.problems import Problem, ProblemError

MEDIA_TYPE = "application/problem+json"


def problem_response(error: ProblemError, reference: str = "") -> Response:
    """The answer for an error; ``reference`` is what a person quotes and an operator searches for in the logs."""
    problem = Problem(
        type=f"urn:fossawork:problem:{error.code}",
        title=error.title,
        status=error.status,
        code=error.code,
        kind=error.kind,
        detail=error.detail,
        action=error.action,
        reference=reference or uuid4().hex[:12],
        errors=getattr(error, "errors", []),
    )
    return Response(problem.model_dump_json(), error.status, {**error.headers}, MEDIA_TYPE)
