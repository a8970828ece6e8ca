"""A second reader for envelope v1, written from docs/envelope.md alone. It shares no code with the C++ one; only the
ciphers (python3-cryptography) and libzstd are borrowed. Slow and plain on purpose."""

import base64
import ctypes
import ctypes.util
import hmac
import struct
from dataclasses import dataclass
from typing import Optional

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

HEADER, TAG = 12, 18
SUITES = {  # id: (name, nonce, commitment, subkey)
    0x01: ("aes-256-gcm", 12, 0, 32),
    0x02: ("xaes-256-gcm", 24, 0, 32),
    0x03: ("xaes-256-gcm-commit", 24, 32, 32),
    0x04: ("chacha20-poly1305", 24, 0, 32),
    0x10: ("aes-256-siv", 0, 0, 64),
}
TYPES = set(range(0x01, 0x0A)) | {0x7F}


class Refused(Exception):
    pass


@dataclass
class Key:
    id: int
    tenant: bytes
    domain: bytes
    dek: bytes


@dataclass
class Place:
    table: bytes
    column: bytes
    row: Optional[bytes] = None


def part(value: bytes) -> bytes:
    return struct.pack(">H", len(value)) + value


def expand(prk: bytes, info: bytes, size: int) -> bytes:
    return HKDFExpand(hashes.SHA256(), size, info).derive(prk)


def mac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, "sha256").digest()


def from_text(text: str) -> bytes:
    if not text.startswith("sr1."):
        raise Refused("prefix")
    body = text[4:]
    data = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != body:
        raise Refused("not canonical")
    return data


def aes_block(key: bytes, block: bytes) -> bytes:
    return Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(block)


def xaes_blocks(key: bytes, prefix: bytes) -> list:
    doubled = int.from_bytes(aes_block(key, bytes(16)), "big") << 1
    if doubled >> 128:
        doubled = doubled - (1 << 128) ^ 0x87
    blocks = []
    for i in (1, 2, 3, 4):
        message = int.from_bytes(bytes([0, i, ord("X"), 0]) + prefix, "big")
        blocks.append(aes_block(key, (message ^ doubled).to_bytes(16, "big")))
    return blocks


def subkey(key: Key, suite: int) -> bytes:
    info = b"sealrow/v1\0" + b"seal/%02x" % suite + part(key.tenant) + part(key.domain) + struct.pack(">Q", key.id)
    return expand(key.dek, info, SUITES[suite][3])


def equality_tag(root: bytes, version: int, key: Key, group: bytes, kind: int, canonical: bytes) -> bytes:
    number = struct.pack(">H", version)
    info = b"sealrow/v1\0bi" + part(key.tenant) + part(key.domain) + part(group) + number
    return number + mac(expand(root, info, 32), bytes([kind]) + canonical)[:16]


def parse(envelope: bytes):
    """(suite, key id, has tag, compressed, row-bound)"""
    if len(envelope) < HEADER or envelope[0] != 0xF5 or envelope[1] >> 4 != 1:
        raise Refused("not an envelope of version 1")
    profile, suite, flags = envelope[1] & 15, envelope[2], envelope[3]
    if profile not in (1, 2) or flags & ~7 or suite not in SUITES or (profile == 2) != bool(flags & 4):
        raise Refused("header")
    has_tag = bool(flags & 1)
    _, nonce, commitment, _ = SUITES[suite]
    if len(envelope) < HEADER + TAG * has_tag + nonce + commitment + 16 + 1:
        raise Refused("too short")
    return suite, struct.unpack(">Q", envelope[4:12])[0], has_tag, bool(flags & 2), profile == 2


def unpack(frame: bytes, limit: int) -> bytes:
    zstd = ctypes.CDLL(ctypes.util.find_library("zstd"))
    zstd.ZSTD_getFrameContentSize.restype = ctypes.c_ulonglong
    zstd.ZSTD_getFrameContentSize.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
    zstd.ZSTD_findFrameCompressedSize.restype = ctypes.c_size_t
    zstd.ZSTD_findFrameCompressedSize.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
    zstd.ZSTD_decompress.restype = ctypes.c_size_t
    zstd.ZSTD_decompress.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]
    stated = zstd.ZSTD_getFrameContentSize(frame, len(frame))
    if frame[:4] != b"\x28\xb5\x2f\xfd" or stated > limit or zstd.ZSTD_findFrameCompressedSize(frame, len(frame)) != len(frame):
        raise Refused("frame")
    out = ctypes.create_string_buffer(max(stated, 1))
    if zstd.ZSTD_decompress(out, stated, frame, len(frame)) != stated:
        raise Refused("frame")
    return out.raw[:stated]


def decrypt(suite: int, key: bytes, body: bytes, aad: bytes) -> bytes:
    _, nonce_size, commitment_size, _ = SUITES[suite]
    nonce, rest = body[:nonce_size], body[nonce_size:]
    commitment, rest = rest[:commitment_size], rest[commitment_size:]
    if suite == 0x01:
        return AESGCM(key).decrypt(nonce, rest, aad)
    if suite == 0x10:
        return AESSIV(key).decrypt(rest, [aad])
    if suite == 0x04:
        return ChaCha20Poly1305(mac(key, b"sealrow/v1\0chacha" + nonce[:12])).decrypt(nonce[12:], rest, aad)
    blocks = xaes_blocks(key, nonce[:12])
    if suite == 0x03 and commitment != blocks[2] + blocks[3]:
        raise Refused("commitment")
    return AESGCM(blocks[0] + blocks[1]).decrypt(nonce[12:], rest, aad)


def open_envelope(envelope: bytes, key: Key, place: Place, limit: int = 1 << 20):
    """(type byte, plaintext, equality tag or None); Refused for everything else."""
    suite, key_id, has_tag, compressed, row_bound = parse(envelope)
    if key_id != key.id or row_bound != (place.row is not None):
        raise Refused("other key or profile")
    tag = envelope[HEADER : HEADER + TAG] if has_tag else b""
    aad = b"SRAAD\x01" + envelope[:HEADER] + part(key.tenant) + part(place.table) + part(place.column) + tag
    if row_bound:
        aad += part(place.row)
    try:
        inner = decrypt(suite, subkey(key, suite), envelope[HEADER + len(tag) :], aad)
    except InvalidTag:
        raise Refused("authentication") from None
    if inner[0] not in TYPES:
        raise Refused("type")
    value = unpack(inner[1:], limit) if compressed else inner[1:]
    return inner[0], value, tag or None
