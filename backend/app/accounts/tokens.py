"""Access tokens: short, signed, of one type, for one audience."""

from dataclasses import dataclass
from datetime import timedelta

import jwt

from app.accounts.keys import get_envelope
from app.config import get_settings
from app.kit import clock
from app.kit.problems import Unauthorized
from app.telemetry import metrics

_ALGORITHM = "HS256"
_ISSUER = "fossawork"
_AUDIENCE = "fossawork-api"


@dataclass(frozen=True, slots=True)
class AccessClaims:
    user_id: str
    sign_in_id: str


def access_seconds() -> int:
    return get_settings().access_minutes * 60


def make_access_token(user_id: str, sign_in_id: str) -> str:
    now = clock.now()
    claims = {
        "sub": user_id,
        "sid": sign_in_id,
        "typ": "access",
        "iss": _ISSUER,
        "aud": _AUDIENCE,
        "iat": now,
        "exp": now + timedelta(seconds=access_seconds()),
    }
    return jwt.encode(claims, _signing_key(), algorithm=_ALGORITHM)


def read_access_token(token: str) -> AccessClaims:
    """The claims of a token that is ours, whole and not expired; :class:`Unauthorized` otherwise."""
    try:
        claims = _read_claims(token)
    except Unauthorized as error:
        metrics.TOKENS.labels("access", error.code).inc()
        raise
    metrics.TOKENS.labels("access", "accepted").inc()
    return claims


def _read_claims(token: str) -> AccessClaims:
    try:
        claims = jwt.decode(
            token,
            _signing_key(),
            algorithms=[_ALGORITHM],
            audience=_AUDIENCE,
            issuer=_ISSUER,
            options={"require": ["sub", "sid", "typ", "exp", "iat"], "verify_exp": False, "verify_iat": False},
        )
    except jwt.InvalidTokenError as error:
        raise Unauthorized("The access token is not valid.", code="token_invalid") from error
    if claims["typ"] != "access":
        raise Unauthorized("This token is not an access token.", code="token_invalid")
    # Compared with the house's clock, so that expiry can be tested and one clock decides everything.
    if clock.now().timestamp() >= claims["exp"]:
        raise Unauthorized("The access token has expired.", code="token_expired")
    return AccessClaims(str(claims["sub"]), str(claims["sid"]))


def _signing_key() -> bytes:
    return get_envelope().derive("access-token")
