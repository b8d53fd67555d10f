import ipaddress
import socket
import time

import pytest

from chuan.lib import outgoing
from chuan.lib.outgoing import BadAddress, Forbidden, Unreachable
from chuan.lib.tests.receiver import LOOPBACK, receiver

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 - an address to refuse
        *("127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1"),
        *("169.254.169.254", "100.64.0.1", "192.0.0.8", "198.18.0.1", "224.0.0.1", "240.0.0.1"),
        *("255.255.255.255", "192.0.2.1", "198.51.100.1", "203.0.113.1"),
        *("::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "fe80::1", "fc00::1"),
        *("fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1", "2001::1", "2002:7f00:1::"),
        *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "::ffff:0:7f00:1", "100::1"),
    ],
)
def test_addresses_that_are_not_of_the_internet(address):
    assert not outgoing.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "203.162.0.11", "2001:4860:4860::8888", "::ffff:8.8.8.8", "2400::1"]
)
def test_addresses_of_the_internet(address):
    assert outgoing.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        *("", "ftp://a.vn/", "file:///etc/passwd", "https://", "https:///x", "//a.vn/", "a.vn"),
        *("https://a:b@a.vn/", "https://a@a.vn/", "https://a.vn:0/", "https://a.vn:99999/"),
        *("https://a.vn\\@b.vn/", "https://a.vn/ b", "https://a.vn/\r\nX: y", "https://é.vn/"),
        *("https://[::1", "https://a.vn/" + "x" * 2000),
    ],
)
def test_what_is_no_plain_address_is_refused(url):
    with pytest.raises(BadAddress):
        outgoing.destination(url)


@pytest.mark.parametrize(
    "url",
    [
        *("https://127.0.0.1/", "https://localhost/", "https://2130706433/", "https://0x7f.1/"),
        *("https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://0/", "https://127.1/"),
        *("https://169.254.169.254/latest/meta-data/", "http://8.8.8.8/"),
    ],
)
def test_nothing_is_sent_inside_however_it_is_written_nor_without_tls(url):
    with pytest.raises(Forbidden):
        outgoing.post(url, b"x", {})


def test_one_bad_address_of_a_name_spoils_the_rest(monkeypatch):
    answers(monkeypatch, [["8.8.8.8", "10.0.0.1"]])

    with pytest.raises(Forbidden):
        outgoing.post("https://two.example.vn/", b"x", {})


def test_the_name_is_asked_once_and_the_judged_address_is_called(monkeypatch):
    called = []
    answers(monkeypatch, [["8.8.8.8"], ["127.0.0.1"]])
    monkeypatch.setattr(
        socket, "create_connection", lambda to, timeout: called.append(to) or refuse()
    )

    with pytest.raises(Unreachable):
        outgoing.post("https://rebinding.example.vn/", b"x", {})

    assert called == [("8.8.8.8", 443)]


def refuse():
    raise ConnectionRefusedError("nobody there")


def answers(monkeypatch, told):
    told = iter(told)
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, port, **more: [(0, 0, 0, "", (one, port)) for one in next(told)],
    )


def test_an_allowed_network_is_called_and_the_answer_read_a_little():
    with receiver(201) as (url, heard):
        answer = outgoing.post(url, b"body", {"X-One": "1"}, allowed=LOOPBACK)

    assert (answer.status, answer.beginning) == (201, "y" * outgoing.MOST_READ)
    assert (heard[0].path, heard[0].headers["X-One"]) == ("/in?a=b", "1")
    assert (heard[0].body, heard[0].headers["Host"]) == (b"body", url.split("/")[2])


def test_a_redirect_is_not_followed():
    with receiver() as (elsewhere, heard), receiver(307, headers=[("Location", elsewhere)]) as to:
        answer = outgoing.post(to[0], b"x", {}, allowed=LOOPBACK)

    assert (answer.status, heard) == (307, [])


def test_a_conversation_that_never_ends_is_cut_off():
    with receiver(drip=b"HTTP/1.1 200 OK\r\nX: ") as (url, _heard):
        began = time.monotonic()
        with pytest.raises(Unreachable, match="in time"):
            outgoing.post(url, b"x", {}, allowed=LOOPBACK, altogether=0.5)

    assert time.monotonic() - began < 3


@pytest.mark.parametrize("headers", [b"Connection: close", b"Content-Length: 200"])
def test_an_answer_whose_body_never_ends_is_cut_off_there(headers):
    with receiver(drip=b"HTTP/1.1 200 OK\r\n" + headers + b"\r\n\r\n") as (url, _heard):
        began = time.monotonic()
        answer = outgoing.post(url, b"x", {}, allowed=LOOPBACK, altogether=0.5)

    assert time.monotonic() - began < 3
    assert (answer.status, answer.beginning.strip("x")) == (200, "")


def test_who_knows_the_name_has_no_more_time_than_all_the_rest(monkeypatch):
    def slow(*_told, **_more):
        time.sleep(2)
        raise socket.gaierror("too late")

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    began = time.monotonic()
    with pytest.raises(Unreachable, match="in time"):
        outgoing.post("https://slow.example.vn/", b"x", {}, altogether=0.2)

    assert time.monotonic() - began < 1


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_time_may_be_over_while_a_line_is_being_opened(monkeypatch, scheme):
    opened = socket.create_connection

    def late(to, timeout):
        time.sleep(0.4)
        return opened(to, timeout)

    monkeypatch.setattr(socket, "create_connection", late)
    with receiver(drip=b"HTTP/1.1 200 OK\r\nX: ") as (url, heard):
        began = time.monotonic()
        with pytest.raises(Unreachable, match="in time"):
            outgoing.post(url.replace("http", scheme), b"x", {}, allowed=LOOPBACK, altogether=0.2)

    assert time.monotonic() - began < 2
    assert heard == []


def test_addresses_that_swallow_everything_are_given_up_when_the_time_is_over(monkeypatch):
    answers(monkeypatch, [["8.8.8.8", "8.8.4.4"]])

    def swallow(_to, _timeout):
        time.sleep(0.3)
        raise TimeoutError("timed out")

    monkeypatch.setattr(socket, "create_connection", swallow)

    with pytest.raises(Unreachable, match="in time"):
        outgoing.post("https://silent.example.vn/", b"x", {}, altogether=0.1)


def test_a_server_that_never_shakes_hands_is_cut_off():
    with socket.create_server(("127.0.0.1", 0)) as mute:
        began = time.monotonic()
        with pytest.raises(Unreachable, match="in time"):
            outgoing.post(
                f"https://127.0.0.1:{mute.getsockname()[1]}/",
                b"x",
                {},
                allowed=LOOPBACK,
                altogether=0.5,
            )

    assert time.monotonic() - began < 3


def test_a_host_nobody_knows_is_told():
    with pytest.raises(Unreachable, match=r"nowhere\.invalid"):
        outgoing.post("https://nowhere.invalid/", b"x", {})
