"""The demo keeps its promises: it checks each of them itself and says so by its exit code."""

import os
import subprocess

import pytest
from support import sealrow
from support.places import ROOT, SEALROW
from support.subject import DIRECT


@pytest.mark.skipif(DIRECT, reason="direct run: the demo is about Sealrow")
def test_demo_runs_once():
    assert sealrow.available(), sealrow.missing_reason()
    done = subprocess.run([str(ROOT / "demo/run"), "--once"], capture_output=True, text=True, timeout=110,
                          env={**os.environ, "SEALROW_BIN": str(SEALROW)})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Everything was as promised" in done.stdout
    assert max(len(line) for line in done.stdout.splitlines()) <= 100
    assert "\033" not in done.stdout, "colour without a terminal"
