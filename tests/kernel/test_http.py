"""Outgoing requests: only to public addresses, to the very address that was checked, within size and time."""

from __future__ import annotations

import http.server
import ipaddress
import socket
import threading
import time

import httpx
import pytest

from alliance.platform.kernel import http as outgoing
from alliance.platform.kernel.errors import BadInputError, LimitExceededError, UnavailableError
from alliance.platform.kernel.http import Outgoing, check_url, fetch, is_public, outgoing_policy

INTERNAL = [
    *("127.0.0.1", "127.255.1.1", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
    *("169.254.169.254", "169.254.0.1", "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192"),
    *("198.18.0.1", "192.0.2.1", "192.88.99.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "fe80::1"),
    *("fc00::1", "fd00:ec2::254", "ff02::1", "2002:7f00:1::1", "2001::1", "2001:db8::1", "64:ff9b::7f00:1"),
    *("64:ff9b:1::1", "fec0::1", "100::1", "3fff::1"),
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "240e::1", "::ffff:1.1.1.1"]


class Peer(http.server.BaseHTTPRequestHandler):
    """A local server with every trick."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers["Host"]))
        handler = getattr(self, self.path.strip("/").split("?")[0], None)
        if handler is None:
            self.answer(200, b"hello")
        else:
            handler()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(302 if self.path == "/moved" else 201, body, Location="/elsewhere")

    def to_internal(self) -> None:
        self.answer(302, Location=f"http://127.0.0.2:{self.server.server_address[1]}/secret")

    def to_metadata(self) -> None:
        self.answer(301, Location="http://169.254.169.254/latest/meta-data/")

    def to_file(self) -> None:
        self.answer(302, Location="file:///etc/passwd")

    def once(self) -> None:
        self.answer(302, Location="/fine")

    def forever(self) -> None:
        self.answer(302, Location="/forever")

    def large(self) -> None:
        self.answer(200, b"x" * 10_000)

    def packed(self) -> None:
        self.answer(200, b"\x1f\x8b", **{"Content-Encoding": "gzip"})

    def silent(self) -> None:
        time.sleep(3)

    def slow(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        for _ in range(20):
            try:
                self.wfile.write(b"x")
                time.sleep(0.1)
            except OSError:
                return

    def dripping(self) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 40:
            try:
                self.wfile.write(bytes([byte]))
                time.sleep(0.1)
            except OSError:
                return

    def elsewhere(self) -> None:
        self.answer(302, Location=f"http://other.example:{self.server.server_address[1]}/signed")

    def here(self) -> None:
        self.answer(302, Location="/signed")

    def signed(self) -> None:
        self.answer(200, (self.headers["X-Signature"] or "none").encode())

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Silent."""


@pytest.fixture(scope="module")
def peer():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Peer) as server:
        server.asked = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def base(peer):
    peer.asked.clear()
    return f"http://127.0.0.1:{peer.server_address[1]}"


@pytest.fixture
def policy(peer):
    return Outgoing(allow_http=True, private_hosts=frozenset({f"127.0.0.1:{peer.server_address[1]}"}))


@pytest.mark.parametrize("address", INTERNAL)
def test_an_internal_address_is_not_public_and_refused(address):
    assert not is_public(ipaddress.ip_address(address))
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(BadInputError):
        check_url(Outgoing(), httpx.URL(f"https://{host}/"))


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_allowed(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "0177.0.0.1", "localhost", "localhost."])
def test_other_spellings_of_an_internal_address_are_refused(host):
    with pytest.raises((BadInputError, UnavailableError)):
        fetch(Outgoing(), f"https://{host}/")


@pytest.mark.parametrize(
    "url", ["http://1.1.1.1/", "ftp://1.1.1.1/", "file:///etc/passwd", "https://u:p@1.1.1.1/", "https:///x", "1.1.1.1"]
)
def test_other_schemes_and_logins_are_refused(url):
    with pytest.raises(BadInputError):
        fetch(Outgoing(), url)


def test_one_internal_address_among_a_names_addresses_refuses_the_name(monkeypatch):
    answers = [(socket.AF_INET, 1, 6, "", (host, 443)) for host in ("1.1.1.1", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: answers)
    with pytest.raises(BadInputError):
        check_url(Outgoing(), httpx.URL("https://mixed.example/"))


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch, peer, policy):
    asked = []
    real = outgoing.resolve

    def rebinding(host: str, port: int):
        # The first answer is the one that is checked; a second look would lead elsewhere.
        asked.append(host)
        return real("127.0.0.1" if len(asked) == 1 else "127.0.0.9", port)

    monkeypatch.setattr(outgoing, "resolve", rebinding)
    port = peer.server_address[1]
    named = Outgoing(allow_http=True, private_hosts=frozenset({f"carrier.example:{port}"}))
    peer.asked.clear()
    assert fetch(named, f"http://carrier.example:{port}/x").body == b"hello"
    assert asked == ["carrier.example"]
    assert peer.asked == [("/x", f"carrier.example:{port}")]


def test_an_answer_comes_whole_and_a_post_carries_its_body(base, policy):
    answer = fetch(policy, f"{base}/x?y=1")
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"hello", "5")
    sent = fetch(policy, f"{base}/x", method="POST", content=b"body", headers={"X-Signature": "s"})
    assert (sent.status, sent.body) == (201, b"body")


def test_a_redirect_is_followed_for_get_and_handed_back_for_post(base, policy):
    assert fetch(policy, f"{base}/once").body == b"hello"
    assert fetch(policy, f"{base}/moved", method="POST", content=b"x").status == 302


@pytest.mark.parametrize("path", ["to_internal", "to_metadata", "to_file"])
def test_a_redirect_to_a_forbidden_address_is_refused_before_it_is_asked(base, policy, peer, path):
    with pytest.raises(BadInputError):
        fetch(policy, f"{base}/{path}")
    assert [asked for asked, _host in peer.asked] == [f"/{path}"]


def test_endless_redirects_end(base, policy, peer):
    with pytest.raises(UnavailableError):
        fetch(policy, f"{base}/forever")
    assert len(peer.asked) == 4


def test_too_much_is_refused_and_packed_answers_too(base, policy):
    with pytest.raises(LimitExceededError):
        fetch(policy, f"{base}/large", max_bytes=9_999)
    assert len(fetch(policy, f"{base}/large", max_bytes=10_000).body) == 10_000
    with pytest.raises(UnavailableError):
        fetch(policy, f"{base}/packed")


@pytest.mark.parametrize("path", ["silent", "slow"])
def test_a_slow_peer_is_given_up(base, policy, path):
    began = time.monotonic()
    with pytest.raises(UnavailableError):
        fetch(policy, f"{base}/{path}", max_seconds=0.6)
    assert time.monotonic() - began < 2


def test_nobody_there_and_no_such_name_are_unavailable(policy):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(UnavailableError):
        fetch(Outgoing(True, frozenset({f"127.0.0.1:{port}"})), f"http://127.0.0.1:{port}/")
    with pytest.raises(UnavailableError):
        fetch(policy, "http://no-such-name.invalid/")


def test_production_allows_https_only_and_the_hosts_the_operator_named(settings):
    strict = outgoing_policy(
        settings.model_copy(update={"alliance_env": "production", "outgoing_private_hosts": " Hook.local:8443, "})
    )
    assert strict == Outgoing(allow_http=False, private_hosts=frozenset({"hook.local:8443"}))
    assert outgoing_policy(settings).allow_http


def test_headers_that_drip_end_at_the_deadline(base, policy):
    started = time.monotonic()
    with pytest.raises(UnavailableError):
        fetch(policy, f"{base}/dripping", max_seconds=1)
    assert time.monotonic() - started < 4


def test_the_callers_headers_stay_with_the_first_host(base, policy, monkeypatch):
    port = base.rpartition(":")[2]
    both = Outgoing(allow_http=True, private_hosts=policy.private_hosts | {f"other.example:{port}"})
    monkeypatch.setattr(outgoing, "resolve", lambda _host, _port: [ipaddress.ip_address("127.0.0.1")])
    signed = {"X-Signature": "secret"}
    assert fetch(both, f"{base}/here", headers=signed).body == b"secret"
    assert fetch(both, f"{base}/elsewhere", headers=signed).body == b"none"
