"""Backups of the data, without the keys, and their return.

A backup is a directory: `data.dump` (the database as the migrator sees it), `blobs.tar` (the stored files, encrypted
as they are) and `about.json`. Keys are backed up apart and kept for days only, so that a destroyed key reaches every
backup: a restore is old data under the current keys. Redis holds nothing that the database does not.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import text

from alliance.platform.kernel import clock
from alliance.platform.kernel.blobs import PATH
from alliance.platform.kernel.config import Settings
from alliance.platform.kernel.db import open_engine
from alliance.platform.kernel.embedded.binaries import client_program, postgres_major
from alliance.platform.kernel.embedded.processes import SetupError, clean_environment
from alliance.platform.kernel.revisions import current_revision

DATA = "data.dump"
KEYS = "keys.dump"
BLOBS = "blobs.tar"
ABOUT = "about.json"
SCHEMAS = ("pool", "tenants", "platform")
# What libpq reads from the environment, so that no password stands in a list of processes.
VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}
LOCK_TIMEOUT = "10s"  # a web process or worker that still runs would otherwise be waited for without end


@dataclass(frozen=True)
class About:
    """What a backup says of itself: when it was taken (UTC), of which database, at which revision."""

    taken_at: str
    database: str
    revision: str | None


def write_backup(settings: Settings, target: Path) -> About:
    """Back up data and files into a new directory, whole or not at all. Refuses an existing one with SetupError."""
    if target.exists():
        raise SetupError(f"{target} is there already; a backup is never written over another.")
    url = migrator_address(settings)
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True, mode=0o700)
    about = About(clock.now().isoformat(), str(conninfo_to_dict(url)["dbname"]), current_revision(url))
    run_client("pg_dump", url, ["--format=custom", f"--file={partial / DATA}"])
    pack_blobs(settings.alliance_home / "blobs", partial / BLOBS)
    (partial / ABOUT).write_text(json.dumps(asdict(about), indent=2))
    partial.rename(target)
    return about


def restore_backup(settings: Settings, source: Path) -> About:
    """Put a backup in the place of the present data and files, which are lost. Web and workers must be stopped.

    The database is replaced in one transaction: a restore that fails changes nothing. The logins must have the names
    they had. Refuses what is not a backup, and a server of another major version, with SetupError.
    """
    about = read_about(source)
    url = migrator_address(settings)
    require_same_name(url, about)
    require_same_server(url)
    blobs = settings.alliance_home / "blobs"
    fresh = unpack_blobs(source / BLOBS, blobs)
    restore_database(url, source / DATA)
    swap_blobs(fresh, blobs)
    return about


def write_key_backup(settings: Settings, target: Path) -> None:
    """Back up the key store into one file, to be kept apart from the data and no longer than seven days."""
    if target.exists():
        raise SetupError(f"{target} is there already; a backup is never written over another.")
    partial = target.with_name(f".{target.name}.partial")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial.touch(mode=0o600)
    run_client("pg_dump", key_address(settings), ["--format=custom", f"--file={partial}"])
    partial.rename(target)


def restore_key_backup(settings: Settings, source: Path) -> None:
    """Bring a lost key store back. Refuses, with SetupError, while it has keys: destroyed ones stay destroyed."""
    url = key_address(settings)
    if has_keys(url):
        raise SetupError("The key store holds keys. Bringing an older one back would revive keys that were destroyed.")
    require_same_server(url)
    run_client(
        "pg_restore",
        url,
        ["--clean", "--if-exists", "--no-owner", "--single-transaction", f"--dbname={_name(url)}", str(source)],
    )


def restore_database(url: str, dump: Path) -> None:
    """Replace our schemas by the dump's in one transaction, streamed from one program into the other."""
    drops = f"SET lock_timeout = '{LOCK_TIMEOUT}';\n"
    drops += "".join(f"DROP SCHEMA IF EXISTS {schema} CASCADE;\n" for schema in SCHEMAS)
    drops += "DROP TABLE IF EXISTS public.schema_version;\n"
    writer = subprocess.Popen(  # noqa: S603 (argv is ours)
        [client_program("psql"), "--single-transaction", "--set=ON_ERROR_STOP=1", "--quiet", "--no-psqlrc", "--file=-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=clean_environment(client_address(url)),
    )
    reader = None
    try:
        if writer.stdin:
            writer.stdin.write(drops.encode())
            writer.stdin.flush()
        reader = subprocess.run(  # noqa: S603 (argv is ours)
            [client_program("pg_restore"), "--no-owner", "--file=-", str(dump)],
            stdout=writer.stdin,
            stderr=subprocess.PIPE,
            check=False,
            env=clean_environment(),
        )
    finally:
        # Its input ends only when all of it came; else it would commit the part that did.
        if reader is None or reader.returncode != 0:
            writer.kill()
        _unused, told = writer.communicate()
    if reader.returncode != 0 or writer.returncode != 0:
        reasons = (told + reader.stderr).decode(errors="replace").strip()
        raise SetupError(f"The database was not restored and is as it was:\n{reasons}")


def run_client(program: str, url: str, arguments: Sequence[str]) -> None:
    """Run a client program on the database of this address. SetupError with what it said where it fails."""
    done = subprocess.run(  # noqa: S603 (argv is ours)
        [client_program(program), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
        env=clean_environment(client_address(url)),
    )
    if done.returncode != 0:
        raise SetupError(f"{program} failed:\n{done.stderr.decode(errors='replace').strip()}")


def client_address(url: str) -> dict[str, str]:
    """The address as environment variables of the client programs."""
    parts = conninfo_to_dict(url)
    return {variable: str(parts[name]) for name, variable in VARIABLES.items() if parts.get(name)}


def pack_blobs(blobs: Path, target: Path) -> None:
    """Put the stored files into one archive, without those that are just coming in or going."""
    with tarfile.open(target, "w") as archive:
        for path in sorted(blobs.glob("??/*")):
            # One that was deleted since the walk began must not fail the whole backup.
            with suppress(FileNotFoundError):
                archive.add(path, arcname=f"{path.parent.name}/{path.name}")


def unpack_blobs(source: Path, blobs: Path) -> Path:
    """Put the archive's files beside the present ones; `swap_blobs` exchanges them."""
    fresh = blobs.with_name("blobs.restored")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True, mode=0o700)
    with tarfile.open(source) as archive:
        for member in archive:
            packed = archive.extractfile(member)
            if packed is None:
                continue
            if not PATH.fullmatch(member.name):
                raise SetupError(f"{source} is not an archive of stored files: it holds {member.name}.")
            target = fresh / member.name
            target.parent.mkdir(mode=0o700, exist_ok=True)
            with packed, target.open("xb") as stream:
                shutil.copyfileobj(packed, stream)
            target.chmod(0o600)
    return fresh


def swap_blobs(fresh: Path, blobs: Path) -> None:
    """Put the restored files in the place of the present ones."""
    old = blobs.with_name("blobs.replaced")
    shutil.rmtree(old, ignore_errors=True)
    if blobs.exists():
        blobs.rename(old)
    fresh.rename(blobs)
    shutil.rmtree(old, ignore_errors=True)


def read_about(source: Path) -> About:
    """What the backup says of itself. SetupError where it is none or not whole."""
    missing = [name for name in (ABOUT, DATA, BLOBS) if not (source / name).is_file()]
    if missing:
        raise SetupError(f"{source} is not a whole backup: {', '.join(missing)} is missing.")
    return About(**json.loads((source / ABOUT).read_text()))


def require_same_name(url: str, about: About) -> None:
    """Refuse a database of another name: its rights name logins after the database."""
    if _name(url) != about.database:
        raise SetupError(f"The backup is of the database {about.database}; restore it into one of that name.")


def require_same_server(url: str) -> None:
    """Refuse a server of another major version than our programs: their scripts would not fit."""
    engine = open_engine(url, pool_size=1)
    try:
        with engine.connect() as connection:
            major = int(connection.scalar(text("SHOW server_version_num"))) // 10000
    finally:
        engine.dispose()
    if major != postgres_major():
        raise SetupError(
            f"The server is PostgreSQL {major}, our programs are {postgres_major()}. "
            "Use that server's own pg_restore, as docs/operating.md shows."
        )


def has_keys(url: str) -> bool:
    """Whether the key store at this address holds any key."""
    engine = open_engine(url, pool_size=1)
    try:
        with engine.connect() as connection:
            if connection.scalar(text("SELECT to_regclass('public.shop_key')")) is None:
                return False
            return bool(connection.scalar(text("SELECT EXISTS (SELECT 1 FROM shop_key)")))
    finally:
        engine.dispose()


def migrator_address(settings: Settings) -> str:
    """The migrator's address: only it sees every row. SetupError where it is not configured."""
    if settings.migrator_database_url is None:
        raise SetupError("MIGRATOR_DATABASE_URL is not set; only that login sees every row.")
    return settings.migrator_database_url.get_secret_value()


def key_address(settings: Settings) -> str:
    """The key store's address. Refuses one in a file, which is copied as a file, with SetupError."""
    url = settings.keys_url.get_secret_value()
    if not url.startswith("postgres"):
        raise SetupError("The key store is a file (KEYS_URL); copy that file while web and workers are stopped.")
    return url


def _name(url: str) -> str:
    return str(conninfo_to_dict(url)["dbname"])
