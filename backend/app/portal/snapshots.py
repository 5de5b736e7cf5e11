"""Saved pages for bug reports: the HTML of a page that was not understood, without personal data and secrets.

Saving never masks the error it belongs to: a disk that is full or not writable gives no snapshot and a reason.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import secrets
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from app.portal.shape_terms import ShapeReport

KEPT_SNAPSHOTS = 50
_MAIL = re.compile(r"[A-Za-z0-9._%+-]+(?:@|%40|&#64;)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_PHONE = re.compile(r"(?<![\w-])(?:\+?1[ .-]?)?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?![\w-])")
_CREATED = re.compile(r"(Created by:\s*).*?(\s*\d{2}/\d{2}/\d{4})", re.IGNORECASE | re.DOTALL)
_SHOWN = re.compile(r"^.*?(\s*•)", re.DOTALL)
_SECRET_NAME = re.compile(r"token|csrf|password|secret|auth|session", re.IGNORECASE)
_GONE = "redacted"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Where a page was saved, or why it was not."""

    path: Path | None
    reason: str | None


def redact(html: str) -> str:
    """The page without contact blocks, e-mail addresses, telephone numbers, creators' names, tokens, passwords and
    scripts. What the parsers read stays in place, so that a snapshot parses like the page it was."""
    doc = LexborHTMLParser(html)
    for node in doc.css("script, noscript, iframe, object"):
        node.decompose()
    for node in doc.css(".contact-info-block, .contact-name"):
        for child in list(node.iter(include_text=True)):
            child.remove()
    for node in doc.css(".top-bar .dropdown-toggle"):
        for child in list(node.iter(include_text=True)):
            child.remove()
        node.insert_child("redacted@example.invalid")
    for node in doc.css(".work-creator"):
        title = node.attributes.get("title")
        if title:
            node.attrs["title"] = _CREATED.sub(rf"\g<1>{_GONE}\g<2>", title)
        shown = node.text()
        for child in list(node.iter(include_text=True)):
            child.remove()
        node.insert_child(_SHOWN.sub(rf"{_GONE}\g<1>", shown, count=1) if "•" in shown else _GONE)
    for node in doc.css("input, meta, [data-token]"):
        name = " ".join(node.attributes.get(key) or "" for key in ("name", "id", "type"))
        if _SECRET_NAME.search(name) or node.attributes.get("type") in {"email", "hidden"}:
            for key in ("value", "content"):
                if key in node.attributes:
                    node.attrs[key] = _GONE
        if "data-token" in node.attributes:
            node.attrs["data-token"] = _GONE
    address = re.match(r"\s*<!--\s*saved from url=\(\d+\)\S+\s*-->\s*", html, re.IGNORECASE)
    text = doc.html or ""
    if address and "saved from url" not in text:
        text = address.group(0) + text
    return _PHONE.sub(_GONE, _MAIL.sub("redacted@example.invalid", text))


def save_snapshot(html: str, page: str, directory: Path | None, *, url: str | None = None) -> Snapshot:
    """Save the redacted page as ``<time>-<page>-<random>.html.gz`` in the directory (made when it is missing, kept to
    the newest 50 files, readable by the owner only). Never raises for a full or unwritable disk or a broken page."""
    if directory is None:
        return Snapshot(None, "no directory for snapshots is set")
    try:
        text = redact(html)
        if url:
            place = url.partition("?")[0]
            text = f"<!-- saved from url=({len(place):04d}){place} -->\n{text}"
        directory.mkdir(parents=True, exist_ok=True)
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        slug = re.sub(r"[^a-z0-9]+", "-", page.lower()).strip("-") or "page"
        path = directory / f"{stamp}-{slug}-{secrets.token_hex(3)}.html.gz"
        _write(path, gzip.compress(text.encode("utf-8", "replace"), compresslevel=6))
        _prune(directory)
    except (OSError, ValueError, RuntimeError) as error:
        return Snapshot(None, f"{type(error).__name__}: {error}")
    return Snapshot(path, None)


def save_shape(report: ShapeReport, snapshot: Path) -> str | None:
    """Write the shape report of a saved page beside it, with the same name and ``.shape.json``. It says what was found
    in terms of the markup, and was made from the redacted page. The reason why it could not be written, else ``None``."""
    try:
        _write(_shape_of(snapshot), (json.dumps(report.as_dict(), indent=2) + "\n").encode())
    except OSError as error:
        return f"{type(error).__name__}: {error}"
    return None


def _shape_of(snapshot: Path) -> Path:
    return snapshot.with_name(snapshot.name.removesuffix(".html.gz") + ".shape.json")


def read_page(data: bytes) -> str:
    """The text of a saved page, gzip or plain, UTF-8 with replacement of what is not. Raises OSError when a gzip file
    is damaged."""
    if data[:2] == b"\x1f\x8b":
        try:
            data = gzip.decompress(data)
        except (EOFError, zlib.error) as error:
            raise OSError(f"damaged gzip file: {error}") from error
    return data.decode("utf-8-sig", "replace")


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
    except OSError:
        path.unlink(missing_ok=True)  # half a snapshot helps nobody
        raise


def _prune(directory: Path) -> None:
    for old in sorted(directory.glob("*.html.gz"))[:-KEPT_SNAPSHOTS]:
        old.unlink(missing_ok=True)
        _shape_of(old).unlink(missing_ok=True)
