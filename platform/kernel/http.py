"""Requests we send to addresses that people typed in: webhooks, carriers, identity providers.

Only public addresses are reached, unless the operator named a host. The name is resolved once, every answer is
checked, and the connection goes to the very address that was checked, so that a name cannot change in between; each
redirect is checked anew, and the caller's headers (a signature, a token) stay with the first host. Plain http only in
development. Size and time are bounded, however slowly a peer drips. Call it from a job: one may take the whole time.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import httpx

from alliance.platform.kernel.config import Settings
from alliance.platform.kernel.errors import BadInputError, LimitExceededError, UnavailableError
from alliance.platform.kernel.texts import _

MAX_REDIRECTS = 3
MAX_BYTES = 2 * 1024 * 1024
MAX_SECONDS = 15.0
USER_AGENT = "LinliReturns/1"
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# What the standard library calls global and still is not a peer on the open internet.
REFUSED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "168.63.129.16/32",  # a cloud's metadata service on a public number
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # 6to4 relays
        "2001::/23",  # Teredo and other protocol assignments
        "2002::/16",  # 6to4: an IPv4 address inside
        "3fff::/20",  # documentation
    )
)
GLOBAL_IPV6 = ipaddress.IPv6Network("2000::/3")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What may be reached: plain http, and hosts (`name:port`) that may have private addresses."""

    allow_http: bool = False
    private_hosts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Answer:
    """A peer's whole answer; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def outgoing_policy(settings: Settings) -> Outgoing:
    """The installation's rule: https only outside development, private hosts as the operator listed them."""
    hosts = frozenset(host.strip().lower() for host in settings.outgoing_private_hosts.split(",") if host.strip())
    return Outgoing(allow_http=not settings.is_production, private_hosts=hosts)


def fetch(
    policy: Outgoing,
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    content: bytes = b"",
    max_bytes: int = MAX_BYTES,
    max_seconds: float = MAX_SECONDS,
) -> Answer:
    """Send one request and read the whole answer. Only GET follows redirects, at most three.

    A forbidden address is BadInputError, silence or a broken connection UnavailableError, too much LimitExceededError.
    """
    deadline = time.monotonic() + max_seconds
    sent = {"User-Agent": USER_AGENT, **(headers or {}), "Accept-Encoding": "identity"}
    with httpx.Client(
        transport=CheckedTransport(policy, deadline=deadline, private=frozenset(headers or {})),
        follow_redirects=method == "GET",
        max_redirects=MAX_REDIRECTS,
        timeout=httpx.Timeout(max_seconds / 2),
        trust_env=False,
    ) as client:
        try:
            with client.stream(method, url, headers=sent, content=content) as response:
                body = _read(response, max_bytes=max_bytes, deadline=deadline)
                return Answer(response.status_code, dict(response.headers), body)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise BadInputError(_("网址无效")) from None
        except httpx.HTTPError as problem:
            raise UnavailableError(_("对方服务器没有正常响应，请稍后重试")) from problem


class CheckedTransport(httpx.BaseTransport):
    """Resolves, checks and pins the address of every request, redirects included.

    No connection is kept: two names on one address must not share a connection whose certificate was checked for one.
    """

    def __init__(self, policy: Outgoing, *, deadline: float, private: frozenset[str]) -> None:
        self._policy, self._deadline, self._private = policy, deadline, private
        self._first: tuple[str, str, int | None] | None = None
        self._transport = httpx.HTTPTransport(trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request to the address that was checked, under the name that was asked for."""
        address = check_url(self._policy, request.url)
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise httpx.ReadTimeout("the time is over", request=request)
        pinned = httpx.Request(
            request.method,
            request.url.copy_with(host=str(address)),
            headers=self._headers_for(request),
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": request.url.host},
        )
        with _cut_after(left) as trace:
            pinned.extensions["trace"] = trace
            return self._transport.handle_request(pinned)

    def _headers_for(self, request: httpx.Request) -> httpx.Headers:
        """The request's headers; on another origin than the first without those that the caller gave."""
        origin = (request.url.scheme, request.url.host, request.url.port)
        self._first = self._first or origin
        headers = request.headers.copy()
        for name in self._private if origin != self._first else ():
            headers.pop(name, None)
        return headers

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()


@contextmanager
def _cut_after(seconds: float) -> Iterator[Callable[[str, Mapping[str, Any]], None]]:
    """Shut the connection down when the time is over: a timeout per read never ends a peer that drips its headers.

    Gives the callback by which the connection tells of its socket.
    """
    sockets: list[socket.socket] = []
    over = threading.Event()

    def cut() -> None:
        over.set()
        for one in sockets:
            _shut_down(one)

    def trace(event: str, told: Mapping[str, Any]) -> None:
        if event in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            sockets.append(told["return_value"].get_extra_info("socket"))
            if over.is_set():
                _shut_down(sockets[-1])

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield trace
    finally:
        timer.cancel()


def _shut_down(one: socket.socket) -> None:
    with suppress(OSError):
        # Past the TLS layer, which another thread is reading from.
        socket.socket.shutdown(one, socket.SHUT_RDWR)


def check_url(policy: Outgoing, url: httpx.URL) -> Address:
    """The address to connect to. BadInputError for another scheme, a login in the URL, or any address not public."""
    if url.scheme != "https" and not (url.scheme == "http" and policy.allow_http):
        raise BadInputError(_("网址必须以 https:// 开头"))
    if url.userinfo or not url.host:
        raise BadInputError(_("网址无效"))
    port = url.port or (443 if url.scheme == "https" else 80)
    addresses = resolve(url.host, port)
    if f"{url.host.lower()}:{port}" not in policy.private_hosts and not all(is_public(a) for a in addresses):
        raise BadInputError(_("不允许访问这个网址：它指向内部网络"))
    return addresses[0]


def resolve(host: str, port: int) -> list[Address]:
    """Every address of a name. UnavailableError where it has none."""
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return [ipaddress.ip_address(str(sockaddr[0]).partition("%")[0]) for *_rest, sockaddr in answers]
    except (OSError, UnicodeError, ValueError) as problem:
        raise UnavailableError(_("找不到这个网址的服务器")) from problem


def is_public(address: Address) -> bool:
    """Whether an address belongs to the open internet; an IPv4 address inside an IPv6 one is looked at itself."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address not in GLOBAL_IPV6:
            return False
    if any(address.version == network.version and address in network for network in REFUSED):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _read(response: httpx.Response, *, max_bytes: int, deadline: float) -> bytes:
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnavailableError(_("对方服务器没有正常响应，请稍后重试"))
    pieces, size = [], 0
    for piece in response.iter_raw():
        size += len(piece)
        if size > max_bytes:
            raise LimitExceededError(_("对方返回的内容过大"))
        if time.monotonic() > deadline:
            raise UnavailableError(_("对方服务器没有正常响应，请稍后重试"))
        pieces.append(piece)
    return b"".join(pieces)
