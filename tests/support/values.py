"""Values of the probe statements in every spelling: SQL literal, text parameter, binary parameter."""

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass

from .canary import Canaries


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True)
class Value:
    literal: str
    text: bytes | None
    binary: bytes | None


def of_text(text: str) -> Value:
    return Value(quoted(text), text.encode(), text.encode())


def of_bytes(data: bytes) -> Value:
    hexadecimal = "\\x" + data.hex()
    return Value(quoted(hexadecimal), hexadecimal.encode(), data)


def of_jsonb(text: str) -> Value:
    return Value(quoted(text), text.encode(), b"\x01" + text.encode())


def of_integer(number: int, layout: str = "!i") -> Value:
    return Value(str(number), str(number).encode(), struct.pack(layout, number))


def of_boolean(flag: str) -> Value:
    return Value(flag, flag.encode(), b"\1" if flag == "true" else b"\0")


def of_texts(texts: list[str]) -> Value:
    cells = b"".join(struct.pack("!i", len(t)) + t.encode() for t in texts)
    array = "{" + ",".join(texts) + "}"
    return Value(quoted(array), array.encode(), struct.pack("!iiIii", 1, 0, 25, len(texts), 1) + cells)


# What a placeholder stands for; a digit behind the name makes another value of the same kind.
KINDS: dict[str, Callable[[Canaries, str], Value]] = {
    "body": lambda canaries, label: of_text(canaries.new(label)),
    "key": lambda canaries, label: of_text(canaries.new(label)),
    "meta": lambda canaries, label: of_bytes(b"\x00\xff" + canaries.new(label).encode()),
    "doc": lambda canaries, label: of_jsonb('{"k": "' + canaries.new(label) + '"}'),
    "hex": lambda canaries, label: of_text(canaries.new(label).encode().hex()),
    "bodies": lambda canaries, label: of_texts([canaries.new(label), canaries.new(label)]),
    "num": lambda _canaries, _label: of_integer(-1926354782),
    "own": lambda _canaries, _label: of_text("acme"),
    "word": lambda _canaries, _label: of_text("ordinary"),
    "known": lambda _canaries, _label: of_text("key-1"),
    "id": lambda _canaries, _label: of_integer(1, "!q"),
    "yes": lambda _canaries, _label: of_boolean("true"),
}

PLACEHOLDER = re.compile(r"\{([a-z]+)(\d*)(:lit)?\}")


@dataclass(frozen=True)
class Statement:
    """A template with its values in place: literals in the text, or parameters beside it."""
    sql: str
    values: list[Value]


class Template:
    """SQL with placeholders: {body} is a literal or a parameter as the delivery wants, {body:lit} always a literal."""

    def __init__(self, sql: str):
        self.sql = sql

    def draw(self, canaries: Canaries, label: str) -> dict[str, Value]:
        return {name + number: KINDS[name](canaries, label) for name, number, _ in PLACEHOLDER.findall(self.sql)}

    def literal(self, values: dict[str, Value]) -> Statement:
        return Statement(PLACEHOLDER.sub(lambda m: values[m[1] + m[2]].literal, self.sql), [])

    def parameters(self, values: dict[str, Value]) -> Statement:
        order: list[str] = []

        def place(match: re.Match) -> str:
            name = match[1] + match[2]
            if match[3]:
                return values[name].literal
            if name not in order:
                order.append(name)
            return f"${order.index(name) + 1}"
        sql = PLACEHOLDER.sub(place, self.sql)
        return Statement(sql, [values[name] for name in order])
