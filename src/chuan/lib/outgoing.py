"""Calling addresses that strangers gave us, and nothing inside our own network.

A name is looked up once, every address it has is judged, and the connection goes to an address that
was judged: what the name says a moment later makes no difference. Nobody is followed elsewhere.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlsplit

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
LONGEST_URL = 2000
# Seconds for the connection, and for everything together.
CONNECTING, ALTOGETHER = 5.0, 10.0
# Of an answer only its beginning is read, to be shown to whoever looks for a fault.
MOST_READ = 1_000
# Of protocols, which older tables of Python take for public in part (RFC 6890).
_PROTOCOLS = ipaddress.IPv4Network("192.0.0.0/24")
# IPv6 that stands for IPv4 reached through somebody's gateway.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_CARRYING_IPV4 = (
    *(ipaddress.IPv6Network("64:ff9b:1::/48"), ipaddress.IPv6Network("::/96")),
    ipaddress.IPv6Network("::ffff:0:0:0/96"),
)


class BadAddress(ValueError):
    """A URL that cannot be called by anybody."""


class Forbidden(ValueError):
    """A URL that leads into our own network, or is not protected on its way."""


class Unreachable(Exception):
    """Nobody answered; the message says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    beginning: str


@dataclass(frozen=True, slots=True)
class Destination:
    """A URL taken apart."""

    host: str
    port: int
    path: str
    is_secure: bool

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.is_secure else 80) else f"{host}:{self.port}"


def destination(url: str) -> Destination:
    """:raises BadAddress: it is not a plain HTTP address."""
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise BadAddress("an address of printable ASCII letters expected")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadAddress("not an address") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise BadAddress("an address with https:// and a host expected")
    if parts.username is not None or parts.password is not None or "\\" in url:
        raise BadAddress("no names or passwords in addresses")
    is_secure = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Destination(parts.hostname, port or (443 if is_secure else 80), path, is_secure)


def is_public(address: Address) -> bool:
    """Whether this address is of the whole internet, and no other address in disguise of it."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address in _NAT64:
            return is_public(ipaddress.IPv4Address(address.packed[-4:]))
        if address.sixtofour is not None:
            return is_public(address.sixtofour)
        if address.teredo is not None or any(address in one for one in _CARRYING_IPV4):
            return False
        if address.is_site_local:
            return False
    elif address in _PROTOCOLS:
        return False
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not address.is_unspecified
        and not address.is_loopback
        and not address.is_link_local
        and not address.is_private
    )


def judged(
    to: Destination, *, allowed: Sequence[Network], within: float = CONNECTING
) -> list[Address]:
    """The addresses a host has, all of which may be called.

    :param allowed: networks of our own that may be called all the same, and without TLS.
    :param within: seconds that whoever knows its name has for it.
    :raises Unreachable: nobody knows the host, or nobody said so in time.
    :raises Forbidden: one of its addresses is not for us, or the way to it is not protected.
    """
    addresses = _addresses(to, within)
    if not addresses:
        raise Unreachable(f"{to.host}: no address")
    ours = [_is_within(address, allowed) for address in addresses]
    if not all(mine or is_public(one) for one, mine in zip(addresses, ours, strict=True)):
        raise Forbidden("an address inside a private network")
    if not to.is_secure and not all(ours):
        raise Forbidden("https:// expected")
    return addresses


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    allowed: Sequence[Network] = (),
    altogether: float = ALTOGETHER,
) -> Answer:
    """Send a body and read how the answer begins. A redirect is an answer like any other.

    :param altogether: seconds, from looking up the name on, after which it is cut off.
    :raises BadAddress: see `destination`.
    :raises Forbidden: see `judged`.
    :raises Unreachable: nobody answered in time.
    """
    to = destination(url)
    until = time.monotonic() + altogether
    addresses = judged(to, allowed=allowed, within=min(altogether, CONNECTING))
    connection = _Connection(to, addresses, until)
    watchdog = threading.Timer(until - time.monotonic(), connection.cut)
    watchdog.daemon = True
    watchdog.start()
    try:
        connection.request("POST", to.path, body, {"Host": to.authority, **headers})
        answer = connection.getresponse()
        connection.require_time()
        beginning = answer.read(MOST_READ).decode("utf-8", "replace")
        return Answer(answer.status, beginning)
    except (OSError, http.client.HTTPException, ValueError) as error:
        told = "no answer in time" if connection.was_cut else str(error) or type(error).__name__
        raise Unreachable(f"{to.host}: {told}") from None
    finally:
        watchdog.cancel()
        connection.close()


class _Connection(http.client.HTTPConnection):
    """A connection to the first of the judged addresses that answers, whatever the name says now."""

    def __init__(self, to: Destination, addresses: Iterable[Address], until: float) -> None:
        super().__init__(to.host, to.port, timeout=CONNECTING)
        self.to, self.addresses, self.until = to, list(addresses), until
        self.was_cut = False
        # `sock` is taken away while the body of an answer is still being read.
        self.line: socket.socket | None = None

    def connect(self) -> None:
        last: OSError | None = None
        for address in self.addresses:
            self.require_time()
            left = max(self.until - time.monotonic(), 0.001)
            try:
                plain = socket.create_connection(
                    (str(address), self.to.port), min(CONNECTING, left)
                )
                break
            except OSError as error:
                last = error
        else:
            raise last or OSError("no address")
        self._talk_by(plain)
        plain.settimeout(ALTOGETHER)
        if self.to.is_secure:
            context = ssl.create_default_context()
            secured = context.wrap_socket(
                plain, server_hostname=self.to.host, do_handshake_on_connect=False
            )
            # Before the first word of it, so that a slow handshake can be cut off too.
            self._talk_by(secured)
            secured.do_handshake()
            self.require_time()

    def _talk_by(self, line: socket.socket) -> None:
        self.sock = self.line = line
        # The time may have been over before there was anything to cut.
        self.require_time()

    def require_time(self) -> None:
        if self.was_cut:
            raise OSError("no answer in time")

    def cut(self) -> None:
        """End the conversation, also with somebody who answers one byte at a time."""
        self.was_cut = True
        if self.line is not None:
            with suppress(OSError):
                self.line.shutdown(socket.SHUT_RDWR)


def _addresses(to: Destination, within: float) -> list[Address]:
    """What a name means today. Whoever is asked cannot be interrupted, only left alone."""
    told: list[list[Address] | OSError | UnicodeError] = []

    def ask() -> None:
        try:
            found = socket.getaddrinfo(to.host, to.port, type=socket.SOCK_STREAM)
            told.append(list(dict.fromkeys(_address(str(one[4][0])) for one in found)))
        except (OSError, UnicodeError) as error:
            told.append(error)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(within)
    if not told:
        raise Unreachable(f"{to.host}: no address in time")
    if isinstance(told[0], list):
        return told[0]
    raise Unreachable(f"{to.host}: {told[0]}")


def _address(text: str) -> Address:
    return ipaddress.ip_address(text.partition("%")[0])


def _is_within(address: Address, networks: Sequence[Network]) -> bool:
    return any(address.version == one.version and address in one for one in networks)
