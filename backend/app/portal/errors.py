"""What can go wrong at the portal. Every error has a kind that decides what happens next (retry, sign in again, stop,
ask the person), a code for programs, a sentence for people and a sentence about what to do."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

ErrorKind = Literal["business", "transient", "auth", "portal_changed", "unknown_effect"]


class PortalError(Exception):
    """Base of everything the portal adapter raises on purpose.

    ``page`` names the kind of page ("work list", "location" …), ``snapshot`` the path of the saved, redacted page if
    one could be saved, ``details`` further facts for logs and screens (never a secret, never personal data).
    """

    kind: ClassVar[ErrorKind] = "business"
    default_code: ClassVar[str] = "portal_error"
    default_action: ClassVar[str] = "Try again; when it stays, send the saved page with a bug report."

    def __init__(
        self,
        message: str,
        *,
        page: str | None = None,
        code: str | None = None,
        action: str | None = None,
        snapshot: str | None = None,
        **details: Any,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.page = page
        self.code = code or self.default_code
        self.action = action or self.default_action
        self.snapshot = snapshot
        self.details: dict[str, Any] = details

    def as_dict(self) -> dict[str, Any]:
        """The error as JSON-ready data."""
        return {
            "kind": self.kind,
            "code": self.code,
            "page": self.page,
            "message": self.message,
            "action": self.action,
            "snapshot": self.snapshot,
            **({"details": self.details} if self.details else {}),
        }


class PortalChanged(PortalError):
    """A page has not the expected shape: nothing was read from it, nothing was guessed."""

    kind = "portal_changed"
    default_code = "portal_changed"
    default_action = (
        "Nothing was changed. Send the saved page with a bug report; the page reader has to learn the new shape."
    )


class NotExpanded(PortalChanged):
    """The dispenser group is collapsed, so its cards are not in the page."""

    default_code = "not_expanded"
    default_action = "Open the Equipment tab, click 'Show equipment' at Dispenser, and save the page again."


class ForeignPage(PortalError):
    """The page is not the one asked for: another page of the portal, or not the portal at all."""

    kind = "portal_changed"
    default_code = "foreign_page"
    default_action = "Check the address of the portal and whether the network asks for a sign-in of its own."


class ErrorPage(PortalError):
    """The portal answered with an error page."""

    kind = "transient"
    default_code = "error_page"
    default_action = "The portal reported an error. Try again in a few minutes."


class NotSignedIn(PortalError):
    """The portal answered with its sign-in page (Portal spec §1.3: recognised by content, not by address)."""

    kind = "auth"
    default_code = "not_signed_in"
    default_action = "Sign in to WorkFossa again."


class CredentialsRejected(PortalError):
    """The portal did not accept the e-mail and password."""

    kind = "auth"
    default_code = "credentials_rejected"
    default_action = "Check the e-mail and the password of the WorkFossa account and enter them again."


class PortalUnreachable(PortalError):
    """The portal could not be reached, was overloaded or refused for now. ``details``: status, retry_after (seconds)."""

    kind = "transient"
    default_code = "portal_unreachable"
    default_action = "Check the internet connection; the next attempt may succeed."


class PortalTimeout(PortalError):
    """What was awaited did not come before the deadline. ``details``: awaited, seconds."""

    kind = "transient"
    default_code = "portal_timeout"
    default_action = "The portal is slow or stuck. Try again in a few minutes."


class BrowserFailed(PortalError):
    """The browser could not be started, or went away while it was used."""

    kind = "transient"
    default_code = "browser_failed"
    default_action = (
        "Try again; when it stays, install Chrome, Edge or Chromium or set the browser's path in the settings."
    )


class LocationGone(PortalError):
    """The portal says that this location does not exist (any more)."""

    kind = "business"
    default_code = "location_gone"
    default_action = "The location was deleted in the portal. Ask the office which location the work order belongs to."


class ListIncomplete(PortalError):
    """The counts of the portal and the rows that were read disagree. ``details``: expected, found."""

    kind = "transient"
    default_code = "list_incomplete"
    default_action = "Nothing was changed. The list may have changed while it was read; try again."


class EquipmentNotOffered(PortalError):
    """The form does not offer exactly one equipment with this number. ``details``: wanted, offered (labels)."""

    kind = "business"
    default_code = "equipment_not_offered"
    default_action = (
        "Compare the dispensers of the location in the portal with the work order, then choose the form by hand."
    )


class ProverNotOffered(PortalError):
    """The form does not offer exactly one prover with this id. ``details``: wanted, offered (labels)."""

    kind = "business"
    default_code = "prover_not_offered"
    default_action = "Check that the prover is in your fleet list of the portal and chosen in the settings."


class PortalRefused(PortalError):
    """The portal did not accept what was entered. ``details``: messages (the portal's own texts)."""

    kind = "business"
    default_code = "portal_refused"
    default_action = "Read the portal's message, correct the values and try again."


class EffectUnknown(PortalError):
    """Something was sent to the portal and it could not be established what came of it."""

    kind = "unknown_effect"
    default_code = "effect_unknown"
    default_action = "Look at the visit in the portal before anything is tried again."


class FormBoundElsewhere(PortalError):
    """The form is already bound to another dispenser; a bound form is never rebound. ``details``: equipment."""

    kind = "business"
    default_code = "form_bound_elsewhere"
    default_action = "Open the visit in the portal and decide which form belongs to which dispenser."
