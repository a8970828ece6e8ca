"""The examples that users copy are right: configuration files load, and commands of the documents exist."""

import re

import pytest
from support import sealrow
from support.places import ROOT

pytestmark = pytest.mark.skipif(not sealrow.available(), reason=sealrow.missing_reason())


def test_version():
    assert re.fullmatch(r"sealrow \d+\.\d+\.\d+.*", sealrow.command("--version").stdout.strip())


def test_help_of_every_documented_command():
    documented = set()
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        documented |= {tuple(m.split()) for m in re.findall(r"^(?:\$ )?sealrow ((?:[a-z]+)(?: [a-z]+)?)\b", path.read_text(), re.M)}
    assert documented
    for words in sorted(documented):
        # the second word may be an argument rather than a subcommand
        shortest = sealrow.command(words[0], "--help", check=False)
        assert shortest.returncode == 0, f"sealrow {words[0]}: {shortest.stderr}"


def test_policy_blocks_of_the_documents_load(tmp_path):
    blocks = []
    for path in (ROOT / "README.md", ROOT / "docs/quickstart.md", ROOT / "docs/concepts.md"):
        blocks += [(path.name, b) for b in re.findall(r"```yaml\n(.*?)```", path.read_text(), re.S) if "tables:" in b]
    assert blocks
    server = tmp_path / "server.yaml"
    for where, block in [*blocks, *((name, (ROOT / name).read_text()) for name in ("demo/policy.yaml", "demo/policy_mysql.yaml"))]:
        control = "protocol: mysql\ncontrol: {user: x}" if '"@' in block else "control: {user: x, databases: x}"
        server.write_text(f"version: 1\nbackend: {{host: localhost}}\n{control}\n"
                          "keys: {directory: keys, passphrase_env: X}\npolicy: policy.yaml\n")
        file = tmp_path / "policy.yaml"
        file.write_text(block)
        done = sealrow.command("check", "--offline", "--config", str(server), check=False)
        assert done.returncode == 0, f"{where}: {done.stdout}{done.stderr}\n{block}"
