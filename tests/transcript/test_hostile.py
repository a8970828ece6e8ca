"""Hostile bytes: an error or a closed connection, never a hang, a crash or an allocation as large as the client says."""

import socket
import struct

import pytest
from support import rawpg
from support.process import resident_kib
from support.subject import DIRECT

pytestmark = pytest.mark.skipif(DIRECT, reason="about Sealrow's own bounds")


@pytest.fixture(scope="module")
def pair(make_pair):
    return make_pair()


def closed_or_error(sock: socket.socket) -> bool:
    """The peer ends the connection, at most after an ErrorResponse."""
    sock.settimeout(30)
    data = b""
    try:
        while chunk := sock.recv(4096):
            data += chunk
    except ConnectionError:
        return True
    return data == b"" or data[:1] in b"EN"


START_UPS = {
    "huge length": struct.pack("!ii", 0x7FFFFFFF, 0x30000),
    "negative length": struct.pack("!ii", -5, 0x30000),
    "tiny length": struct.pack("!i", 4),
    "over 10000 bytes": struct.pack("!ii", 10_001, 0x30000) + b"x" * 9993,
    "unknown code": rawpg.request(80877999),
    "version 2": struct.pack("!ii", 8, 0x20000),
    "no final zero": struct.pack("!ii", 16, 0x30000) + b"user\0bob",
    "no user": rawpg.startup({"database": "x"}),
    "user twice": struct.pack("!ii", 8 + 15, 0x30000) + b"user\0a\0user\0b\0\0",
    "HTTP": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "cancel too short": rawpg.request(rawpg.CANCEL_REQUEST, b"\0\0"),
    "replication": rawpg.startup({"user": "postgres", "database": "postgres", "replication": "database"}),
    "replication true": rawpg.startup({"user": "postgres", "replication": "true"}),
}


@pytest.mark.parametrize("name", START_UPS)
def test_start_up(pair, name):
    sock = socket.create_connection(("127.0.0.1", pair.sealed.port))
    sock.sendall(START_UPS[name])
    if name in ("no final zero", "huge length"):
        sock.shutdown(socket.SHUT_WR)
    assert closed_or_error(sock)
    assert pair.daemon.process.running()
    sock.close()


def test_bytes_after_the_ssl_request_are_an_attack(pair):
    sock = socket.create_connection(("127.0.0.1", pair.sealed.port))
    sock.sendall(rawpg.request(rawpg.SSL_REQUEST) + rawpg.startup({"user": "postgres", "database": pair.sealed.database}))
    sock.settimeout(30)
    data = b""
    try:
        while chunk := sock.recv(4096):
            data += chunk
    except ConnectionError:
        pass
    assert b"R" not in data, "the injected start-up message was answered"
    sock.close()


def test_gss_then_ssl(pair):
    sock = socket.create_connection(("127.0.0.1", pair.sealed.port))
    sock.sendall(rawpg.request(rawpg.GSS_REQUEST))
    assert sock.recv(1) == b"N"
    sock.sendall(rawpg.request(rawpg.SSL_REQUEST))
    assert sock.recv(1) == b"S"
    sock.close()


MESSAGES = {
    "unknown type": b"\x01" + struct.pack("!i", 4),
    "length below four": b"Q" + struct.pack("!i", 3),
    "negative length": b"Q" + struct.pack("!i", -1),
    "length of a gibibyte": b"Q" + struct.pack("!i", 0x7FFFFFFF),
    "query without zero": b"Q" + struct.pack("!i", 8) + b"abcd",
    "bind cut short": b"B" + struct.pack("!i", 6) + b"\0\0",
    "bind with lying lengths": b"B" + struct.pack("!i", 20) + b"\0\0" + struct.pack("!hhi", 0, 1, 0x7FFFFFF0) + b"abcdef",
    "bind with negative counts": b"B" + struct.pack("!i", 12) + b"\0\0" + struct.pack("!hhh", -1, -1, -1),
    "parse with lying count": b"P" + struct.pack("!i", 8) + b"\0\0" + struct.pack("!h", 32767),
    "describe of nothing": b"D" + struct.pack("!i", 4),
    "close of an unknown kind": b"C" + struct.pack("!i", 6) + b"Z\0",
    "copy data out of place": rawpg.copy_data(b"x"),
    "sync with a body": b"S" + struct.pack("!i", 8) + b"abcd",
    "backend message": b"Z" + struct.pack("!i", 5) + b"I",
}


@pytest.mark.parametrize("name", MESSAGES)
def test_message(pair, name):
    connection = pair.sealed.raw(tls=False)
    before = resident_kib(pair.daemon.process.pid)
    connection.send(MESSAGES[name] + b"\0" * 64)
    try:
        connection.socket.shutdown(socket.SHUT_WR)
        connection.socket.settimeout(30)
        while connection.socket.recv(1 << 16):
            pass
    except ConnectionError:
        pass
    connection.socket.close()
    assert pair.daemon.process.running()
    assert resident_kib(pair.daemon.process.pid) - before < 64 * 1024
    assert pair.sealed.raw().rows("select 1") == [[b"1"]]


def test_wrong_password_is_closed(pair):
    with pytest.raises(rawpg.ServerError) as refusal:
        rawpg.connect(pair.sealed.port, "postgres", "wrong", pair.sealed.database, pair.sealed.tls)
    assert refusal.value.fields["C"] == "28P01"


def test_unknown_user_looks_like_a_wrong_password(pair):
    with pytest.raises(rawpg.ServerError) as refusal:
        rawpg.connect(pair.sealed.port, "nobody_of_that_name", "x", pair.sealed.database, pair.sealed.tls)
    assert refusal.value.fields["C"] == "28P01"


def test_every_prefix_of_a_session_then_silence(pair):
    """Cut after each byte: nothing is left behind, the daemon lives."""
    script = (rawpg.startup({"user": "postgres", "database": pair.sealed.database}))
    for size in range(0, len(script), 3):
        sock = socket.create_connection(("127.0.0.1", pair.sealed.port))
        sock.sendall(script[:size])
        sock.close()
    connection = pair.sealed.raw(options="-c app.tenant_id=acme")
    connection.send(rawpg.parse("insert into msg(tenant, body) values ('acme', $1)") + rawpg.bind([b"x"])[:10])
    connection.socket.close()
    assert pair.sealed.raw().rows("select 1") == [[b"1"]]
    assert pair.at_rest("select count(*) from msg")[0][0] == 0


