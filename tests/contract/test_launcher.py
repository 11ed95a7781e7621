"""The embedded servers: no orphan, no foreign mode changed, healed after kill -9, shared by two, root or not."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from redis import Redis
from redis.exceptions import RedisError
from support.database import temporary_home
from support.launching import all_gone, held, hold_as, live_servers, told

from alliance.platform.kernel.embedded import places
from alliance.platform.kernel.embedded.places import REMEMBERED
from alliance.platform.kernel.embedded.postgres import PASSWORD_FILE
from alliance.platform.kernel.embedded.processes import Identity
from alliance.platform.kernel.embedded.settings_file import read_settings_file

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@pytest.fixture
def home() -> Iterator[Path]:
    with temporary_home() as made:
        yield made


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_servers_end_with_a_parent_that_is_killed(home: Path):
    with held(home) as holder:
        assert told(holder) == "True True"
        assert len(live_servers(home)) > 2
        holder.send_signal(signal.SIGKILL)
        assert all_gone(home)
    assert "database system is shut down" in (home / "postgres" / "server.log").read_text()


def test_data_and_logins_outlive_a_stop_and_a_killed_server(home: Path):
    with held(home) as holder:
        assert told(holder) == "True True"
        first = read_settings_file(home)
        with psycopg.connect(first["MIGRATOR_DATABASE_URL"]) as connection:
            connection.execute("CREATE TABLE public.kept (n int)")
        for pid in live_servers(home):
            os.kill(pid, signal.SIGKILL)
    assert (home / "postgres" / "data" / "postmaster.pid").exists()
    with held(home) as holder:
        assert told(holder) == "True True"
        assert read_settings_file(home) == first
        with psycopg.connect(first["MIGRATOR_DATABASE_URL"]) as connection:
            assert connection.execute("SELECT count(*) FROM public.kept").fetchone() == (0,)


def test_a_stale_note_whose_number_belongs_to_another_process_is_healed(home: Path):
    with held(home) as holder:
        told(holder)
    note = home / "postgres" / "data" / "postmaster.pid"
    note.write_text(f"{os.getpid()}\n{note.parent}\n1\n5432\n\n\n\nready   \n")
    with held(home) as holder:
        assert told(holder) == "True True"


def test_two_processes_share_one_server_and_the_second_leaves_it_running(home: Path):
    with held(home) as first:
        assert told(first) == "True True"
        with held(home) as second:
            assert told(second) == "False False"
        assert len(live_servers(home)) > 2
    assert all_gone(home)


def test_two_processes_that_start_at_once_make_one_server(home: Path):
    with held(home) as first, held(home) as second:
        assert sorted([told(first), told(second)]) == ["False False", "True True"]


def test_a_lost_administrator_password_is_made_anew(home: Path):
    with held(home) as holder:
        told(holder)
    (home / PASSWORD_FILE).unlink()
    with held(home) as holder:
        assert told(holder) == "True True"
    assert mode(home / PASSWORD_FILE) == 0o600


def test_secrets_and_sockets_are_private_and_passwords_are_asked_for(home: Path):
    with held(home) as holder:
        told(holder)
        assert {mode(home / name) for name in ("settings.env", PASSWORD_FILE, "redis.password")} == {0o600}
        assert mode(home / "postgres" / "run") == mode(home / "redis" / "run") == 0o700
        with pytest.raises(psycopg.OperationalError, match=r"password|fe_sendauth"):
            psycopg.connect(host=str(home / "postgres" / "run"), user="alliance_admin", dbname="alliance")
        with pytest.raises(RedisError):
            Redis(unix_socket_path=str(home / "redis" / "run" / "redis.sock")).ping()


def test_redis_refuses_commands_that_change_the_server_or_read_files(home: Path):
    with held(home) as holder:
        told(holder)
        client = Redis.from_url(read_settings_file(home)["REDIS_URL"])
        for command in (("CONFIG", "GET", "dir"), ("DEBUG", "SLEEP", "0"), ("SHUTDOWN",), ("SAVE",)):
            with pytest.raises(RedisError, match=r"permission|not allowed"):
                client.execute_command(*command)
        assert client.eval("return 1", 0) == 1


def test_data_that_lie_too_deep_for_a_socket_get_a_short_private_directory(home: Path):
    deep = home / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    for directory in (deep.parent, deep):
        directory.chmod(0o711)
    with held(deep) as holder:
        assert told(holder) == "True True"
        url = read_settings_file(deep)["APP_DATABASE_URL"]
        psycopg.connect(url).close()
        runs = list(Path("/tmp").glob(f"alliance-{os.geteuid()}-*"))
        assert {mode(path) for path in runs} == {0o700}
    for path in runs:
        shutil.rmtree(path, ignore_errors=True)


@AS_ROOT
def test_a_closed_home_of_root_keeps_its_mode_and_the_data_go_to_a_private_place(home: Path):
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    inner = closed / "alliance"
    base = places.SYSTEM_PLACE
    with held(inner) as holder:
        assert told(holder) == "True True"
        private = Path((inner / REMEMBERED).read_text().strip())
    try:
        assert mode(closed) == 0o700
        assert private.parent == base
        assert (private / "postgres" / "data" / "PG_VERSION").exists()
        with held(inner) as holder:
            assert told(holder) == "True True"
    finally:
        shutil.rmtree(private)


@AS_ROOT
def test_an_ordinary_user_runs_it_in_a_directory_of_their_own(home: Path):
    own = home / "own"
    own.mkdir(mode=0o700)
    os.chown(own, 65534, 65534)
    if not Identity(65534, 65534, switch=True).can("x", Path(psycopg.__file__).parent):
        pytest.skip("the packages lie in a directory that is closed to other users")
    fork = multiprocessing.get_context("fork")
    ours, theirs = fork.Pipe()
    process = fork.Process(target=hold_as, args=(65534, own / "alliance", theirs))
    process.start()
    assert ours.poll(60)
    assert ours.recv() == [True, True]
    assert (own / "alliance" / "postgres" / "data").stat().st_uid == 65534
    ours.send("stop")
    process.join(60)
    assert process.exitcode == 0
    assert all_gone(own / "alliance")
    assert mode(own) == 0o700


@AS_ROOT
def test_no_user_is_made(home: Path):
    before = Path("/etc/passwd").read_bytes()
    with held(home) as holder:
        told(holder)
    assert Path("/etc/passwd").read_bytes() == before
