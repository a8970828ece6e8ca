"""SoftHSM2 tokens, and OpenSC's pkcs11-tool as a second client."""

import os
import subprocess
from pathlib import Path

from .places import scratch

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = "1234"


class SoftHsm:
    def __init__(self):
        self.folder = scratch("softhsm")
        (self.folder / "tokens").mkdir()
        conf = self.folder / "softhsm2.conf"
        conf.write_text(f"directories.tokendir = {self.folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
        self.env = {"SOFTHSM2_CONF": str(conf)}
        self.run("softhsm2-util", "--init-token", "--free", "--label", "test", "--pin", PIN, "--so-pin", "5678")

    def run(self, *command: str) -> str:
        done = subprocess.run(command, env={**os.environ, **self.env}, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def tool(self, *arguments: str) -> str:
        return self.run("pkcs11-tool", "--module", str(MODULE), "--token-label", "test", "--login", "--pin", PIN, *arguments)

    def make_key(self, label: str, kind: str = "AES:32", number: str = "01") -> None:
        self.tool("--keygen", "--key-type", kind, "--label", label, "--id", number)
