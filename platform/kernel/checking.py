"""What must hold for an installation to be safe and ready, asked of the running servers themselves.

`readiness` is what every process asks before it takes requests; `diagnosis` adds what an operator wants to know.
A check that fails says what to do. Nothing here changes anything.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from redis.exceptions import RedisError
from rq import Worker
from sqlalchemy import Connection, Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from alliance.platform.kernel import clock
from alliance.platform.kernel.crypto import MasterKeyError
from alliance.platform.kernel.db import open_engine
from alliance.platform.kernel.errors import AllianceError
from alliance.platform.kernel.jobs import QUEUES
from alliance.platform.kernel.revisions import head_revision, read_revision
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.texts import Text, _

OLDEST_POSTGRES = 150000
SLOW_CLOCK = timedelta(seconds=5)
LEAST_FREE_BYTES = 500_000_000

# A login that may become another one (SET ROLE) has that one's rights too.
LOGIN = """
    SELECT EXISTS (SELECT 1 FROM pg_roles AS m
                   WHERE (m.rolsuper OR m.rolbypassrls) AND pg_has_role(r.oid, m.oid, 'MEMBER')) AS above,
           rolcreatedb OR rolcreaterole AS makes,
           has_database_privilege(current_database(), 'CREATE')
           OR EXISTS (SELECT 1 FROM pg_class WHERE relowner = r.oid AND relpersistence = 'p') AS owns
    FROM pg_roles AS r WHERE rolname = current_user
"""
UNFORCED = """
    SELECT n.nspname || '.' || c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('platform', 'tenants', 'pool') AND c.relkind IN ('r', 'p')
      AND NOT (c.relrowsecurity AND c.relforcerowsecurity
               AND EXISTS (SELECT 1 FROM pg_policy WHERE polrelid = c.oid))
    ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: whether it holds, and what to do where it does not. `key` is for programs."""

    key: str
    name: Text
    holds: bool
    told: Text
    advice: Text | None = None


Look = Callable[[Connection], Check]


def readiness(services: Services) -> list[Check]:
    """Whether this process may take requests: isolation holds, the code fits the database, its servers answer."""
    return [*_database(services), *_redis(services), *_key_store(services)]


def diagnosis(services: Services) -> list[Check]:
    """Everything an operator wants to know, with advice."""
    return [
        *_database(services),
        *_clock(services),
        *_pool(services),
        *_migrator(services),
        *_redis(services),
        *_workers(services),
        *_key_store(services),
        _keys_apart(services),
        _writable(services.settings.alliance_home),
    ]


def _database(services: Services) -> list[Check]:
    """The checks that the app login can make itself."""
    looks = (_version, _login, _forced, _revision)
    return _asked(
        "database", services.database.engine, _("数据库"), looks, _("检查 APP_DATABASE_URL 和数据库服务器是否在运行")
    )


def _asked(key: str, engine: Engine, name: Text, looks: Iterable[Look], advice: Text) -> list[Check]:
    try:
        with engine.connect() as connection:
            return [look(connection) for look in looks]
    except SQLAlchemyError as problem:
        return [Check(key, name, False, _("无法使用：%(reason)s", reason=_reason(problem)), advice)]


def _version(connection: Connection) -> Check:
    number = int(connection.scalar(text("SHOW server_version_num")) or 0)
    return Check(
        "version",
        _("PostgreSQL 版本"),
        number >= OLDEST_POSTGRES,
        Text(f"{number // 10000}.{number % 10000}"),
        _("需要 PostgreSQL 15 或更新的版本"),
    )


def _login(connection: Connection) -> Check:
    row = connection.execute(text(LOGIN)).one()
    faults = [name for name, true in (("BYPASSRLS", row.above), ("CREATEROLE", row.makes), ("OWNER", row.owns)) if true]
    return Check(
        "login",
        _("应用登录的权限"),
        not faults,
        _("权限过大：%(faults)s", faults=", ".join(faults)) if faults else _("不是所有者，不能绕过行级安全"),
        _("应用必须使用 <数据库>_app 登录；运行 `alliance up`，或按 docs/operating.md 重新设置"),
    )


def _forced(connection: Connection) -> Check:
    tables = list(connection.scalars(text(UNFORCED)))
    told = _("这些表没有强制行级安全：%(tables)s", tables=", ".join(tables)) if tables else _("所有表都已强制执行")
    return Check(
        "row_security",
        _("行级安全"),
        not tables,
        told,
        _("立即停止服务，以迁移登录对这些表执行 ENABLE 和 FORCE ROW LEVEL SECURITY，并查明谁改过"),
    )


def _revision(connection: Connection) -> Check:
    found = read_revision(connection)
    newest = head_revision()
    told = _("数据库 %(found)s，程序 %(newest)s", found=found or "-", newest=newest)
    return Check("revision", _("数据库结构"), found == newest, told, _("运行 `alliance migrate`"))


def _clock(services: Services) -> list[Check]:
    def look(connection: Connection) -> Check:
        apart = abs(connection.scalar(text("SELECT clock_timestamp()")) - clock.now())
        told = _("与数据库相差 %(seconds)s 秒", seconds=f"{apart.total_seconds():.1f}")
        return Check("clock", _("时钟"), apart <= SLOW_CLOCK, told, _("在两台机器上启用时间同步"))

    return _asked("clock", services.database.engine, _("时钟"), [look], _("检查 APP_DATABASE_URL"))


def _pool(services: Services) -> list[Check]:
    name = _("汇总登录的权限")
    if services.settings.pool_database_url is None:
        return [Check("pool_login", name, False, _("没有设置 POOL_DATABASE_URL"), _("按 docs/operating.md 设置"))]

    def look(connection: Connection) -> Check:
        row = connection.execute(text(LOGIN)).one()
        enters = bool(connection.scalar(text("SELECT has_schema_privilege('tenants', 'USAGE')")))
        good = not (enters or row.above or row.makes or row.owns)
        told = _("不能读取店铺的数据") if good else _("可以读取店铺的数据，或权限过大")
        return Check("pool_login", name, good, told, _("撤销它对 tenants 的权限；它必须是 <数据库>_pool 登录"))

    return _asked("pool_login", services.database.pool_engine, name, [look], _("检查 POOL_DATABASE_URL"))


def _migrator(services: Services) -> list[Check]:
    name = _("迁移登录的权限")
    url = services.settings.migrator_database_url
    if url is None:
        return [Check("migrator_login", name, True, _("这个进程没有设置，迁移在别处运行"))]
    engine = open_engine(url.get_secret_value(), pool_size=1)

    def look(connection: Connection) -> Check:
        bypasses = bool(connection.scalar(text("SELECT rolbypassrls FROM pg_roles WHERE rolname = current_user")))
        told = _("可以校验所有行") if bypasses else _("缺少 BYPASSRLS，外键校验会漏掉行")
        return Check("migrator_login", name, bypasses, told, _("ALTER ROLE <数据库>_migrator BYPASSRLS"))

    try:
        return _asked("migrator_login", engine, name, [look], _("检查 MIGRATOR_DATABASE_URL"))
    finally:
        engine.dispose()


def _redis(services: Services) -> list[Check]:
    try:
        told = services.redis.info("server")
    except RedisError as problem:
        advice = _("检查 REDIS_URL 和 Redis 是否在运行；网页可以打开，后台任务会等待")
        return [Check("redis", Text("Redis"), False, _("没有回应：%(reason)s", reason=_reason(problem)), advice)]
    return [Check("redis", Text("Redis"), True, Text(str(told.get("redis_version", "?"))))]


def _workers(services: Services) -> list[Check]:
    name = _("后台进程")
    if services.settings.jobs == "inline":
        return [Check("workers", name, True, _("任务在提交时直接运行"))]
    try:
        served = {queue for worker in Worker.all(connection=services.redis) for queue in worker.queue_names()}
    except RedisError:
        return []  # told by the check of Redis already
    missing = [queue for queue in QUEUES if queue not in served]
    told = _("没有进程处理这些队列：%(queues)s", queues=", ".join(missing)) if missing else _("所有队列都有进程处理")
    return [Check("workers", name, not missing, told, _("运行 `alliance worker`，或用 `alliance up` 启动全部"))]


def _key_store(services: Services) -> list[Check]:
    name = _("密钥库")
    try:
        services.keys.verify()
    except MasterKeyError as problem:
        advice = _("把旧的主密钥加回 MASTER_KEYS 的末尾")
        return [Check("keys", name, False, _("缺少主密钥：%(reason)s", reason=str(problem)), advice)]
    except AllianceError as problem:
        return [Check("keys", name, False, problem.message, _("检查 KEYS_URL 和它的服务器是否在运行"))]
    return [Check("keys", name, True, _("可以使用，所有主密钥都在"))]


def _keys_apart(services: Services) -> Check:
    data = make_url(services.settings.app_database_url.get_secret_value())
    keys = make_url(services.settings.keys_url.get_secret_value())
    place = [(url.host, url.query.get("host"), url.port, url.database) for url in (data, keys)]
    apart = keys.get_backend_name() == "sqlite" or place[0] != place[1]
    told = _("与业务数据分开存放") if apart else _("和业务数据在同一个数据库")
    return Check(
        "keys_apart", _("密钥库的位置"), apart, told, _("把 KEYS_URL 设为单独的数据库，业务数据的备份不能包含它")
    )


def _writable(home: Path) -> Check:
    name, advice = _("数据目录"), _("检查目录 %(home)s 的所有者和剩余空间", home=str(home))
    try:
        with tempfile.TemporaryFile(dir=home) as probe:
            probe.write(b"\0")
    except OSError as problem:
        return Check("home", name, False, _("无法写入：%(reason)s", reason=problem.strerror or str(problem)), advice)
    free = shutil.disk_usage(home).free
    told = _("可以写入，剩余 %(free)s GB", free=f"{free / 1e9:.1f}")
    return Check("home", name, free > LEAST_FREE_BYTES, told, _("磁盘快满了，请清理或扩容"))


def _reason(problem: Exception) -> str:
    """The first line of what went wrong, without statements and their values; only operators get to see it."""
    cause = getattr(problem, "orig", None) or problem
    return f"{type(cause).__name__}: {str(cause).strip().splitlines()[0] if str(cause).strip() else ''}"
