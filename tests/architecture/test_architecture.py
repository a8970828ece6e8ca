"""The house rules, held by tests: rooms, headers, sizes, words, error pages."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
from support.places import ROOT

SOURCE_SUFFIXES = {".cpp", ".hpp"}


@cache
def tracked() -> list[Path]:
    """Files of the repository: those git knows or would add; without git, those outside of build folders."""
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True)
    if listed.returncode == 0:
        return [path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file()]
    return [p for p in ROOT.rglob("*") if p.is_file() and p.relative_to(ROOT).parts[0] not in (".git", ".deps", "build")]


def sources(*folders: str) -> list[Path]:
    return [p for p in tracked() if p.suffix in SOURCE_SUFFIXES and p.relative_to(ROOT).parts[0] in folders]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


# ---- rooms -----------------------------------------------------------------------------------------------------

@cache
def rooms() -> dict[str, set[str]]:
    """Room → rooms it may include, from the table in CMakeLists.txt: its own links and what they link."""
    table: dict[str, set[str]] = {}
    for match in re.finditer(r"^sealrow_room\((\w+)\s*(.*?)\)$", (ROOT / "CMakeLists.txt").read_text(), re.M):
        links = re.search(r"ROOMS ([\w ]+?)(?: LIBS|$)", match[2])
        direct = links[1].split() if links else []
        assert set(direct) <= set(table), f"{match[1]} links a room to its right"
        table[match[1]] = set(direct).union(*(table[room] for room in direct))
    return table


def room_of(path: Path) -> str | None:
    parts = path.relative_to(ROOT).parts
    room = parts[2] if parts[:2] == ("include", "sealrow") else parts[1] if parts[0] == "src" and len(parts) > 2 else None
    return room


def test_every_room_is_in_the_table():
    found = {room for path in sources("src", "include") if (room := room_of(path))}
    assert found <= set(rooms())


def test_rooms_include_only_rooms_to_their_left():
    wrong = []
    for path in sources("src", "include"):
        room = room_of(path)
        if room is None:
            continue
        for line in re.findall(r'^#include "(.+)"', path.read_text(), re.M):
            other = line.split("/")[1] if line.startswith("sealrow/") else line.split("/")[0]
            if other in rooms() and other != room and other not in rooms()[room]:
                wrong.append(f"{name(path)} includes {line}")
            if other in rooms() and other != room and not line.startswith("sealrow/"):
                wrong.append(f"{name(path)} includes {line}, which {other} has not promised")
    assert not wrong, "\n".join(wrong)


def headers() -> list[Path]:
    return sorted(p for p in sources("include") if p.suffix == ".hpp")


@pytest.mark.parametrize("header", headers(), ids=name)
def test_header_is_complete(header):
    """It compiles on its own, and twice."""
    line = f'#include "{header.relative_to(ROOT / "include")}"\n'
    command = ["g++", "-std=c++20", "-fsyntax-only", "-x", "c++", "-I", str(ROOT / "include"), "-"]
    done = subprocess.run(command, input=line + line, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[:2000]


def test_formatting():
    files = [str(p) for p in sources("src", "include", "tests")]
    done = subprocess.run(["clang-format", "--dry-run", "-Werror", *files], capture_output=True, text=True)
    untidy = sorted(set(re.findall(r"^(\S+?):\d+:\d+: error", done.stderr, re.M)))
    assert not untidy, "make format would change:\n" + "\n".join(untidy)


# ---- sizes -----------------------------------------------------------------------------------------------------

def percentile(values: list[int], part: float) -> int:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def test_files_are_short():
    lengths = {name(p): len(p.read_text().splitlines()) for p in sources("src", "include", "tests")}
    long = {n: size for n, size in lengths.items() if size > 800}
    assert not long, f"over 800 lines: {long}"
    assert percentile(list(lengths.values()), 0.9) <= 400


def functions() -> dict[str, int]:
    """Lengths of all functions, by universal-ctags."""
    files = "\n".join(str(p) for p in sources("src", "include"))
    command = ["ctags", "-L", "-", "-f", "-", "--languages=C++", "--language-force=C++", "--kinds-C++=f", "--fields=+ne"]
    out = subprocess.run(command, input=files, capture_output=True, text=True, check=True).stdout
    lengths = {}
    for line in out.splitlines():
        start, end = re.search(r"line:(\d+)", line), re.search(r"end:(\d+)", line)
        if start and end:
            fields = line.split("\t")
            lengths[f"{name(Path(fields[1]))}:{start[1]} {fields[0]}"] = int(end[1]) - int(start[1]) + 1
    return lengths


def test_functions_are_short():
    lengths = functions()
    assert len(lengths) > 50, "ctags found hardly any function"
    long = {n: size for n, size in lengths.items() if size > 100}
    assert not long, f"over 100 lines: {long}"
    assert percentile(list(lengths.values()), 0.9) <= 40


# ---- words -----------------------------------------------------------------------------------------------------

# Paths and hosts of the machines that the code was written on have no place in it.
FORBIDDEN = [r"/work" + r"/", r"deb\.debian" + r"\.org", r"registry\.npm" + r"js\.org", r"https?://[\w.-]*mirror[\w.-]*", r"artifact" + r"ory"]


def test_no_traces_of_a_machine():
    pattern = re.compile("|".join(FORBIDDEN), re.I)
    found = []
    for path in tracked():
        if path.suffix in (".png", ".ico", ".bin") or path.name == "package-lock.json":
            continue
        text = path.read_bytes().decode(errors="replace")
        found += [f"{name(path)}: {m[0]}" for m in pattern.finditer(text)]
    assert not found, "\n".join(found)


def test_no_naked_output():
    """Everything said by the daemon goes through the log; the command line's own output is the cli's business."""
    wrong = [name(p) for p in sources("src") if room_of(p) not in ("cli", None)
             and re.search(r"std::(cout|cerr)|\bprintf\(", p.read_text())]
    assert not wrong


def test_coroutines_stay_in_net():
    wrong = [name(p) for p in sources("src", "include") if room_of(p) != "net" and re.search(r"\bco_(await|return|yield)\b", p.read_text())]
    assert not wrong


# ---- errors ----------------------------------------------------------------------------------------------------

def registry() -> dict[str, tuple[str, str]]:
    text = (ROOT / "include/sealrow/base/error_codes.hpp").read_text()
    return {f"SR-E{number}": (state, title) for number, state, title in
            re.findall(r'X\((\d+), "(\w{5})", \w+, "(.+?)"\)', text)}


def test_every_error_has_its_page():
    """docs/errors.md: a section per code, with its SQLSTATE and title, and nothing else."""
    page = (ROOT / "docs/errors.md").read_text()
    documented = {code: (state, title) for code, title, state in
                  re.findall(r"^### (SR-E\d+) – (.+)\n\nSQLSTATE `(\w{5})`", page, re.M)}
    assert documented == registry()


def test_sections_of_errors_say_something():
    page = (ROOT / "docs/errors.md").read_text()
    for section in re.split(r"^### ", page, flags=re.M)[1:]:
        assert "**What to do.**" in section, section.splitlines()[0]


def test_error_codes_in_code_and_tests_exist():
    known = registry()
    for path in tracked():
        if path.suffix in {".cpp", ".hpp", ".py", ".md", ".yaml", ".sql"} or path.name == "run":
            for code in re.findall(r"SR-E\d{3}\b", path.read_text(errors="replace")):
                assert code in known, f"{name(path)} names {code}"


# ---- documents -------------------------------------------------------------------------------------------------

def documents() -> list[Path]:
    return [p for p in tracked() if p.suffix == ".md"]


@pytest.mark.parametrize("path", documents(), ids=name)
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", path.read_text()):
        assert (path.parent / target).exists(), f"{name(path)} links {target}"


def test_make_targets_in_documents_exist():
    targets = set(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text(), re.M))
    for path in documents():
        for target in re.findall(r"`make ([a-z-]+)`", path.read_text()):
            assert target in targets, f"{name(path)}: make {target}"


def test_shell_scripts_parse():
    for path in tracked():
        first = path.read_bytes()[:40]
        if first.startswith(b"#!") and b"sh" in first.splitlines()[0]:
            done = subprocess.run(["bash", "-n", str(path)], capture_output=True, text=True)
            assert done.returncode == 0, f"{name(path)}: {done.stderr}"
