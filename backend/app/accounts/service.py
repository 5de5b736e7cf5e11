"""Use cases of accounts: first owner, users, sign-in, rotating refresh tokens, sign-out."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session as Db

from app.accounts import tokens
from app.accounts.models import SignIn, User
from app.accounts.passwords import hash_password, verify_password
from app.accounts.schemas import PreferencesChange
from app.config import get_settings
from app.database import Only, hold
from app.kit import clock
from app.kit.ids import new_id, new_secret
from app.kit.problems import Conflict, NotFound, Unauthorized
from app.telemetry import metrics
from app.telemetry.logs import get_logger

# Two tabs may send the same refresh cookie at once: the later one is no theft, if it comes within this time.
_SAME_MOMENT = timedelta(seconds=10)
# Reserved top-level domain: no such mailbox can exist.
SANDBOX_EMAIL = "you@sandbox.invalid"
log = get_logger("backend")


class OwnerExists(Conflict):
    code = "owner_exists"
    title = "This installation has an owner already"


class EmailTaken(Conflict):
    code = "email_taken"
    title = "This e-mail is in use"


class OwnerStaysAdmin(Conflict):
    code = "owner_stays_admin"
    title = "The owner stays an administrator"


class WrongCredentials(Unauthorized):
    code = "wrong_credentials"
    title = "E-mail or password is wrong"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a client gets: an access token for requests, and a refresh token for its cookie (``None`` = keep the old one)."""

    user: User
    access_token: str
    refresh_token: str | None


def needs_owner(db: Db) -> bool:
    """Whether nobody has set up this installation. Who only tries the sandbox has not."""
    return db.scalar(select(func.count()).select_from(User).where(User.email != SANDBOX_EMAIL)) == 0


def sandbox_user(db: Db) -> User:
    """The account behind "Try the sandbox", made at the first try. Open to whoever asks, so only while there is no owner
    and with nothing in it but synthetic work; it can never be linked to the real portal."""
    hold(db, Only.first_user)  # of two first visitors at once, one becomes the owner
    if not needs_owner(db):
        raise OwnerExists("Somebody has set up this installation.", "Sign in, or ask the owner for an account.")
    return find_user(db, SANDBOX_EMAIL) or _add(db, SANDBOX_EMAIL, new_secret(), role="technician", is_owner=False)


def create_owner(db: Db, email: str, password: str) -> User:
    """The first user, an administrator. :class:`OwnerExists` when there is any user: there are no default accounts."""
    hold(db, Only.first_user)  # of two first visitors at once, one becomes the owner
    if not needs_owner(db):
        raise OwnerExists("Somebody has set up this installation before.", "Sign in, or ask the owner for an account.")
    return _add(db, email, password, role="admin", is_owner=True)


def add_user(db: Db, email: str, password: str, role: str = "technician") -> User:
    """Another user. The very first one becomes the owner."""
    if needs_owner(db):
        return create_owner(db, email, password)
    if db.scalar(select(User.id).where(User.email == email)) is not None:
        raise EmailTaken(f"There is a user {email} already.", "Choose another e-mail.")
    return _add(db, email, password, role=role, is_owner=False)


def _add(db: Db, email: str, password: str, *, role: str, is_owner: bool) -> User:
    user = User(
        id=new_id(),
        email=email,
        password_hash=hash_password(password),
        role=role,
        is_owner=is_owner,
        time_zone=get_settings().time_zone,
        work_days=[1, 2, 3, 4, 5],
        week_end_hour=17,
        created_at=clock.now(),
    )
    db.add(user)
    db.flush()
    log.info("account.created", user_id=user.id, role=role)
    return user


def people(db: Db) -> list[User]:
    """Everybody with an account of their own, in order of their e-mail."""
    return list(db.scalars(select(User).where(User.email != SANDBOX_EMAIL).order_by(User.email)))


def change_role(db: Db, user_id: str, role: str, by: str) -> User:
    """Gives a user another role; it holds from their next request on. The owner stays an administrator: there is always one."""
    user = db.get(User, user_id, with_for_update=True)
    if user is None or user.email == SANDBOX_EMAIL:
        raise NotFound("There is no such user.", "Look at the list of people.")
    if user.is_owner and role != "admin":
        raise OwnerStaysAdmin("This installation belongs to this person.", "Give the role to somebody else.")
    if user.role != role:
        log.warning("account.role_changed", user_id=user.id, old=user.role, new=role, by=by)
        user.role = role
    return user


def find_user(db: Db, email: str) -> User | None:
    return db.scalar(select(User).where(User.email == email))


def check_password(db: Db, email: str, password: str) -> User:
    """The user of these credentials; the same :class:`WrongCredentials` for a wrong password and an unknown e-mail."""
    user = find_user(db, email)
    if not verify_password(password, user.password_hash if user else None) or user is None:
        log.warning("sign_in.refused")
        metrics.SIGN_INS.labels("refused").inc()
        raise WrongCredentials(
            "No account has this e-mail and password.", "Check both and try again.", code="wrong_credentials"
        )
    return user


def open_session(db: Db, user: User) -> Grant:
    now = clock.now()
    secret = new_secret()
    sign_in = SignIn(
        id=new_id(),
        user_id=user.id,
        secret_hash=_digest(secret),
        previous_hash=None,
        rotated_at=now,
        created_at=now,
        expires_at=now + timedelta(days=get_settings().session_days),
        ended_at=None,
        ended_why=None,
    )
    db.add(sign_in)
    db.flush()
    metrics.SIGN_INS.labels("opened").inc()
    log.info("sign_in.opened", user_id=user.id, sign_in_id=sign_in.id)
    return Grant(user, tokens.make_access_token(user.id, sign_in.id), f"{sign_in.id}.{secret}")


def refresh(db: Db, refresh_token: str | None) -> Grant | None:
    """A new access token and a rotated refresh token, or ``None`` when the session is over.

    A token that was rotated away before is either stolen or a copy: the whole session ends (and that must be committed,
    which is why this answers ``None`` instead of raising).
    """
    identifier, _, secret = (refresh_token or "").partition(".")
    sign_in = db.get(SignIn, identifier, with_for_update=True) if identifier else None
    now = clock.now()
    if sign_in is None or sign_in.ended_at is not None or now >= sign_in.expires_at:
        return None
    user = db.get(User, sign_in.user_id)
    if user is None:
        return None
    digest = _digest(secret)
    if hmac.compare_digest(digest, sign_in.secret_hash):
        fresh = new_secret()
        sign_in.previous_hash, sign_in.secret_hash, sign_in.rotated_at = sign_in.secret_hash, _digest(fresh), now
        return Grant(user, tokens.make_access_token(user.id, sign_in.id), f"{sign_in.id}.{fresh}")
    is_previous = sign_in.previous_hash is not None and hmac.compare_digest(digest, sign_in.previous_hash)
    if is_previous and now - sign_in.rotated_at <= _SAME_MOMENT:
        return Grant(user, tokens.make_access_token(user.id, sign_in.id), None)
    sign_in.ended_at, sign_in.ended_why = now, "refresh_token_reused"
    metrics.ANOMALIES.labels("refresh_token_reused").inc()
    log.warning("sign_in.refresh_token_reused", user_id=user.id, sign_in_id=sign_in.id)
    return None


def end_session(db: Db, refresh_token: str | None) -> None:
    """Ends the session of this refresh token at once; its access tokens are refused from then on too."""
    identifier, _, secret = (refresh_token or "").partition(".")
    sign_in = db.get(SignIn, identifier) if identifier else None
    if sign_in is None or sign_in.ended_at is not None:
        return
    if _digest(secret) in (sign_in.secret_hash, sign_in.previous_hash):
        sign_in.ended_at, sign_in.ended_why = clock.now(), "signed_out"
        log.info("sign_in.ended", user_id=sign_in.user_id, sign_in_id=sign_in.id)


def user_of_access_token(db: Db, token: str) -> User:
    """The user behind an access token whose session still lives; :class:`Unauthorized` otherwise."""
    claims = tokens.read_access_token(token)
    user = db.scalar(
        select(User)
        .join(SignIn, SignIn.user_id == User.id)
        .where(SignIn.id == claims.sign_in_id, User.id == claims.user_id, SignIn.ended_at.is_(None))
    )
    if user is None:
        raise Unauthorized("This session has ended.", code="session_ended")
    return user


def user_of_session(db: Db, user_id: str, sign_in_id: str) -> User | None:
    """The user of a session that has neither ended nor run out, for answers that last longer than an access token."""
    return db.scalar(
        select(User)
        .join(SignIn, SignIn.user_id == User.id)
        .where(
            SignIn.id == sign_in_id,
            User.id == user_id,
            SignIn.ended_at.is_(None),
            SignIn.expires_at > clock.now(),
        )
    )


def change_preferences(user: User, change: PreferencesChange) -> None:
    if change.time_zone is not None:
        user.time_zone = change.time_zone
    if change.work_days is not None:
        user.work_days = sorted(set(change.work_days))
    if change.week_end_hour is not None:
        user.week_end_hour = change.week_end_hour


def _digest(secret: str) -> str:
    # A fast hash is right here: the secret has 256 random bits, there is nothing to guess.
    return hashlib.sha256(secret.encode()).hexdigest()
