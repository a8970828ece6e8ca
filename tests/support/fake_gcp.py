"""Google Cloud as far as Sealrow talks to it: token endpoint (RS256 assertions), token exchange, metadata server, Cloud KMS with
associated data and CRC32C both ways."""

import base64
import json
import secrets
import time
import urllib.parse

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .services import Reply, Request, Service, reply_json

KEY = "projects/shop/locations/europe-west3/keyRings/sealrow/cryptoKeys/kek"


def crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def failure(code: int, status: str, message: str) -> Reply:
    return reply_json({"error": {"code": code, "status": status, "message": message}}, code)


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class FakeGcp(Service):
    def __init__(self, *args):
        super().__init__(*args)
        self.private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.tokens: dict[str, float] = {}
        self.versions = [secrets.token_bytes(32)]
        self.purpose, self.state, self.lifetime = "ENCRYPT_DECRYPT", "ENABLED", 3600.0
        self.denied: set[str] = set()
        self.subject_token, self.issued = "subject-token", []
        self.damage: str | None = None  # a field of the answers that arrives damaged

    def service_account(self) -> dict:
        pem = self.private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return {"type": "service_account", "client_email": "sealrow@shop.iam.gserviceaccount.com", "private_key_id": "k1",
                "private_key": pem.decode(), "token_uri": self.url + "/token"}

    def federation(self, file: str) -> dict:
        return {"type": "external_account", "audience": "//iam.googleapis.com/pools/p", "token_url": self.url + "/sts",
                "subject_token_type": "urn:ietf:params:oauth:token-type:jwt", "credential_source": {"file": file}}

    def answer(self, request: Request) -> Reply:
        if request.path == "/token":
            return self._assertion(request)
        if request.path == "/sts":
            return self._exchange(request)
        if request.path.startswith("/computeMetadata/"):
            return self._give("metadata") if request.headers.get("metadata-flavor") == "Google" else Reply(403)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.tokens.get(token, 0) < time.time():
            return failure(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
        name, _, operation = request.path.removeprefix("/v1/").partition(":")
        if (operation or "get") in self.denied:
            return failure(403, "PERMISSION_DENIED", f"Permission 'cloudkms.{operation}' denied")
        if name != KEY:
            return failure(404, "NOT_FOUND", f"CryptoKey {name} not found.")
        return getattr(self, f"_{operation or 'describe'}")(request)

    # ---- tokens ----
    def _give(self, way: str) -> Reply:
        token = "ya29." + secrets.token_urlsafe(40)
        self.tokens[token] = time.time() + self.lifetime
        self.issued.append(way)
        return reply_json({"access_token": token, "expires_in": int(self.lifetime), "token_type": "Bearer"})

    def _assertion(self, request: Request) -> Reply:
        form = urllib.parse.parse_qs(request.body.decode(), strict_parsing=True)
        assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
        signed, _, signature = form["assertion"][0].rpartition(".")
        header, claims = (json.loads(_decode(part)) for part in signed.split("."))
        now = time.time() + self.clock_offset
        try:
            self.private.public_key().verify(_decode(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            return reply_json({"error": "invalid_grant", "error_description": "Invalid JWT Signature."}, 400)
        assert header["alg"] == "RS256" and header["kid"] == "k1" and claims["iss"].startswith("sealrow@")
        if claims["aud"] != self.url + "/token" or not claims["iat"] - 60 < now < claims["exp"] <= claims["iat"] + 3600:
            return reply_json({"error": "invalid_grant", "error_description": "Invalid JWT: Token must be a short-lived token"}, 400)
        return self._give("service account")

    def _exchange(self, request: Request) -> Reply:
        form = {k: v[0] for k, v in urllib.parse.parse_qs(request.body.decode(), strict_parsing=True).items()}
        if form["subject_token"] != self.subject_token or form["audience"] != "//iam.googleapis.com/pools/p":
            return reply_json({"error": "invalid_grant", "error_description": "the subject token is not accepted"}, 400)
        return self._give("federation")

    # ---- Cloud KMS ----
    def _reply(self, document: dict) -> Reply:
        if self.damage in document:
            value = document[self.damage]
            document[self.damage] = False if value is True else str(int(value) ^ 1)
        return reply_json(document)

    def _describe(self, request: Request) -> Reply:
        primary = {"name": f"{KEY}/cryptoKeyVersions/{len(self.versions)}", "state": self.state, "protectionLevel": "HSM"}
        return reply_json({"name": KEY, "purpose": self.purpose, "primary": primary})

    @staticmethod
    def _checked(body: dict, *names: str) -> list[bytes] | Reply:
        values = []
        for name in names:
            values.append(base64.b64decode(body[name], validate=True))
            if int(body[name + "Crc32c"]) != crc32c(values[-1]):
                return failure(400, "INVALID_ARGUMENT", f"checksum of {name} does not match")
        return values

    def _encrypt(self, request: Request) -> Reply:
        checked = self._checked(request.json, "plaintext", "additionalAuthenticatedData")
        if isinstance(checked, Reply):
            return checked
        if self.state != "ENABLED":
            return failure(400, "FAILED_PRECONDITION", "the primary version is not enabled")
        nonce, version = secrets.token_bytes(12), len(self.versions)
        blob = bytes([version]) + nonce + AESGCM(self.versions[-1]).encrypt(nonce, *checked)
        return self._reply({"name": f"{KEY}/cryptoKeyVersions/{version}", "ciphertext": base64.b64encode(blob).decode(),
                            "ciphertextCrc32c": str(crc32c(blob)), "verifiedPlaintextCrc32c": True,
                            "verifiedAdditionalAuthenticatedDataCrc32c": True})

    def _decrypt(self, request: Request) -> Reply:
        checked = self._checked(request.json, "ciphertext", "additionalAuthenticatedData")
        if isinstance(checked, Reply):
            return checked
        blob, associated = checked
        try:
            plain = AESGCM(self.versions[blob[0] - 1]).decrypt(blob[1:13], blob[13:], associated)
        except (InvalidTag, IndexError):
            return failure(400, "INVALID_ARGUMENT", "Decryption failed: verify that 'name' refers to the correct CryptoKey.")
        return self._reply({"plaintext": base64.b64encode(plain).decode(), "plaintextCrc32c": str(crc32c(plain))})
