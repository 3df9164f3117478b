#!/usr/bin/env python3
"""A second program that checks a ledger's file, written from docs/ledger.md alone.

It checks bytes, commitments, roots and signatures, not the rules of receipts:
  scripts/ledger-second.py docs/ledger-example.jsonl
Needs Python 3 and its package "cryptography".
"""
import hashlib
import json
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LETTERS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def jcs(value):
    """RFC 8785, as far as keys outside of the Basic Multilingual Plane do not matter."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def base58(text):
    number = 0
    for letter in text[1:]:
        number = number * 58 + LETTERS.index(letter)
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def root(leaves):
    """MTH of RFC 9162, section 2.1.1."""
    if not leaves:
        return sha()
    if len(leaves) == 1:
        return sha(b"\0", leaves[0])
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha(b"\1", root(leaves[:half]), root(leaves[half:]))


def check_proofs(document, keys):
    """Each proof by the key that stands in the same place; raises where one does not hold."""
    document = dict(document)
    proofs = document.pop("proof")
    proofs = proofs if isinstance(proofs, list) else [proofs]
    assert len(proofs) == len(keys), "signed by as many as should"
    for proof, key in zip(proofs, keys):
        options = {name: value for name, value in proof.items() if name != "proofValue"}
        signature = base58(proof["proofValue"]).rjust(64, b"\0")
        public = Ed25519PublicKey.from_public_bytes(base58(key)[2:])
        public.verify(signature, sha(jcs(options)) + sha(jcs(document)))
    return len(proofs)


def main(path):
    *lines, nothing = open(path, "rb").read().split(b"\n")
    assert nothing == b"", "every line has an end"
    *lines, end = lines
    sha256 = sha(*(line + b"\n" for line in lines)).hex()
    assert json.loads(end) == {"lines": len(lines), "sha256": sha256, "type": "End"}
    size = json.loads(lines[0])["size"]
    leaves, group_keys, signatures = [], [], 0
    for seq, line in enumerate(lines[1 : size + 1]):
        entry = json.loads(line)
        assert jcs(entry) == line, seq
        leaves.append(bytes.fromhex(entry["commitment"]))
        payload = entry.get("payload")
        if payload is None:
            continue
        assert sha(bytes.fromhex(entry["salt"]), jcs(payload)) == leaves[-1], seq
        assert payload["seq"] == seq and payload.get("row") == entry.get("row"), seq
        if payload["type"] in ("opened", "key"):
            group_keys.append((seq, payload["key"]))
        signed = payload.get("stamp") or payload.get("request")
        if signed and "key" in entry:
            signatures += check_proofs(signed, [entry["key"]])
    for line in lines[size + 1 :]:
        document = json.loads(line)
        assert jcs(document) == line
        if document["type"] == "HealthReport":
            continue
        if document["type"] == "Witness":
            key = document.pop("key")
            signatures += check_proofs(document, [key])
            document = document["head"]
        assert bytes.fromhex(document["root"]) == root(leaves[: document["size"]])
        in_force = [key for seq, key in group_keys if seq < document["size"]]
        both = 2 if isinstance(document["proof"], list) else 1
        signatures += check_proofs(document, in_force[-both:])
    print(f"{size} entries and {signatures} signatures hold")


main(sys.argv[1])
