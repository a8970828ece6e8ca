"""A raw PostgreSQL client (protocol 3.0): messages are built and read one by one, nothing is done behind the back.

The names and layouts are those of the manual's chapter "Message Formats"."""

import base64
import hashlib
import hmac
import secrets
import socket
import ssl
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

TEXT, BINARY = 0, 1
SSL_REQUEST, CANCEL_REQUEST, GSS_REQUEST = 80877103, 80877102, 80877104


# ---- messages of the client ------------------------------------------------------------------------------------

def _message(kind: bytes, body: bytes = b"") -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def _cstring(text: str | bytes) -> bytes:
    return (text.encode() if isinstance(text, str) else text) + b"\0"


def _codes(codes: Sequence[int]) -> bytes:
    return struct.pack(f"!h{len(codes)}h", len(codes), *codes)


def startup(parameters: dict[str, str], version: int = 0x30000) -> bytes:
    body = struct.pack("!i", version) + b"".join(_cstring(k) + _cstring(v) for k, v in parameters.items()) + b"\0"
    return struct.pack("!i", len(body) + 4) + body


def request(code: int, body: bytes = b"") -> bytes:
    return struct.pack("!ii", len(body) + 8, code) + body


def query(sql: str | bytes) -> bytes:
    return _message(b"Q", _cstring(sql))


def parse(sql: str | bytes, name: str = "", oids: Sequence[int] = ()) -> bytes:
    return _message(b"P", _cstring(name) + _cstring(sql) + struct.pack(f"!h{len(oids)}I", len(oids), *oids))


def bind(values: Sequence[bytes | None] = (), statement: str = "", portal: str = "",
         formats: Sequence[int] = (), results: Sequence[int] = ()) -> bytes:
    cells = b"".join(struct.pack("!i", -1) if v is None else struct.pack("!i", len(v)) + v for v in values)
    return _message(b"B", _cstring(portal) + _cstring(statement) + _codes(formats)
                    + struct.pack("!h", len(values)) + cells + _codes(results))


def describe(kind: str, name: str = "") -> bytes:
    return _message(b"D", kind.encode() + _cstring(name))


def execute(portal: str = "", limit: int = 0) -> bytes:
    return _message(b"E", _cstring(portal) + struct.pack("!i", limit))


def close(kind: str, name: str = "") -> bytes:
    return _message(b"C", kind.encode() + _cstring(name))


def sync() -> bytes:
    return _message(b"S")


def flush() -> bytes:
    return _message(b"H")


def copy_data(data: bytes) -> bytes:
    return _message(b"d", data)


def copy_done() -> bytes:
    return _message(b"c")


def copy_fail(reason: str = "the client gave up") -> bytes:
    return _message(b"f", _cstring(reason))


def function_call(oid: int, values: Sequence[bytes], result: int = TEXT) -> bytes:
    cells = b"".join(struct.pack("!i", len(v)) + v for v in values)
    return _message(b"F", struct.pack("!I", oid) + _codes([TEXT]) + struct.pack("!h", len(values)) + cells
                    + struct.pack("!h", result))


def terminate() -> bytes:
    return _message(b"X")


# ---- messages of the server ------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Column:
    name: str
    table: int
    attribute: int
    type: int
    size: int
    modifier: int
    format: int


@dataclass(frozen=True)
class Message:
    kind: str
    body: bytes

    @property
    def fields(self) -> dict[str, str]:
        """ErrorResponse and NoticeResponse: field letter → text."""
        parts = [p for p in self.body.split(b"\0") if p]
        return {chr(p[0]): p[1:].decode(errors="replace") for p in parts}

    @property
    def row(self) -> list[bytes | None]:
        """DataRow."""
        (count,), at, cells = struct.unpack_from("!h", self.body), 2, []
        for _ in range(count):
            (size,) = struct.unpack_from("!i", self.body, at)
            at += 4
            cells.append(None if size < 0 else self.body[at:at + size])
            at += max(size, 0)
        return cells

    @property
    def columns(self) -> list[Column]:
        """RowDescription."""
        (count,), at, columns = struct.unpack_from("!h", self.body), 2, []
        for _ in range(count):
            end = self.body.index(b"\0", at)
            columns.append(Column(self.body[at:end].decode(), *struct.unpack_from("!IhIhih", self.body, end + 1)))
            at = end + 19
        return columns

    @property
    def parameter_types(self) -> list[int]:
        """ParameterDescription."""
        (count,) = struct.unpack_from("!h", self.body)
        return list(struct.unpack_from(f"!{count}I", self.body, 2))

    @property
    def tag(self) -> str:
        """CommandComplete."""
        return self.body[:-1].decode()

    @property
    def status(self) -> str:
        """ReadyForQuery: I idle, T in a transaction, E in a failed one."""
        return self.body.decode()

    def __str__(self) -> str:
        if self.kind in "EN":
            return f"{self.kind}({self.fields.get('C')} {self.fields.get('M')})"
        if self.kind == "C":
            return f"C({self.tag})"
        if self.kind == "Z":
            return f"Z({self.status})"
        return self.kind


ASYNCHRONOUS = "NSA"  # NoticeResponse, ParameterStatus, NotificationResponse: belong to no request


class ServerError(Exception):
    def __init__(self, message: Message):
        super().__init__(f"{message.fields.get('C')}: {message.fields.get('M')}")
        self.fields = message.fields


class Disconnected(Exception):
    pass


@dataclass
class Connection:
    socket: socket.socket
    backend_key: bytes = b""
    parameters: dict[str, str] = field(default_factory=dict)
    greeting: list[Message] = field(default_factory=list)
    _buffer: bytearray = field(default_factory=bytearray)

    # ---- bytes ----
    def send(self, *messages: bytes) -> None:
        self.socket.sendall(b"".join(messages))

    def send_split(self, data: bytes) -> None:
        """Every byte in its own packet."""
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for i in range(len(data)):
            self.socket.sendall(data[i:i + 1])

    def _take(self, size: int) -> bytes:
        while len(self._buffer) < size:
            data = self.socket.recv(1 << 18)
            if not data:
                raise Disconnected(f"connection closed with {len(self._buffer)} bytes of a message")
            self._buffer += data
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    # ---- messages ----
    def read(self) -> Message:
        head = self._take(5)
        return Message(chr(head[0]), self._take(struct.unpack("!i", head[1:])[0] - 4))

    def read_until(self, kinds: str) -> list[Message]:
        """Messages up to and with the first of `kinds`."""
        messages = [self.read()]
        while messages[-1].kind not in kinds:
            messages.append(self.read())
        return messages

    def ready(self, count: int = 1) -> list[Message]:
        """Messages up to and with the ReadyForQuery number `count`."""
        return [m for _ in range(count) for m in self.read_until("Z")]

    def exchange(self, *messages: bytes, count: int = 1) -> list[Message]:
        self.send(*messages)
        return self.ready(count)

    def silent(self, seconds: float) -> bool:
        """Nothing arrives for that long: the only way to see that something is *not* sent."""
        self.socket.settimeout(seconds)
        try:
            self._buffer += self.socket.recv(1 << 16)
            return False
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(TIMEOUT)

    # ---- convenience ----
    def simple(self, sql: str) -> list[Message]:
        return self.exchange(query(sql))

    def rows(self, sql: str) -> list[list[bytes | None]]:
        messages = self.simple(sql)
        raise_error(messages)
        return [m.row for m in messages if m.kind == "D"]

    def close(self) -> None:
        try:
            self.send(terminate())
        except OSError:
            pass
        self.socket.close()


TIMEOUT = 60.0


def error_of(messages: Iterable[Message]) -> dict[str, str] | None:
    return next((m.fields for m in messages if m.kind == "E"), None)


def raise_error(messages: Iterable[Message]) -> None:
    for message in messages:
        if message.kind == "E":
            raise ServerError(message)


def without_asynchronous(messages: Iterable[Message]) -> list[Message]:
    return [m for m in messages if m.kind not in ASYNCHRONOUS]


# ---- starting a connection -------------------------------------------------------------------------------------

def open_socket(port: int, tls: ssl.SSLContext | None = None) -> socket.socket:
    plain = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)
    if tls is None:
        return plain
    plain.sendall(request(SSL_REQUEST))
    answer = plain.recv(1)
    if answer != b"S":
        plain.close()
        raise Disconnected(f"TLS refused: {answer!r}")
    return tls.wrap_socket(plain, server_hostname="localhost")


def connect(port: int, user: str, password: str, database: str, tls: ssl.SSLContext | None = None,
            options: dict[str, str] | None = None) -> Connection:
    connection = Connection(open_socket(port, tls))
    try:
        connection.send(startup({"user": user, "database": database, **(options or {})}))
        _authenticate(connection, password)
    except BaseException:
        connection.socket.close()
        raise
    return connection


def _authenticate(connection: Connection, password: str) -> None:
    scram = Scram(password)
    while True:
        message = connection.read()
        connection.greeting.append(message)
        if message.kind == "E":
            raise ServerError(message)
        if message.kind == "R":
            (code,) = struct.unpack_from("!i", message.body)
            reply = scram.answer(code, message.body[4:])
            if reply is not None:
                connection.send(reply)
        elif message.kind == "S":
            name, value = message.body[:-1].decode().split("\0")
            connection.parameters[name] = value
        elif message.kind == "K":
            connection.backend_key = message.body
        elif message.kind == "Z":
            return


class Scram:
    """SCRAM-SHA-256 without channel binding (RFC 5802, RFC 7677)."""

    def __init__(self, password: str):
        self._password = password.encode()
        self._first = f"n=,r={secrets.token_urlsafe(18)}"
        self._server_signature = b""

    def answer(self, code: int, body: bytes) -> bytes | None:
        if code == 10:
            if b"SCRAM-SHA-256\0" not in body:
                raise Disconnected(f"no usable mechanism in {body!r}")
            first = f"n,,{self._first}".encode()
            return _message(b"p", _cstring("SCRAM-SHA-256") + struct.pack("!i", len(first)) + first)
        if code == 11:
            return _message(b"p", self._final(body.decode()).encode())
        if code == 12:
            if body != b"v=" + base64.b64encode(self._server_signature):
                raise Disconnected("the server does not know the password")
            return None
        if code == 0:
            return None
        raise Disconnected(f"authentication request {code} is not supported here")

    def _final(self, challenge: str) -> str:
        parts = dict(part.split("=", 1) for part in challenge.split(","))
        salted = hashlib.pbkdf2_hmac("sha256", self._password, base64.b64decode(parts["s"]), int(parts["i"]))
        client_key = _hmac(salted, b"Client Key")
        without_proof = f"c=biws,r={parts['r']}"
        signed = f"{self._first},{challenge},{without_proof}".encode()
        proof = bytes(a ^ b for a, b in zip(client_key, _hmac(hashlib.sha256(client_key).digest(), signed)))
        self._server_signature = _hmac(_hmac(salted, b"Server Key"), signed)
        return f"{without_proof},p={base64.b64encode(proof).decode()}"


def _hmac(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, hashlib.sha256).digest()
