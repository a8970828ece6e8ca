"""Key commands over a configuration of one provider, without a database."""

import json
import os
from pathlib import Path

from . import sealrow
from .places import scratch

CONFIG = """\
version: 1
backend: {{host: localhost}}
control: {{user: x, databases: x}}
keys:
  directory: keys
{keys}
policy: policy.yaml
"""


def nested(settings: dict, depth: int = 1) -> str:
    lines = []
    for key, value in settings.items():
        if isinstance(value, dict):
            lines += [f"{'  ' * depth}{key}:", nested(value, depth + 1)]
        else:
            lines.append(f"{'  ' * depth}{key}: {json.dumps(value)}")
    return "\n".join(lines)


class KeyConfig:
    def __init__(self, settings: dict, env: dict[str, str] | None = None):
        self.folder: Path = scratch("key-config")
        self.file = self.folder / "server.yaml"
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "VAULT_", "GOOGLE_", "AZURE_"))}
        self.env |= {"HOME": str(self.folder), "AWS_EC2_METADATA_DISABLED": "true"} | (env or {})
        self.write(settings)

    def write(self, settings: dict) -> None:
        self.file.write_text(CONFIG.format(keys=nested(settings)))

    def secret(self, name: str, content: str) -> Path:
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(content)
        return path

    def run(self, *words: str, code: int | None = 0):
        done = sealrow.command("keys", *words, "--config", str(self.file), check=False, env=self.env)
        if code is not None:
            assert done.returncode == code, f"keys {words}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def probe(self) -> "Probe":
        done = self.run("probe", "--json", code=None)
        assert done.returncode in (0, 1), done.stderr
        return Probe(done.returncode, json.loads(done.stdout), done.stdout + done.stderr)

    def root(self) -> dict:
        return json.loads((self.folder / "keys/store/root.json").read_text())


class Probe:
    def __init__(self, code: int, document: dict, text: str):
        self.code, self.document, self.text = code, document, text

    @property
    def passed(self) -> bool:
        assert self.document["passed"] == (self.code == 0)
        return self.document["passed"]

    @property
    def failure(self) -> tuple[str, str]:
        """Step and error code of what failed."""
        failed = [s for s in self.document["steps"] if s["result"] == "failed"]
        assert len(failed) == 1, self.document
        return failed[0]["step"], failed[0]["error"]["code"]

    @property
    def error(self) -> dict:
        return next(s["error"] for s in self.document["steps"] if s["result"] == "failed")
