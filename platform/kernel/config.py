"""Settings from the environment, read once at start. All that is wrong is told in one message.

`ALLIANCE_HOME` is the installation's one directory of data. Its file `settings.env` (mode 0600, written by the set-up)
holds the addresses and secrets of the embedded servers; a variable of the environment always wins over it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class SettingsError(Exception):
    """The environment does not make a usable installation; the message lists every fault."""


class Settings(BaseSettings):
    """The installation's settings; field names in upper case are the variables' names."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    alliance_home: Path = Path(".alliance")
    alliance_env: Literal["development", "production"] = "development"
    app_database_url: SecretStr
    migrator_database_url: SecretStr | None = None
    pool_database_url: SecretStr | None = None
    keys_url: SecretStr
    redis_url: SecretStr
    secret_key: SecretStr = Field(min_length=32)
    # Comma-separated base64 keys of 32 bytes; the first one encrypts, all of them decrypt.
    master_keys: SecretStr
    jobs: Literal["rq", "inline"] = "rq"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: str = "http://127.0.0.1:8000"
    max_upload_mb: int = Field(default=200, ge=1, le=10_000)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    smtp_url: SecretStr | None = None
    mail_from: str = "no-reply@localhost"
    database_pool_size: int = Field(default=10, ge=1, le=200)
    statement_timeout_ms: int = Field(default=15_000, ge=100)

    @property
    def is_production(self) -> bool:
        """Whether strict rules hold: https cookies, no inline jobs, no folder for mail."""
        return self.alliance_env == "production"

    @property
    def secure_cookies(self) -> bool:
        """Whether pages are served over https, so that cookies may be bound to it."""
        return self.public_url.startswith("https://")


def home_from_environment() -> Path:
    """The data directory, before any settings exist: the set-up and the launcher need it first."""
    return Path(os.environ.get("ALLIANCE_HOME", ".alliance")).resolve()


def load_settings(**overrides: Any) -> Settings:
    """Settings from the environment over `settings.env` of the home. Raises SettingsError with every fault."""
    home = Path(overrides.get("alliance_home") or home_from_environment()).resolve()
    env_file = home / "settings.env"
    try:
        return Settings(
            _env_file=env_file if env_file.is_file() else None,  # type: ignore[call-arg]  # pydantic-settings takes it
            **{**overrides, "alliance_home": home},
        )
    except ValidationError as problem:
        faults = [f"  {'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in problem.errors()]
        hint = f"Run `alliance up`, or set them in the environment or in {env_file}."
        raise SettingsError("\n".join(["These settings are missing or wrong:", *faults, hint])) from None
