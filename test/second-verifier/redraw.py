#!/usr/bin/env python3
"""A second way to draw a sample: docs/sampling.md in Python, without any code of the product.

Python 3.8 or later and nothing but its standard library.

    python3 redraw.py SAMPLE.jsonl     an exported sample: tree, leaves, population and draw; prints what is drawn
    python3 redraw.py --cases FILE     a JSON a line {"plan", "messages", "note"}; prints {"seed", "population", "drawn"} for each

Exits with 1 where a sample is not what it says. Signatures are for verify.py: this program believes the three notes and
checks everything that hangs on them.
"""

import base64
import hashlib
import json
import sys


class Refused(Exception):
    """Why a sample is not believed."""


def sha256(data):
    return hashlib.sha256(data).digest()


# ---------------------------------------------------------------- the tree and its leaves (RFC 6962, docs/evidence-package.md)


def root_of(leaves):
    """MTH over leaf hashes, from the bottom up: the last of an odd level goes up alone."""
    level = list(leaves)
    if not level:
        return sha256(b"")
    while len(level) > 1:
        pairs = [sha256(b"\x01" + level[i] + level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = pairs + ([level[-1]] if len(level) % 2 else [])
    return level[0]


def utf16(text):
    return text.encode("utf-16-be", "surrogatepass")


def canonical(value):
    """RFC 8785 for what our records hold: no fractions."""
    if value is None or isinstance(value, (bool, str)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "[" + ",".join(canonical(item) for item in value) + "]"
    fields = sorted(value.items(), key=lambda field: utf16(field[0]))
    return "{" + ",".join(json.dumps(k, ensure_ascii=False) + ":" + canonical(v) for k, v in fields) + "}"


def u32(value):
    return value.to_bytes(4, "big")


def record_hash(kind, document, commitment=b""):
    text = canonical(document).encode("utf-8")
    name = kind.encode("ascii")
    parts = [b"\x54", u32(4), u32(1), u32(len(name)), name, u32(len(text)), text, u32(len(commitment)), commitment]
    return sha256(b"".join(parts))


def leaf_hash(record):
    return sha256(b"\x00" + record)


# ---------------------------------------------------------------- the draw (docs/sampling.md)

SEVERITY_WEIGHT = {"P0": 20, "P1": 10, "P2": 4, "P3": 2}


def seed_of(note, plan_id):
    data = note.encode("utf-8")
    return sha256(b"tongjian-sample/1\x00" + u32(len(data)) + data + plan_id.encode("utf-8"))


def key_of(seed, unit, weight):
    name = unit.encode("utf-8")
    return min(sha256(seed + u32(ticket) + name) for ticket in range(weight))


def units_of(plan, messages):
    roster = {entry["staff"]: entry for entry in plan["roster"]}
    flags = {(conv, at, msgid): severity for conv, at, msgid, severity in plan["flags"]}
    units = {}
    for message in messages:
        who = roster.get(message["from"])
        at = int(message["sentAt"][:-3] or "0")
        group = isinstance(message["meta"].get("room"), str)
        if (
            who is None
            or message["action"] != "send"
            or message["direction"] not in plan["directions"]
            or ("group" if group else "single") not in plan["channels"]
            or not plan["from"] <= at < plan["to"]
        ):
            continue
        day = (at + plan["offsetMinutes"] * 60000) // 86400000
        if plan["unit"] == "message":
            name = "%s|%s|%s" % (message["sentAt"], message["conv"], message["msgid"])
        else:
            name = "%d|%s|%s" % (day, message["conv"], message["from"])
        fresh = {"id": name, "who": who, "conv": message["conv"], "group": group, "week": (day + 3) // 7, "severity": None, "messages": []}
        unit = units.setdefault(name, fresh)
        unit["messages"].append(message)
        severity = flags.get((message["conv"], message["sentAt"], message["msgid"]))
        if severity is not None and (unit["severity"] is None or severity < unit["severity"]):
            unit["severity"] = severity
    chosen = [unit for unit in units.values() if plan["line"] == "all" or unit["severity"] is None]
    for unit in chosen:
        weight = 1
        if plan["method"] == "risk":
            weight = min(100, unit["who"]["weight"] * SEVERITY_WEIGHT.get(unit["severity"], 1))
        unit["weight"] = weight
    return sorted(chosen, key=lambda unit: unit["id"].encode("utf-8"))


def share_of(count, thousandths):
    return (count * thousandths + 999) // 1000


def rules_of(plan):
    sizes = plan["sizes"]
    shares = {"normal": sizes["share"], "new": sizes["newShare"], "watched": sizes["watchedShare"]}

    def at_least(count, thousandths):
        return max(share_of(count, thousandths), sizes["minimum"])

    main = {
        "random": (lambda unit: "", lambda unit, n: at_least(n, sizes["share"])),
        "risk": (lambda unit: "", lambda unit, n: at_least(n, sizes["share"])),
        "department": (lambda unit: unit["who"]["department"], lambda unit, n: at_least(n, sizes["share"])),
        "person": (lambda unit: unit["who"]["staff"], lambda unit, n: at_least(n, shares[unit["who"]["group"]])),
    }[plan["method"]]
    return [
        (plan["method"],) + main,
        ("severity", lambda unit: unit["severity"], lambda unit, n: share_of(n, sizes[unit["severity"].lower()])),
        ("group_week", lambda unit: (unit["conv"], unit["week"]) if unit["group"] else None, lambda unit, n: sizes["groupWeekly"]),
    ]


def draw(plan, units, seed):
    order = sorted(units, key=lambda unit: (key_of(seed, unit["id"], unit["weight"]), unit["id"].encode("utf-8")))
    taken = {}
    for name, stratum, quota in rules_of(plan):
        strata = {}
        for unit in order:
            key = stratum(unit)
            if key is not None:
                strata.setdefault(key, []).append(unit)
        for members in strata.values():
            for unit in members[: quota(members[0], len(members))]:
                taken.setdefault(unit["id"], []).append(name)
    return [{"id": unit["id"], "rules": taken[unit["id"]]} for unit in order if unit["id"] in taken]


def population_digest(units):
    state = hashlib.sha256()
    for unit in units:
        hashes = [m["recordHash"] for m in sorted(unit["messages"], key=lambda m: m["index"])]
        state.update(("%s\t%s\n" % (unit["id"], ",".join(hashes))).encode("utf-8"))
    return state.hexdigest()


def drawn_digest(drawn):
    lines = "".join("%s\t%s\n" % (unit["id"], ",".join(unit["rules"])) for unit in drawn)
    return hashlib.sha256(lines.encode("utf-8")).hexdigest()


# ---------------------------------------------------------------- an exported sample


def checkpoint(note):
    lines = note.split("\n")
    return int(lines[1]), base64.b64decode(lines[2])


def require(holds, why):
    if not holds:
        raise Refused(why)


def check_file(path):
    head, leaves, openings, ended = None, [], [], None
    with open(path, encoding="utf-8") as lines:
        for text in lines:
            line = json.loads(text)
            if line["kind"] == "sample":
                head = line
            elif line["kind"] == "hashes":
                data = base64.b64decode(line["base64"])
                leaves += [data[i : i + 32] for i in range(0, len(data), 32)]
            elif line["kind"] == "message":
                openings.append(line)
            elif line["kind"] == "end":
                ended = line["messages"]
    require(head is not None and ended == len(openings), "the file is not whole")
    plan, told = head["plan"]["document"], head["draw"]["document"]
    notes = head["notes"]
    for note in notes.values():
        if note is not None:
            size, root = checkpoint(note)
            require(size <= len(leaves) and root_of(leaves[:size]) == root, "the leaves do not give the signed root at %d" % size)
    size, _ = checkpoint(notes["fixed"])
    require(leaf_hash(record_hash("plan", plan)) == leaves[head["plan"]["index"]], "the plan is not the one in the ledger")
    require(leaf_hash(record_hash("draw", told)) == leaves[head["draw"]["index"]], "the draw is not the one in the ledger")
    require(head["plan"]["index"] < size, "the plan came after the checkpoint")
    before = checkpoint(notes["before"])[0] if notes["before"] else 0
    require(before <= head["plan"]["index"] and checkpoint(notes["first"])[0] == size, "not the first checkpoint after the plan")
    require(not head["siblings"] and not plan["earlier"], "another plan of the same scope and period")
    messages = []
    for opening in openings:
        record = record_hash("message", opening["envelope"], bytes.fromhex(opening["commitment"]))
        require(opening["index"] < size and leaf_hash(record) == leaves[opening["index"]], "message %d was altered" % opening["index"])
        messages.append(dict(opening["envelope"], index=opening["index"], recordHash=record.hex()))
    units = units_of(plan, messages)
    require(population_digest(units) == told["populationSha256"], "another population")
    seed = seed_of(notes["fixed"], plan["id"])
    require(seed.hex() == told["seed"], "another seed")
    drawn = draw(plan, units, seed)
    require(drawn == head["drawn"] and drawn_digest(drawn) == told["drawnSha256"], "another draw")
    return drawn


def main(arguments):
    if arguments[0] == "--cases":
        with open(arguments[1], encoding="utf-8") as lines:
            for text in lines:
                case = json.loads(text)
                units = units_of(case["plan"], case["messages"])
                seed = seed_of(case["note"], case["plan"]["id"])
                drawn = draw(case["plan"], units, seed)
                print(json.dumps({"seed": seed.hex(), "population": population_digest(units), "drawn": drawn}, ensure_ascii=False))
        return 0
    try:
        for unit in check_file(arguments[0]):
            print(json.dumps(unit, ensure_ascii=False))
    except Refused as refused:
        print("refused: %s" % refused)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
