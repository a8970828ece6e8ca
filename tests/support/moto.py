"""moto, a KMS of AWS's interface by others, and boto3, AWS's own client, both in a tree of a later Debian."""

import json
import subprocess

from .places import DEPS, scratch
from .process import Process
from .waiting import accepts, free_port

TREE = DEPS / "kms"
PYTHON = [str(TREE / "run"), "usr/bin/python3"]

CLIENT = """
import base64, json, sys, boto3
port, service, operation, arguments = json.loads(sys.stdin.read())
client = boto3.client(service, endpoint_url=f"http://127.0.0.1:{port}", region_name="eu-central-1",
                      aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="secret")
for name in ("CiphertextBlob", "Plaintext"):
    if name in arguments:
        arguments[name] = base64.b64decode(arguments[name])
answer = getattr(client, operation)(**arguments)
print(json.dumps(answer, default=lambda v: base64.b64encode(v).decode() if isinstance(v, bytes) else str(v)))
"""


def available() -> bool:
    return (TREE / "run").exists()


class Moto:
    def __init__(self):
        self.folder = scratch("moto")
        self.port = free_port()
        self._start()
        self.key = self.boto("create_key")["KeyMetadata"]["Arn"]

    def _start(self) -> None:
        command = [*PYTHON, str(TREE / "usr/bin/moto_server"), "-H", "127.0.0.1", "-p", str(self.port)]
        self.process = Process(command, self.folder / "moto.log")
        self.process.wait_ready(lambda: accepts(self.port), "moto to start")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def boto(self, operation: str, service: str = "kms", **arguments) -> dict:
        done = subprocess.run([*PYTHON, "-c", CLIENT], input=json.dumps([self.port, service, operation, arguments]),
                              capture_output=True, text=True, timeout=120, cwd=self.folder)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def stop(self) -> None:
        self.process.stop()
