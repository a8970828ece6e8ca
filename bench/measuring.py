"""What every comparison shares: options, shuffled rounds with progress, ratios within a round, tables, the page."""

import argparse
import os
import platform
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.process import cpu_seconds                               # noqa: E402

PAGE = ROOT / "docs/benchmarks.md"


@dataclass
class Target:
    name: str
    port: int
    database: str
    pid: int | None        # the proxy; none for direct


@dataclass(frozen=True)
class Run:
    cpu: float             # µs of proxy per transaction
    tps: float
    middle: float          # latency in µs: median, or mean where the load tool knows no median
    p99: float


@dataclass(frozen=True)
class Limit:
    """CPU per transaction of a target against the base's in the same round: the most that is allowed."""

    what: str
    target: str
    loads: tuple[str, ...]
    most: float


Results = dict[tuple[Any, str], list[Run | None]]


def options(doc: str, *more: tuple[str, dict]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, standard, what in (("rounds", 5, "every target once per load, in shuffled order"), ("seconds", 2, "per cell"), ("clients", 8, "connections")):
        parser.add_argument(f"--{name}", type=int, default=int(os.environ.get(f"BENCH_{name.upper()}", standard)), help=f"{what} (default {standard})")
    parser.add_argument("--loads", default=os.environ.get("BENCH_LOADS", ""), help="names of loads, separated by blanks (default: all)")
    parser.add_argument("--no-write", action="store_true", help="leave docs/benchmarks.md as it is")
    for name, settings in more:
        parser.add_argument(name, **settings)
    return parser.parse_args()


def watched(target: Target, command: list[str], env: dict[str, str] | None = None) -> tuple[subprocess.CompletedProcess, float]:
    """Runs a load tool; what it printed, and the CPU seconds that the proxy took meanwhile."""
    before = cpu_seconds(target.pid) if target.pid else 0
    done = subprocess.run(command, env={**os.environ, **(env or {})}, capture_output=True, text=True)
    return done, cpu_seconds(target.pid) - before if target.pid else 0


def measure(targets: list[Target], loads: list, rounds: int, run: Callable[[Target, Any], Run | None]) -> Results:
    results: Results = {(load, t.name): [] for load in loads for t in targets}
    total, done, started = rounds * len(loads) * len(targets), 0, time.monotonic()
    for number in range(rounds):
        cells = [(load, target) for load in loads for target in targets]
        random.shuffle(cells)
        for load, target in cells:
            results[load, target.name].append(run(target, load))
            done += 1
            left = (time.monotonic() - started) / done * (total - done)
            if sys.stderr.isatty():
                print(f"\r[{done}/{total}] {target.name}, {load.name}, {left:.0f} s left\033[K", end="", file=sys.stderr, flush=True)
        print(f"\rround {number + 1} of {rounds} done, {left:.0f} s left\033[K" if sys.stderr.isatty() else f"round {number + 1} of {rounds} done",
              file=sys.stderr, flush=True)
    return results


# ---- tables ----------------------------------------------------------------------------------------------------

def spread(values: list[float], digits: int = 1) -> str:
    if not values:
        return "–"
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{low:.{digits}f} / **{middle:.{digits}f}** / {high:.{digits}f}"


def ratios(ours: list[Run | None], base: list[Run | None], of: Callable[[Run], float]) -> list[float]:
    return [of(a) / of(b) for a, b in zip(ours, base) if a and b and of(b)]


def table(title: str, loads: list, names: list[str], cell: Callable[[Any, str], str]) -> str:
    lines = [f"\n### {title}\n", "| load | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    return "\n".join(lines + [f"| {load.name} | " + " | ".join(cell(load, n) for n in names) + " |" for load in loads]) + "\n"


def limits_table(limits: list[Limit], loads: list, results: Results, base: str) -> str:
    lines = [f"\n### Targets: CPU, median ratio to {base}\n", "| what | at most | measured | |", "|---|---|---|---|"]
    for limit in limits:
        for load in (each for each in loads if each.name in limit.loads):
            found = ratios(results[load, limit.target], results[load, base], lambda r: r.cpu)
            if found:
                ratio = statistics.median(found)
                lines.append(f"| {limit.what}: {load.name} | {limit.most:.2f} | {ratio:.2f} | {'reached' if ratio <= limit.most else '**missed**'} |")
    return "\n".join(lines) + "\n"


def machine() -> str:
    cpu = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "unknown")
    return (f"{os.cpu_count()} CPUs ({cpu}), Linux {platform.release()}; load average {os.getloadavg()[2]:.1f} over the last 15 minutes, the run's own "
            "load included")


def tables(targets: list[Target], loads: list, results: Results, limits: list[Limit], middle: str) -> str:
    """Of targets in this order: direct, the base, Sealrow with an empty policy, the others."""
    names = [t.name for t in targets]
    base, proxies = names[1], names[1:]

    def latency(load: Any, name: str) -> str:
        runs = [r for r in results[load, name] if r]
        return f"{statistics.median(r.middle for r in runs):.0f} / {statistics.median(r.p99 for r in runs):.0f}" if runs else "–"
    text = limits_table(limits, loads, results, base)
    text += table("CPU of the proxy, µs per transaction", loads, proxies, lambda l, n: spread([r.cpu for r in results[l, n] if r]))
    text += table(f"CPU, ratio to {base} in the same round", loads, proxies[1:],
                  lambda l, n: spread(ratios(results[l, n], results[l, base], lambda r: r.cpu), 2))
    text += table("CPU, ratio to Sealrow with an empty policy in the same round", loads, proxies[2:],
                  lambda l, n: spread(ratios(results[l, n], results[l, proxies[1]], lambda r: r.cpu), 2))
    text += table("Transactions per second, ratio to direct in the same round", loads, proxies,
                  lambda l, n: spread(ratios(results[l, n], results[l, "direct"], lambda r: r.tps), 2))
    return text + table(f"Latency {middle} / p99 in µs, medians of the rounds", loads, names, latency)


# ---- the page --------------------------------------------------------------------------------------------------

def write(block: str, text: str) -> None:
    """Puts the text between the markers of this name."""
    page = PAGE.read_text()
    begin_mark, end_mark = f"<!-- {block}:begin -->", f"<!-- {block}:end -->"
    begin, end = page.index(begin_mark) + len(begin_mark), page.index(end_mark)
    PAGE.write_text(page[:begin] + "\n" + text + page[end:])
    print(f"written to {PAGE.relative_to(ROOT)}")
