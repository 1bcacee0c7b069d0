#!/usr/bin/env python3
"""A second opinion on the ledger: proofs, checkpoints and tiles, checked without any code of the product.

Written from the public texts alone, so that a mistake of ours cannot be made twice:
  RFC 6962 section 2.1        Merkle tree hash, audit paths, consistency proofs
  RFC 9162 section 2.1        the same tree, stated again
  RFC 8032 section 5.1        Ed25519
  C2SP signed-note, tlog-checkpoint, tlog-tiles

Python 3.8 or later and nothing but its standard library.

    python3 verify.py PROOF.json [VERIFIER]
    python3 verify.py CASES.json

PROOF.json is what the product hands out for one record. VERIFIER is the institution's public key, as a file or as text,
from a source you trust; without it the key in the proof itself is believed, which shows only that the proof is whole.
CASES.json: {"cases": [{"name": ..., "kind": ..., ...}]}; the fields of each kind are those its check_ function reads.
Writes one JSON line for each case, {"name", "ok", "why"}, and exits with 1 unless all are ok.
Time stamps in a proof: this program checks which checkpoint they stamp; `openssl ts -verify` checks the authority.
"""

import base64
import hashlib
import json
import os
import sys


class Refused(Exception):
    """Why a case is not believed."""


# ---------------------------------------------------------------- RFC 6962, the tree


def sha256(data):
    return hashlib.sha256(data).digest()


def leaf_hash(data):
    return sha256(b"\x00" + data)


def node_hash(left, right):
    return sha256(b"\x01" + left + right)


def split_of(n):
    """k of RFC 6962 section 2.1: the largest power of two smaller than n (n > 1)."""
    return 1 << ((n - 1).bit_length() - 1)


def tree_hash(leaves):
    """MTH over leaf hashes."""
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaves[0]
    k = split_of(len(leaves))
    return node_hash(tree_hash(leaves[:k]), tree_hash(leaves[k:]))


def root_by_path(m, n, leaf, path):
    """Undoes PATH(m, D[n]) of section 2.1.1: what root does this audit path give leaf m of n?"""
    if n == 1:
        if path:
            raise Refused("the audit path is too long")
        return leaf
    if not path:
        raise Refused("the audit path is too short")
    k = split_of(n)
    if m < k:
        return node_hash(root_by_path(m, k, leaf, path[:-1]), path[-1])
    return node_hash(path[-1], root_by_path(m - k, n - k, leaf, path[:-1]))


def roots_by_subproof(m, n, whole, proof, first_root):
    """Undoes SUBPROOF(m, D[n], b) of section 2.1.2; gives (root of the first m leaves, root of all n)."""
    if m == n:
        if whole:
            if proof:
                raise Refused("the consistency proof is too long")
            return first_root, first_root
        if len(proof) != 1:
            raise Refused("the consistency proof has a wrong length")
        return proof[0], proof[0]
    if not proof:
        raise Refused("the consistency proof is too short")
    k = split_of(n)
    if m <= k:
        old, new = roots_by_subproof(m, k, whole, proof[:-1], first_root)
        return old, node_hash(new, proof[-1])
    old, new = roots_by_subproof(m - k, n - k, False, proof[:-1], first_root)
    return node_hash(proof[-1], old), node_hash(proof[-1], new)


def count(value):
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Refused("a size or an index is not a whole number")
    return value


def hash_of(text):
    data = from_hex(text)
    if len(data) != 32:
        raise Refused("a hash does not have 32 bytes")
    return data


def from_hex(text):
    try:
        return bytes.fromhex(text)
    except (TypeError, ValueError):
        raise Refused("not hexadecimal")


def check_tree(case):
    leaves = [leaf_hash(from_hex(text)) for text in case["leaves"]]
    if tree_hash(leaves) != hash_of(case["root"]):
        raise Refused("the leaves do not give this root")


def check_inclusion(case):
    index, size = count(case["index"]), count(case["size"])
    if index >= size:
        raise Refused("the index lies outside the tree")
    path = [hash_of(text) for text in case["proof"]]
    if root_by_path(index, size, hash_of(case["leafHash"]), path) != hash_of(case["root"]):
        raise Refused("the audit path does not lead to the root")


def check_consistency(case):
    first, second = count(case["first"]), count(case["second"])
    old, new = hash_of(case["firstRoot"]), hash_of(case["secondRoot"])
    proof = [hash_of(text) for text in case["proof"]]
    if first > second:
        raise Refused("the first tree is larger than the second")
    if first == 0:
        if proof or old != sha256(b"") or (second == 0 and new != old):
            raise Refused("an empty tree needs its own root and no proof")
        return
    if roots_by_subproof(first, second, True, proof, old) != (old, new):
        raise Refused("the proof does not lead to both roots")


# ---------------------------------------------------------------- RFC 8032, Ed25519

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def recover_x(y, sign):
    """Section 5.1.3; None where there is no such point."""
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if x2 == 0:
        return None if sign else 0
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - x2) % P:
        return None
    return P - x if (x & 1) != sign else x


def decode_point(data):
    number = int.from_bytes(data, "little")
    y = number & ((1 << 255) - 1)
    x = recover_x(y, number >> 255)
    return None if x is None else (x, y, 1, x * y % P)


def add_points(p, q):
    """Extended coordinates, section 5.1.4."""
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number, point):
    total = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = add_points(total, point)
        point = add_points(point, point)
        number >>= 1
    return total


BASE = decode_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def ed25519_holds(public, message, signature):
    """Section 5.1.7, without the cofactor."""
    if len(public) != 32 or len(signature) != 64:
        return False
    a, r = decode_point(public), decode_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    left, right = times(s, BASE), add_points(r, times(k, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


def check_ed25519(case):
    if not ed25519_holds(from_hex(case["public"]), from_hex(case["message"]), from_hex(case["signature"])):
        raise Refused("the signature does not hold")


# ---------------------------------------------------------------- C2SP signed-note and tlog-checkpoint


def from_base64(text):
    """Standard padded base64 in its one canonical spelling."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Refused("not base64")
    if base64.b64encode(data).decode() != text:
        raise Refused("base64 in another spelling")
    return data


def read_verifier(text):
    """<name>+<hash>+<base64 of type and key>; gives (name, key hash, public key)."""
    parts = text.split("+", 2)
    if len(parts) != 3:
        raise Refused("not a verifier key")
    name, shown = parts[0], parts[1]
    material = from_base64(parts[2])
    if len(material) != 33 or material[0] != 1:
        raise Refused("not an Ed25519 verifier key")
    key_hash = sha256(name.encode() + b"\n" + material)[:4]
    if key_hash.hex() != shown:
        raise Refused("the key hash is not that of the key")
    return name, key_hash, material[1:]


def open_note(data, verifier):
    """The text of a note once this verifier's signature on it holds."""
    name, key_hash, public = read_verifier(verifier)
    try:
        note = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("the note is not UTF-8")
    if any(ord(char) < 0x20 and char != "\n" for char in note):
        raise Refused("the note holds a control character")
    cut = note.rfind("\n\n")
    if cut < 0 or not note.endswith("\n"):
        raise Refused("the note has no signatures")
    text, lines = note[: cut + 1], note[cut + 2 : -1].split("\n")
    signed = False
    for line in lines:
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "\u2014" or not parts[1] or "+" in parts[1]:
            raise Refused("a signature line is malformed")
        signature = from_base64(parts[2])
        if len(signature) < 5:
            raise Refused("a signature is too short")
        if parts[1] != name or signature[:4] != key_hash:
            continue
        if not ed25519_holds(public, text.encode(), signature[4:]):
            raise Refused("the signature does not hold")
        signed = True
    if not signed:
        raise Refused("no signature by this key")
    return text


def read_checkpoint(text):
    """(origin, size, root, extension lines)"""
    lines = text[:-1].split("\n")
    if len(lines) < 3 or "" in lines:
        raise Refused("not a checkpoint")
    if not (lines[1] == "0" or (lines[1].isascii() and lines[1].isdigit() and lines[1][0] != "0")):
        raise Refused("the size is not a decimal number")
    root = from_base64(lines[2])
    if len(root) != 32:
        raise Refused("the root does not have 32 bytes")
    return lines[0], int(lines[1]), root, lines[3:]


def note_bytes(case):
    return from_base64(case["note"])


def check_checkpoint(case):
    origin, size, root, _ = read_checkpoint(open_note(note_bytes(case), case["verifier"]))
    if origin != case["origin"] or size != count(case["size"]) or root != hash_of(case["root"]):
        raise Refused("the checkpoint says something else")


def check_proof(case):
    """A record's proof as the product hands it out: leaf, audit path and signed checkpoint belong together."""
    origin, size, root, _ = read_checkpoint(open_note(note_bytes(case), case["verifier"]))
    if origin != case["origin"]:
        raise Refused("the checkpoint is of another log")
    path = [hash_of(text) for text in case["proof"]]
    index = count(case["index"])
    if index >= size:
        raise Refused("the index lies outside the tree")
    if root_by_path(index, size, leaf_hash(hash_of(case["recordHash"])), path) != root:
        raise Refused("the audit path does not lead to the signed root")


def field(data):
    return len(data).to_bytes(4, "big") + data


def record_hash(record):
    """H(0x54, then version, kind, canonical JSON (RFC 8785) and commitment, each behind its length)."""
    # Keys are ASCII and numbers are integers, so that sorted keys and no white space make RFC 8785's form.
    text = json.dumps(record["envelope"], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    parts = [count(record["version"]).to_bytes(4, "big"), record["kind"].encode(), text.encode()]
    return sha256(b"\x54" + b"".join(field(part) for part in parts + [from_hex(record["commitment"])]))


def check_message(case):
    """A proof file: what the record says, its leaf, its path, the signed checkpoint, and what the stamps cover."""
    proof = case["proof"]
    verifier = case.get("verifier") or proof["verifier"]
    leaf, head = proof["leaf"], proof["checkpoint"]
    origin, size, root, _ = read_checkpoint(open_note(head["note"].encode(), verifier))
    if (origin, size, root) != (head["origin"], head["size"], hash_of(head["root"])):
        raise Refused("the signed checkpoint says something else")
    if record_hash(proof["record"]) != hash_of(leaf["recordHash"]):
        raise Refused("the record does not give the hash in its leaf")
    if leaf_hash(hash_of(leaf["recordHash"])) != hash_of(leaf["leafHash"]):
        raise Refused("the leaf is not the hash of the record")
    index, path = count(leaf["index"]), [hash_of(text) for text in proof["proof"]]
    if index >= size:
        raise Refused("the index lies outside the tree")
    if root_by_path(index, size, hash_of(leaf["leafHash"]), path) != root:
        raise Refused("the audit path does not lead to the signed root")
    for stamp in proof["stamps"]:
        stamp_origin, stamped, old, _ = read_checkpoint(open_note(stamp["note"].encode(), verifier))
        if stamp_origin != origin or stamped != stamp["size"] or not index < stamped <= size:
            raise Refused("the stamp is over a checkpoint that does not cover the record")
        hashes = [hash_of(text) for text in stamp["consistency"]]
        if roots_by_subproof(stamped, size, True, hashes, old) != (old, root):
            raise Refused("the stamped tree is not the beginning of the proved one")
        if sha256(stamp["note"].encode()) not in from_base64(stamp["response"]):
            raise Refused("the time stamp does not hold the hash of its checkpoint")


# ---------------------------------------------------------------- C2SP tlog-tiles


def tile_name(level, index, width):
    groups = ["%03d" % (index % 1000)]
    while index >= 1000:
        index //= 1000
        groups.insert(0, "x%03d" % (index % 1000))
    name = "tile/%d/%s" % (level, "/".join(groups))
    return name if width == 256 else "%s.p/%d" % (name, width)


def read_tile(folder, level, index, width):
    """A partial tile may have been deleted once the full one is there; that begins with the same hashes."""
    for name in (tile_name(level, index, width), tile_name(level, index, 256)):
        path = os.path.join(folder, *name.split("/"))
        if os.path.exists(path):
            with open(path, "rb") as file:
                data = file.read()
            expected = 256 if name == tile_name(level, index, 256) else width
            if len(data) != expected * 32:
                raise Refused("%s has a wrong length" % name)
            return [data[i * 32 : i * 32 + 32] for i in range(width)]
    raise Refused("%s is missing" % tile_name(level, index, width))


def read_level(folder, level, length):
    row = []
    for index in range((length + 255) // 256):
        row += read_tile(folder, level, index, min(256, length - index * 256))
    return row


def check_tiles(case):
    """Every tile of every level, and the signed root from the leaves alone."""
    _, size, root, _ = read_checkpoint(open_note(note_bytes(case), case["verifier"]))
    leaves = read_level(case["folder"], 0, size)
    if tree_hash(leaves) != root:
        raise Refused("the tiles do not give the signed root")
    below, level = leaves, 1
    while len(below) >= 256:
        row = [tree_hash(below[i * 256 : i * 256 + 256]) for i in range(len(below) // 256)]
        if read_level(case["folder"], level, len(row)) != row:
            raise Refused("a tile of level %d differs from the level below it" % level)
        below, level = row, level + 1


# ---------------------------------------------------------------- the command

CHECKS = {
    "tree": check_tree,
    "inclusion": check_inclusion,
    "consistency": check_consistency,
    "ed25519": check_ed25519,
    "checkpoint": check_checkpoint,
    "proof": check_proof,
    "message": check_message,
    "tiles": check_tiles,
}


def verdict(case):
    try:
        CHECKS[case["kind"]](case)
        return {"name": case["name"], "ok": True, "why": None}
    except (KeyError, TypeError, AttributeError) as wrong:
        return {"name": case["name"], "ok": False, "why": "malformed: %r" % wrong}
    except Refused as refusal:
        return {"name": case["name"], "ok": False, "why": str(refusal)}


def main(arguments):
    if len(arguments) not in (1, 2):
        sys.stderr.write(__doc__)
        return 2
    with open(arguments[0], encoding="utf-8") as file:
        given = json.load(file)
    verifier = arguments[1] if len(arguments) == 2 else None
    if verifier is not None and os.path.exists(verifier):
        with open(verifier, encoding="utf-8") as file:
            verifier = file.read().strip()
    if "cases" not in given:
        given = {"cases": [{"name": arguments[0], "kind": "message", "proof": given, "verifier": verifier}]}
    verdicts = [verdict(case) for case in given["cases"]]
    for found in verdicts:
        print(json.dumps(found))
    return 0 if all(found["ok"] for found in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
