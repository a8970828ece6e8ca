"""AWS as far as Sealrow talks to it: KMS, STS, container credentials, IMDSv2. Verifies Signature Version 4 itself."""

import base64
import datetime
import hashlib
import hmac
import json
import secrets
import urllib.parse
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .services import Reply, Request, Service, reply_json

REGION = "eu-central-1"
KEY = f"arn:aws:kms:{REGION}:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROLE = "arn:aws:iam::111122223333:role/sealrow"


@dataclass
class Identity:
    secret: str
    token: str = ""
    expires: datetime.datetime | None = None


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def kms_error(kind: str, message: str = "", status: int = 400) -> Reply:
    return reply_json({"__type": kind, "message": message}, status, **{"Content-Type": "application/x-amz-json-1.1"})


class FakeAws(Service):
    def __init__(self, *args):
        super().__init__(*args)
        self.identities: dict[str, Identity] = {}
        self.keys = {KEY: {"state": "Enabled", "usage": "ENCRYPT_DECRYPT", "spec": "SYMMETRIC_DEFAULT",
                           "material": AESGCM(secrets.token_bytes(32))}}
        self.aliases = {"alias/sealrow": KEY}
        self.denied: set[str] = set()
        self.web_token, self.container_token, self.imds_token = "web-identity-token", "container-token", "imds-token"
        self.lifetime = 3600.0
        self.issued: list[str] = []  # by which way credentials were given out

    def add_identity(self) -> tuple[str, str]:
        name, secret = "AKIA" + secrets.token_hex(8).upper(), secrets.token_urlsafe(30)
        self.identities[name] = Identity(secret)
        return name, secret

    def _temporary(self, way: str) -> dict[str, str]:
        name, secret, token = "ASIA" + secrets.token_hex(8).upper(), secrets.token_urlsafe(30), secrets.token_urlsafe(200)
        expires = _now() + datetime.timedelta(seconds=self.lifetime)
        self.identities[name] = Identity(secret, token, expires)
        self.issued.append(way)
        return {"AccessKeyId": name, "SecretAccessKey": secret, "Token": token, "Expiration": expires.strftime("%Y-%m-%dT%H:%M:%SZ")}

    def answer(self, request: Request) -> Reply:
        if request.path.startswith("/latest/"):
            return self._imds(request)
        if request.path == "/container":
            return self._container(request)
        if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return self._sts(request)
        return self._kms(request)

    # ---- signature ----
    def _unsigned(self, request: Request, service: str) -> tuple[str, str] | None:
        """What is wrong with the request's signature: type and message."""
        given = request.headers.get("authorization", "")
        if not given.startswith("AWS4-HMAC-SHA256 "):
            return "MissingAuthenticationTokenException", "Missing Authentication Token"
        parts = dict(p.strip().split("=", 1) for p in given[len("AWS4-HMAC-SHA256 "):].split(","))
        name, date, region, scope_service, last = parts["Credential"].split("/")
        identity = self.identities.get(name)
        if identity is None:
            return "UnrecognizedClientException", "The security token included in the request is invalid."
        if identity.token and not hmac.compare_digest(identity.token, request.headers.get("x-amz-security-token", "")):
            return "UnrecognizedClientException", "The security token included in the request is invalid."
        if identity.expires and identity.expires < _now():
            return "ExpiredTokenException", "The security token included in the request is expired"
        if (region, scope_service, last) != (REGION, service, "aws4_request"):
            return "InvalidSignatureException", "Credential should be scoped to a valid region."
        if any(h not in parts["SignedHeaders"].split(";") for h in ("host", "x-amz-date", "content-type")):
            return "InvalidSignatureException", "headers are not signed"
        time = request.headers["x-amz-date"]
        then = datetime.datetime.strptime(time, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
        if abs((_now() + datetime.timedelta(seconds=self.clock_offset) - then).total_seconds()) > 300:
            return "InvalidSignatureException", f"Signature expired: {time} is now earlier than …"
        canonical = "\n".join([request.method, request.path, "",
                               *(f"{h}:{' '.join(request.headers[h].split())}" for h in parts["SignedHeaders"].split(";")), "",
                               parts["SignedHeaders"], _digest(request.body)])
        scope = f"{date}/{region}/{service}/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{time}\n{scope}\n{_digest(canonical.encode())}"
        key = ("AWS4" + identity.secret).encode()
        for part in (date, region, service, "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        if not hmac.compare_digest(hmac.digest(key, text.encode(), "sha256").hex(), parts["Signature"]):
            return "InvalidSignatureException", "The request signature we calculated does not match: x-amz-security-token:SECRET"
        return None

    # ---- KMS ----
    def _kms(self, request: Request) -> Reply:
        wrong = self._unsigned(request, "kms")
        if wrong:
            return kms_error(*wrong)
        operation = request.headers["x-amz-target"].removeprefix("TrentService.")
        if operation in self.denied:
            return kms_error("AccessDeniedException", f"User: {ROLE} is not authorized to perform: kms:{operation} on this resource")
        body = request.json
        name = body.get("KeyId") or body.get("SourceKeyId")
        arn = self.aliases.get(name, name)
        key = self.keys.get(arn)
        if key is None:
            return kms_error("NotFoundException", f"Key '{arn}' does not exist")
        if operation == "DescribeKey":
            return reply_json({"KeyMetadata": {"Arn": arn, "KeyState": key["state"], "KeyUsage": key["usage"], "KeySpec": key["spec"],
                                               "Enabled": key["state"] == "Enabled"}})
        if key["state"] == "Disabled":
            return kms_error("DisabledException", f"{arn} is disabled.")
        if key["state"] != "Enabled":
            return kms_error("KMSInvalidStateException", f"{arn} is pending deletion.")
        if key["usage"] != "ENCRYPT_DECRYPT":
            return kms_error("InvalidKeyUsageException", f"{arn} key usage is {key['usage']}")
        return getattr(self, f"_{operation}")(arn, key["material"], body)

    @staticmethod
    def _context(body: dict, name: str = "EncryptionContext") -> bytes:
        return json.dumps(body.get(name, {}), sort_keys=True).encode()

    def _seal(self, arn: str, material: AESGCM, plain: bytes, context: bytes) -> dict:
        nonce = secrets.token_bytes(12)
        return {"KeyId": arn, "CiphertextBlob": base64.b64encode(nonce + material.encrypt(nonce, plain, context)).decode()}

    def _open(self, material: AESGCM, body: dict, context: bytes) -> bytes:
        blob = base64.b64decode(body["CiphertextBlob"], validate=True)
        return material.decrypt(blob[:12], blob[12:], context)

    def _GenerateDataKey(self, arn: str, material: AESGCM, body: dict) -> Reply:
        assert body["KeySpec"] == "AES_256"
        plain = secrets.token_bytes(32)
        return reply_json({"Plaintext": base64.b64encode(plain).decode(), **self._seal(arn, material, plain, self._context(body))})

    def _Encrypt(self, arn: str, material: AESGCM, body: dict) -> Reply:
        return reply_json(self._seal(arn, material, base64.b64decode(body["Plaintext"]), self._context(body)))

    def _Decrypt(self, arn: str, material: AESGCM, body: dict) -> Reply:
        try:
            plain = self._open(material, body, self._context(body))
        except InvalidTag:
            return kms_error("InvalidCiphertextException")
        return reply_json({"KeyId": arn, "Plaintext": base64.b64encode(plain).decode()})

    def _ReEncrypt(self, arn: str, material: AESGCM, body: dict) -> Reply:
        assert body["DestinationKeyId"] == arn
        plain = self._open(material, body, self._context(body, "SourceEncryptionContext"))
        return reply_json(self._seal(arn, material, plain, self._context(body, "DestinationEncryptionContext")))

    # ---- where credentials come from ----
    def _sts(self, request: Request) -> Reply:
        form = {k: v[0] for k, v in urllib.parse.parse_qs(request.body.decode(), strict_parsing=True).items()}
        if form["Action"] == "AssumeRole" and (wrong := self._unsigned(request, "sts")):
            return self._sts_error(*wrong)
        if form["Action"] == "AssumeRoleWithWebIdentity" and form["WebIdentityToken"] != self.web_token:
            return self._sts_error("InvalidIdentityToken", "Couldn't retrieve verification key")
        if form["RoleArn"] != ROLE:
            return self._sts_error("AccessDenied", "Not authorized to perform sts:" + form["Action"], 403)
        made = self._temporary(form["Action"])
        made["SessionToken"] = made.pop("Token")
        inner = "".join(f"<{k}>{v}</{k}>" for k, v in made.items())
        return Reply(200, f"<R><Result><Credentials>{inner}</Credentials></Result></R>".encode(), {"Content-Type": "text/xml"})

    def _sts_error(self, code: str, message: str, status: int = 400) -> Reply:
        return Reply(status, f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>".encode())

    def _container(self, request: Request) -> Reply:
        if request.headers.get("authorization") != self.container_token:
            return reply_json({"code": "AccessDenied", "message": "no token"}, 403)
        return reply_json(self._temporary("container"))

    def _imds(self, request: Request) -> Reply:
        if request.path == "/latest/api/token":
            if request.method != "PUT" or not request.headers.get("x-aws-ec2-metadata-token-ttl-seconds"):
                return Reply(400)
            return Reply(200, self.imds_token.encode())
        if request.headers.get("x-aws-ec2-metadata-token") != self.imds_token:
            return Reply(401)
        base = "/latest/meta-data/iam/security-credentials/"
        if request.path == base:
            return Reply(200, b"sealrow-instance")
        return reply_json({"Code": "Success", **self._temporary("instance")}) if request.path == base + "sealrow-instance" else Reply(404)
