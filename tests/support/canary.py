"""Canaries: values that appear nowhere else, and the search for them in every spelling that could betray them."""

import base64
import mmap
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ALPHABET = "bcdfghjkmnpqrstvwxz"


def new_marker() -> str:
    return "cnry" + "".join(secrets.choice(ALPHABET) for _ in range(12))


class Canaries:
    """Values that share one random marker, so that one search covers them all."""

    def __init__(self) -> None:
        self.marker = new_marker()
        self._count = 0

    def new(self, label: str) -> str:
        self._count += 1
        return f"{self.marker}-{label}-{self._count}"

    def spellings(self) -> dict[str, bytes]:
        return spellings(self.marker)


def spellings(marker: str) -> dict[str, bytes]:
    raw = marker.encode()
    forms = {"plain": raw, "upper case": marker.upper().encode(), "hex": raw.hex().encode(),
             "hex, upper case": raw.hex().upper().encode(), "utf-16-le": marker.encode("utf-16-le"),
             "utf-16-be": marker.encode("utf-16-be"), "reversed": raw[::-1]}
    for shift in range(3):
        # base64 depends on where in a group of three the text starts; the touching characters are cut off
        padded = base64.b64encode(b"\0" * shift + raw)
        forms[f"base64, shifted by {shift}"] = padded[4 if shift else 0:(shift + len(raw)) // 3 * 4]
    return forms


@dataclass(frozen=True)
class Finding:
    file: Path
    spelling: str
    around: bytes

    def __str__(self) -> str:
        return f"{self.file}: as {self.spelling}: {self.around!r}"


def search(folders: Iterable[Path], forms: dict[str, bytes], limit: int = 20) -> list[Finding]:
    """Every file below the folders (or a file itself) that holds one of the forms."""
    found: list[Finding] = []
    for folder in folders:
        files = [folder] if folder.is_file() else sorted(p for p in folder.rglob("*") if p.is_file())
        for file in files:
            found += _search_file(file, forms)
            if len(found) >= limit:
                return found
    return found


def _search_file(file: Path, forms: dict[str, bytes]) -> list[Finding]:
    try:
        if file.stat().st_size == 0:
            return []
        with file.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as content:
            found = []
            for spelling, needle in forms.items():
                at = content.find(needle)
                if at >= 0:
                    found.append(Finding(file, spelling, content[max(0, at - 60):at + len(needle) + 60]))
            return found
    except FileNotFoundError:  # a server may remove a temporary file meanwhile
        return []
