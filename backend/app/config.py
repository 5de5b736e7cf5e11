"""Typed settings, read from the environment once. Every variable is named in docs/user-guide.md."""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from platformdirs import user_data_path
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[2]


def _default_home() -> Path:
    return user_data_path("fossawork", appauthor=False)


def _with_driver(url: str) -> str:
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


class Settings(BaseSettings):
    """All variables start with ``FOSSAWORK_`` but ``DATABASE_URL``. Times are seconds unless a name says otherwise."""

    model_config = SettingsConfigDict(env_prefix="FOSSAWORK_", extra="ignore", populate_by_name=True)

    home: Path = Field(default_factory=_default_home)
    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    operations_database_url: str = Field(default="", description="another place for operations.db")
    logs: Path = ROOT / "logs"
    logs_quota_mb: int = Field(default=2000, ge=1, description="space of all logs, the archive included")
    logs_long_days: int = Field(default=365, ge=90, description="how long security and audit logs are kept")
    key: SecretStr | None = Field(default=None, description="base64 of 32 bytes; else the keyring, else a file in home")
    key_source: Literal["auto", "file"] = "auto"

    portal_url: str = "https://app.workfossa.com"
    sandbox_url: str | None = Field(default=None, description="a sandbox that runs elsewhere; else we run our own")
    sandbox_latency: Literal["none", "typical"] = "none"
    browser: str | None = Field(default=None, description="path of a Chrome/Chromium/Edge executable")
    show_browser: bool = False
    portal_seconds: float = Field(default=30, gt=0, description="how long one page or one save of the portal may take")
    retry_seconds: float = Field(default=1, ge=0, description="pause before the first repetition of what failed")
    location_days: int = Field(default=7, ge=0, description="a location read longer ago is read again")
    browsers_at_once: int = Field(default=2, ge=1, le=16)
    loads_per_minute_total: int = Field(
        default=240, ge=1, le=6000, description="page loads and saves a minute of all accounts together"
    )
    watchdog_seconds: float = Field(
        default=300, gt=0, description="how long one action in the browser may take before it is closed hard"
    )

    access_minutes: int = Field(default=10, ge=1, le=60)
    session_days: int = Field(default=30, ge=1, le=400)
    sign_in_per_minute: int = Field(default=10, ge=1)
    requests_per_minute: int = Field(default=1200, ge=10)
    rate_limit_storage: str = "memory://"
    secure_cookies: bool = False

    certificate: Path | None = Field(default=None, description="PEM file whose days are counted")
    metrics_token: SecretStr | None = Field(default=None, description="lets Prometheus read /metrics from elsewhere")
    pushover_url: str = "https://api.pushover.net"
    desktop_notifier: Literal["auto", "off"] = "auto"

    ui: Path = ROOT / "frontend" / "dist"
    time_zone: str = "America/New_York"

    @field_validator("home", "logs", "ui")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.expanduser().resolve()

    @property
    def sqlalchemy_url(self) -> str:
        """The application database: ``DATABASE_URL``, or a SQLite file in the home folder."""
        return _with_driver(self.database_url or f"sqlite:///{self.home / 'app.db'}")

    @property
    def engine_url(self) -> str:
        """The workflow engine's own store: beside the SQLite file, or a schema of its own in the same PostgreSQL."""
        return f"sqlite:///{self.home / 'engine.db'}" if self.is_sqlite else self.sqlalchemy_url

    @property
    def operations_url(self) -> str:
        """What the operations side knows: a file of its own, so that it survives the loss of ``app.db``; in PostgreSQL a
        schema of its own, or another server (``FOSSAWORK_OPERATIONS_DATABASE_URL``)."""
        if self.operations_database_url:
            return _with_driver(self.operations_database_url)
        return f"sqlite:///{self.home / 'operations.db'}" if self.is_sqlite else self.sqlalchemy_url

    @property
    def is_sqlite(self) -> bool:
        return self.sqlalchemy_url.startswith("sqlite")

    @property
    def snapshots(self) -> Path:
        return self.home / "snapshots"


@lru_cache
def get_settings() -> Settings:
    return Settings()
