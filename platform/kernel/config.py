"""Settings from the environment, read once at start. All that is wrong is told in one message.

`ALLIANCE_HOME` is the installation's one directory of data. Its file `settings.env` (mode 0600, written by the set-up)
holds the addresses and secrets of the embedded servers; a variable of the environment always wins over it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, model_validator
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
    # Further names to answer to beside PUBLIC_URL's, comma-separated; a leading dot takes sub-domains.
    allowed_hosts: str = ""
    # How many proxies of ours stand in front and set X-Forwarded-*; 0 ignores those headers.
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    max_upload_mb: int = Field(default=200, ge=1, le=10_000)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    smtp_url: SecretStr | None = None
    mail_from: str = "no-reply@localhost"
    # Comma-separated `host:port` that outgoing requests may reach although their address is private.
    outgoing_private_hosts: str = ""
    database_pool_size: int = Field(default=10, ge=1, le=200)
    # Whether GraphQL reads are compiled to SQL; off, everything still works, resolved in Python.
    compile_reads: bool = True
    statement_timeout_ms: int = Field(default=15_000, ge=100)
    # argon2id; tests and the demo may take less, production may not.
    password_memory_kib: int = Field(default=65_536, ge=64, le=1_048_576)
    password_time_cost: int = Field(default=3, ge=1, le=20)

    @model_validator(mode="after")
    def _strong_passwords(self) -> Settings:
        if self.alliance_env == "production" and (self.password_memory_kib < 65_536 or self.password_time_cost < 3):
            raise ValueError("production takes PASSWORD_MEMORY_KIB of 65536 and PASSWORD_TIME_COST of 3 at least")
        return self

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
