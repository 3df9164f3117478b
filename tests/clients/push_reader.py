"""An app's half of Web Push, by libraries of others: reads one JSON command, writes one JSON answer.

`keys` makes an app's keys; `open` checks who sent a push and opens it, in either coding.
"""

import base64
import json
import os
import sys

import http_ece
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

POINT = (serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def keys():
    private = ec.generate_private_key(ec.SECP256R1())
    return {
        "private": hex(private.private_numbers().private_value),
        "p256dh": encode(private.public_key().public_bytes(*POINT)),
        "auth": encode(os.urandom(16)),
    }


def parts(header, separator):
    return dict(part.strip().split("=", 1) for part in header.split(separator))


def claims_of(token, key):
    """What the token says, once its ES256 signature by `key` holds (RFC 7515, RFC 7518)."""
    said, signature = token.rsplit(".", 1)
    head, claims = said.split(".")
    assert json.loads(decode(head)) == {"typ": "JWT", "alg": "ES256"}, head
    signature = decode(signature)
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decode(key))
    public.verify(encode_dss_signature(r, s), said.encode(), ec.ECDSA(hashes.SHA256()))
    return json.loads(decode(claims))


def open_push(private, auth, headers, body):
    private = ec.derive_private_key(int(private, 16), ec.SECP256R1())
    body, auth = base64.b64decode(body), decode(auth)
    coding = headers["content-encoding"]
    scheme, word = headers["authorization"].split(" ", 1)
    if coding == "aes128gcm":
        assert scheme == "vapid", scheme
        word = parts(word, ",")
        token, key = word["t"], word["k"]
        payload = http_ece.decrypt(body, private_key=private, auth_secret=auth, version=coding)
    else:
        assert scheme == "WebPush", scheme
        crypto = parts(headers["crypto-key"], ";")
        token, key = word, crypto["p256ecdsa"]
        payload = http_ece.decrypt(
            body,
            salt=decode(parts(headers["encryption"], ";")["salt"]),
            private_key=private,
            dh=decode(crypto["dh"]),
            auth_secret=auth,
            version=coding,
        )
    return {"payload": json.loads(payload), "claims": claims_of(token, key), "key": key}


command = json.load(sys.stdin)
match command.pop("do"):
    case "keys":
        answer = keys()
    case "open":
        answer = open_push(**command)
    case other:
        raise ValueError(f"what is {other}?")
print(json.dumps(answer))
