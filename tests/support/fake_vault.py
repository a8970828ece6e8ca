"""Transit, AppRole, Kubernetes and token endpoints of Vault and OpenBao, after their published API. Like the real ones,
`datakey` and `rewrap` take a context for derived keys but no associated data."""

import base64
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .services import Reply, Request, Service, reply_json


@dataclass
class Key:
    type: str = "aes256-gcm96"
    derived: bool = False
    versions: list[bytes] = field(default_factory=lambda: [secrets.token_bytes(32)])
    min_decryption: int = 1


def errors(status: int, *texts: str) -> Reply:
    return reply_json({"errors": list(texts)}, status)


DENIED = errors(403, "1 error occurred:\n\t* permission denied\n\n")
INVALID_TOKEN = errors(403, "2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n")


class FakeVault(Service):
    def __init__(self, *args):
        super().__init__(*args)
        self.namespace = ""
        self.keys = {"plain": Key(), "derived": Key(derived=True), "rsa": Key(type="rsa-4096")}
        self.tokens: dict[str, float] = {}
        self.role_id, self.secret_id, self.jwt = "role-id", "secret-id", "pod-token"
        self.lifetime, self.renewable = 3600.0, True
        self.denied: set[str] = set()
        self.logins: list[str] = []
        self.renewals = 0

    def new_token(self) -> str:
        token = "hvs." + secrets.token_urlsafe(24)
        self.tokens[token] = time.time() + self.lifetime
        return token

    def answer(self, request: Request) -> Reply:
        if request.headers.get("x-vault-request") != "true":
            return errors(412, "missing request header")
        if request.headers.get("x-vault-namespace", "") != self.namespace:
            return errors(404, 'no handler for route "x". route entry not found.')
        _, _, *words = request.path.split("/")
        if words[0] == "auth" and words[-1] == "login":
            return self._login(words[1], request.json)
        token = request.headers.get("x-vault-token", "")
        if not token:
            return errors(400, "missing client token")
        if self.tokens.get(token, 0) < time.time():
            return INVALID_TOKEN
        if words[:2] == ["auth", "token"]:
            return self._token(words[2], token)
        if words[0] != "transit":
            return errors(404, f'no handler for route "{words[0]}". route entry not found.')
        operation, name = words[1], words[-1]
        if operation in self.denied:
            return DENIED
        key = self.keys.get(name)
        if key is None:
            return errors(404) if request.method == "GET" else errors(400, "encryption key not found")
        if request.method == "GET":
            return reply_json({"data": {"type": key.type, "derived": key.derived, "latest_version": len(key.versions), "name": name}})
        return getattr(self, f"_{operation}")(key, request.json)

    # ---- tokens ----
    def _login(self, mount: str, body: dict) -> Reply:
        good = {"approle": body.get("role_id") == self.role_id and body.get("secret_id") == self.secret_id,
                "kubernetes": body.get("role") == "sealrow" and body.get("jwt") == self.jwt}
        if mount not in good:
            return errors(404, f'no handler for route "auth/{mount}/login". route entry not found.')
        if not good[mount]:
            return errors(400, "invalid role or secret ID") if mount == "approle" else DENIED
        self.logins.append(mount)
        return reply_json({"auth": {"client_token": self.new_token(), "lease_duration": int(self.lifetime), "renewable": self.renewable}})

    def _token(self, operation: str, token: str) -> Reply:
        left = int(self.tokens[token] - time.time())
        if operation == "lookup-self":
            return reply_json({"data": {"ttl": left, "renewable": self.renewable}})
        self.renewals += 1
        self.tokens[token] = time.time() + 3600
        return reply_json({"auth": {"client_token": token, "lease_duration": 3600, "renewable": self.renewable}})

    # ---- transit ----
    def _material(self, key: Key, version: int, body: dict) -> AESGCM | None:
        secret = key.versions[version - 1]
        context = body.get("context", "")
        if key.derived != bool(context):
            return None
        return AESGCM(hmac.digest(secret, base64.b64decode(context), hashlib.sha256) if key.derived else secret)

    def _seal(self, key: Key, plain: bytes, body: dict, associated: bytes | None) -> Reply | str:
        if key.type.startswith("rsa"):
            return errors(400, "key type rsa-4096 does not support this operation")
        material = self._material(key, len(key.versions), body)
        if material is None:
            return errors(400, "missing 'context' for key derivation; the key was created using a derived key")
        nonce = secrets.token_bytes(12)
        return f"vault:v{len(key.versions)}:{base64.b64encode(nonce + material.encrypt(nonce, plain, associated)).decode()}"

    def _open(self, key: Key, body: dict, associated: bytes | None) -> Reply | bytes:
        _, version, blob = body["ciphertext"].split(":", 2)
        number = int(version[1:])
        if number > len(key.versions):
            return errors(400, "invalid ciphertext: version is too new")
        if number < key.min_decryption:
            return errors(400, "ciphertext or signature version is disallowed by policy (too old)")
        material, raw = self._material(key, number, body), base64.b64decode(blob)
        try:
            return material.decrypt(raw[:12], raw[12:], associated)
        except InvalidTag:
            return errors(400, "cipher: message authentication failed")

    @staticmethod
    def _associated(body: dict) -> bytes | None:
        return base64.b64decode(body["associated_data"]) if "associated_data" in body else None

    def _wrapped(self, sealed: Reply | str, **more: str) -> Reply:
        return sealed if isinstance(sealed, Reply) else reply_json({"data": {"ciphertext": sealed, **more}})

    def _encrypt(self, key: Key, body: dict) -> Reply:
        return self._wrapped(self._seal(key, base64.b64decode(body["plaintext"], validate=True), body, self._associated(body)))

    def _decrypt(self, key: Key, body: dict) -> Reply:
        plain = self._open(key, body, self._associated(body))
        return plain if isinstance(plain, Reply) else reply_json({"data": {"plaintext": base64.b64encode(plain).decode()}})

    def _datakey(self, key: Key, body: dict) -> Reply:
        plain = secrets.token_bytes(body["bits"] // 8)
        return self._wrapped(self._seal(key, plain, body, None), plaintext=base64.b64encode(plain).decode())

    def _rewrap(self, key: Key, body: dict) -> Reply:
        plain = self._open(key, body, None)
        return plain if isinstance(plain, Reply) else self._wrapped(self._seal(key, plain, body, None))
