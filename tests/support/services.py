"""A key service on this machine, written after the published interface of the real one: it verifies what a client must send
(signatures, tokens, associated data, checksums) and fails on demand."""

import json
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .tls import Authority


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes

    @property
    def json(self) -> dict:
        return json.loads(self.body or b"{}")


@dataclass
class Reply:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def reply_json(document: object, status: int = 200, **headers: str) -> Reply:
    return Reply(status, json.dumps(document).encode(), {"Content-Type": "application/json", **headers})


class Service:
    """`answer` is what the real service does. Faults come first, one per request, until there are none left."""

    def __init__(self, authority: Authority | None = None):
        self.requests: list[Request] = []
        self.faults: list[Callable[["_Handler"], None] | Reply] = []
        self.clock_offset = 0  # seconds added to header Date
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.service = self
        if authority:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*authority.issue(f"service-{self._server.server_port}"))
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        self.port = self._server.server_port
        self.url = f"{'https' if authority else 'http'}://127.0.0.1:{self.port}"

    def answer(self, request: Request) -> Reply:
        raise NotImplementedError

    def reset(self) -> None:
        self.requests.clear()
        self.faults.clear()
        self.clock_offset = 0

    def stop(self) -> None:
        """No connection is accepted afterwards."""
        self._server.shutdown()
        self._server.server_close()

    # ---- faults that any service can have ----
    def no_fault(self, handler: "_Handler") -> None:
        """Stands for a request that passes before one that does not."""
        handler.send(self.answer(self.requests[-1]))

    def fail(self, *faults: "Callable[[_Handler], None] | Reply") -> None:
        self.faults += faults


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_) -> None:
        pass

    def date_time_string(self, timestamp=None) -> str:
        return super().date_time_string((timestamp or time.time()) + self.server.service.clock_offset)

    def _handle(self) -> None:
        service = self.server.service
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        request = Request(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
        service.requests.append(request)
        fault = service.faults.pop(0) if service.faults else None
        if callable(fault):
            return fault(self)
        self.send(fault or service.answer(request))

    do_GET = do_POST = do_PUT = _handle

    def send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)


def hang_up(handler: _Handler) -> None:
    """The connection ends without an answer."""
    handler.close_connection = True
    handler.connection.close()


def endless(handler: _Handler) -> None:
    """More than any answer can be."""
    handler.send(Reply(200, b"{" + b" " * (1 << 20)))


def silence(handler: _Handler) -> None:
    """Nothing, for longer than anybody waits."""
    handler.close_connection = True
    time.sleep(4)  # the length of the fault itself: the client must give up before


GARBAGE = Reply(200, b"<html>sign in to the network</html>", {"Content-Type": "text/html"})
REDIRECT = Reply(302, b"", {"Location": "http://127.0.0.1:1/"})
BUSY = Reply(503, b"", {})
