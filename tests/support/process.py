"""Child processes whose output is kept, and what the kernel knows about them."""

import ctypes
import os
import signal
import subprocess
from pathlib import Path

from .waiting import wait_until


PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def _end_with_parent() -> None:
    """A test run that is killed must not leave servers behind."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT)


class Process:
    """Started at once; `log` receives both outputs."""

    def __init__(self, command: list[str], log: Path, env: dict[str, str] | None = None):
        self.log = log
        with log.open("ab") as out:
            self._child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                           env={**os.environ, **(env or {})}, start_new_session=True,
                                           preexec_fn=_end_with_parent)
        self.pid = self._child.pid

    def running(self) -> bool:
        return self._child.poll() is None

    def exit_code(self) -> int | None:
        return self._child.poll()

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def send_signal(self, number: int) -> None:
        if self.running():
            self._child.send_signal(number)

    def stop(self, number: int = signal.SIGTERM, timeout: float = 30) -> int:
        """Ends the process politely, then by force; its exit code."""
        self.send_signal(number)
        try:
            return self._child.wait(timeout)
        except subprocess.TimeoutExpired:
            self._child.kill()
            return self._child.wait(10)

    def wait_ready(self, condition, what: str, timeout: float = 60.0):
        """Waits for the condition; fails at once, with the log, if the process ends first."""
        def ready():
            if not self.running():
                raise RuntimeError(f"{what}: process ended with code {self.exit_code()}\n{self.output()[-4000:]}")
            return condition()
        return wait_until(ready, what, timeout)


def listening_ports(pid: int) -> list[int]:
    """TCP ports that the process listens on, from the kernel: works for `port: 0` whatever the log looks like. None of
    one that has ended, or is about to: what is read of it here may go at any moment."""
    ports = []
    try:
        inodes = _sockets(pid)
        for table in ("tcp", "tcp6"):
            path = Path(f"/proc/{pid}/net/{table}")
            for line in path.read_text().splitlines()[1:] if path.exists() else []:   # no tcp6 without IPv6
                fields = line.split()
                if fields[3] == "0A" and fields[9] in inodes:
                    ports.append(int(fields[1].rsplit(":", 1)[1], 16))
    except OSError:
        return []
    return ports


def _sockets(pid: int) -> set[str]:
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(descriptor)
        except OSError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    return inodes


def cpu_seconds(pid: int) -> float:
    """Run time of all threads in seconds, not rounded to ticks."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            total += int((task / "schedstat").read_text().split()[0])
        except OSError:   # the thread has ended
            continue
    return total / 1e9


def resident_kib(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0
