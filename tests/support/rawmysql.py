"""MySQL's commands packet by packet, on a connection that PyMySQL has authenticated: what drivers send and PyMySQL does not."""

import struct
from dataclasses import dataclass, field

import pymysql
from pymysql.protocol import FieldDescriptorPacket

QUERY, PREPARE, EXECUTE, LONG_DATA, CLOSE, RESET_STATEMENT, FETCH = 0x03, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1c
INIT_DB, SET_OPTION, RESET_CONNECTION, BULK_EXECUTE = 0x02, 0x1b, 0x1f, 0xfa
VAR_STRING, BLOB, LONGLONG, NULL = 0xfd, 0xfc, 0x08, 0x06
MORE_RESULTS = 0x0008


@dataclass
class Result:
    """What an application can see of one result: never names of databases, which differ between two servers."""

    affected: int = 0
    columns: list[tuple] = field(default_factory=list)
    rows: list[bytes] = field(default_factory=list)
    status: int = 0


@dataclass
class Statement:
    id: int
    parameters: int
    columns: list[tuple]


def _lenenc(value: bytes) -> bytes:
    size = len(value)
    if size < 251:
        return bytes([size]) + value
    if size < 1 << 16:
        return b"\xfc" + struct.pack("<H", size) + value
    return (b"\xfd" + struct.pack("<I", size)[:3] if size < 1 << 24 else b"\xfe" + struct.pack("<Q", size)) + value


class Wire:
    def __init__(self, connection: pymysql.Connection):
        self.connection = connection

    def send(self, command: int, payload: bytes = b"") -> None:
        self.connection._execute_command(command, payload)

    def packet(self):
        """The next packet; an ERR is raised."""
        return self.connection._read_packet()

    def _definitions(self, count: int) -> list[tuple]:
        found = []
        for _ in range(count):
            packet = self.connection._read_packet(FieldDescriptorPacket)
            found.append((packet.name, packet.charsetnr, packet.length, packet.type_code, packet.flags, packet.scale))
        if count:
            assert self.packet().is_eof_packet()
        return found

    def _rows(self, result: Result) -> Result:
        while True:
            packet = self.packet()
            if packet.is_eof_packet():
                result.status = struct.unpack("<H", packet.get_all_data()[3:5])[0]
                return result
            result.rows.append(packet.get_all_data())

    def result(self) -> Result:
        packet = self.packet()
        if packet.is_ok_packet():
            packet.advance(1)
            affected = packet.read_length_encoded_integer()
            packet.read_length_encoded_integer()
            return Result(affected=affected, status=packet.read_uint16())
        result = Result(columns=self._definitions(packet.read_length_encoded_integer()))
        return self._rows(result)

    def results(self) -> list[Result]:
        """Every result of one command."""
        found = [self.result()]
        while found[-1].status & MORE_RESULTS:
            found.append(self.result())
        return found

    def query(self, sql: str) -> list[Result]:
        self.send(QUERY, sql.encode())
        return self.results()

    def prepare(self, sql: str) -> Statement:
        self.send(PREPARE, sql.encode())
        data = self.packet().get_all_data()
        identity, columns, parameters = struct.unpack("<IHH", data[1:9])
        self._definitions(parameters)
        return Statement(identity, parameters, self._definitions(columns))

    @staticmethod
    def values(values: list, types: bool = True, long_data: set[int] = frozenset(), kind: int = VAR_STRING) -> bytes:
        nulls = bytearray((len(values) + 7) // 8)
        kinds, body = b"", b""
        for i, value in enumerate(values):
            if value is None:
                nulls[i // 8] |= 1 << i % 8
            kinds += struct.pack("<H", LONGLONG if isinstance(value, int) else kind)
            if value is None or i in long_data:
                continue
            body += struct.pack("<q", value) if isinstance(value, int) else _lenenc(value.encode() if isinstance(value, str) else value)
        return (bytes(nulls) + bytes([types]) + (kinds if types else b"") if values else b"") + body

    def execute(self, statement: Statement, values: list, flags: int = 0, identity: int | None = None, **how) -> list[Result]:
        head = struct.pack("<IBI", statement.id if identity is None else identity, flags, 1)
        self.send(EXECUTE, head + self.values(values, **how))
        return self.results()

    def long_data(self, statement: Statement, parameter: int, chunk: bytes) -> None:
        self.send(LONG_DATA, struct.pack("<IH", statement.id, parameter) + chunk)

    def open_cursor(self, statement: Statement, values: list) -> list[tuple]:
        self.send(EXECUTE, struct.pack("<IBI", statement.id, 1, 1) + self.values(values))
        return self._definitions(self.packet().read_length_encoded_integer())

    def fetch(self, statement: Statement, count: int) -> Result:
        self.send(FETCH, struct.pack("<II", statement.id, count))
        return self._rows(Result())

    def close(self, statement: Statement) -> None:
        self.send(CLOSE, struct.pack("<I", statement.id))

    def ping(self) -> None:
        self.send(0x0e)
        self.packet()
