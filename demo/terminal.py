"""Output for people: a hundred columns, colour only where it is wanted."""

import os
import sys
import textwrap

WIDTH = 100
COLOUR = sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def paint(code: str, text: str) -> str:
    return f"\033[{code}m{text}\033[0m" if COLOUR else text


def bold(text: str) -> str:
    return paint("1", text)


def dim(text: str) -> str:
    return paint("2", text)


def green(text: str) -> str:
    return paint("32", text)


def red(text: str) -> str:
    return paint("31", text)


def cyan(text: str) -> str:
    return paint("36", text)


def fit(text: str, width: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= width else text[:width - 1] + "…"


def title(text: str) -> None:
    print()
    print(bold(text))
    print(dim("─" * WIDTH))


def chapter(number: int, text: str) -> None:
    print()
    print(f" {cyan(str(number))}  {bold(text)}")
    print()


def say(text: str) -> None:
    for line in textwrap.wrap(text, WIDTH - 8):
        print(f"    {line}")


def done(text: str) -> None:
    print(f"    {green('✓')} {text}", flush=True)


def sql(text: str) -> None:
    print(f"    {dim('sql>')} {fit(text, WIDTH - 12)}")


def error(lines: list[str]) -> None:
    for number, line in enumerate(lines):
        for part in textwrap.wrap(line, WIDTH - 12):
            print(f"         {red(part) if number == 0 else part}")


def side_by_side(left_title: str, right_title: str, rows: list[tuple[str, str]]) -> None:
    half = (WIDTH - 9) // 2
    print(f"    {bold(fit(left_title, half).ljust(half))} {dim('│')} {bold(fit(right_title, half))}")
    print(dim(f"    {'─' * half}─┼─{'─' * half}"))
    for left, right in rows:
        print(f"    {green(fit(left, half).ljust(half))} {dim('│')} {red(fit(right, half))}")
