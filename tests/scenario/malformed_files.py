"""Bad scenario files, several hundred, each with a name: what a mistake, a broken editor or a stranger may send."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator

from sim.scenario.paths import places

HEAD = "schema: doubletick/1\n"
MEBIBYTE = 1 << 20

Case = tuple[str, bytes]


def cases() -> Iterator[Case]:
    """Every case: a name and the bytes of the file."""
    for family in (_bytes, _syntax, _shapes, _limits, _heads, _typos, _values, _faults, _drawn, _layers, _together):
        for number, (name, text) in enumerate(family()):
            data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
            yield f"{family.__name__.strip('_')}-{number}-{name}", data


def _junk(seed: int, length: int) -> bytes:
    blocks = (hashlib.sha256(f"{seed} {place}".encode()).digest() for place in range(length // 32 + 1))
    return b"".join(blocks)[:length]


def _bytes() -> Iterator[tuple[str, bytes]]:
    for seed in range(12):
        yield "junk", _junk(seed, 10 * 4**seed % 60_000 + 3)
    yield "null", b"\0"
    yield "nulls", b"\0" * 1000
    yield "null in a text", HEAD.encode() + b"name: a\0b\n"
    yield "utf-16 little", (HEAD + "name: a\n").encode("utf-16-le")
    yield "utf-16 marked", (HEAD + "name: a\n").encode("utf-16")
    yield "utf-16 big marked", b"\xfe\xff" + (HEAD + "name: a\n").encode("utf-16-be")
    yield "utf-32", (HEAD + "name: a\n").encode("utf-32")
    yield "latin-1", HEAD.encode() + "question: größer\n".encode("latin-1")
    yield "overlong", HEAD.encode() + b"name: \xc0\xafetc\n"
    yield "half a character", HEAD.encode() + b"question: \xf0\x9f\x98"
    yield "surrogate", HEAD.encode() + b"question: \xed\xa0\x80\n"
    yield "escape sequence", HEAD.encode() + b"question: \x1b[2J\n"
    yield "bell", HEAD.encode() + b"question: \x07\n"
    yield "gzip", gzip.compress(HEAD.encode(), mtime=0)
    yield "png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
    yield "elf", b"\x7fELF\x02\x01\x01\0"
    yield "mark in the middle", HEAD.encode() + b"name: a\n\xef\xbb\xbfquestion: b\n\0"
    yield "too large", b"# " + b"x" * MEBIBYTE


def _syntax() -> Iterator[tuple[str, str]]:
    for text in (
        "{", "}", "[", "]", "a: [1, 2", "a: {b: 1", "a: 'b", 'a: "b', "a: b: c", "\tname: a", "name:\n\t- a",
        "- a\nb: c",
        "a: &", "a: *", "a: *nobody", "a: !", "a: !!python/object/apply:os.system [ls]", "a: !custom b", "!!map {a: 1}",
        "%YAML 1.1\n---\na: 1", "%YAML 9\n---\na: 1", "a: %b", "a: @b", "a: `b`", "? [1, 2]\n: b", "? {a: 1}\n: b",
        "[a, b]: c", "{a: 1}: c", "a: |x\n b", "a: >9x\n b", 'a: "\\q"', 'a: "\\UFFFFFFFF"', 'a: "\\ud800"', 'a: "\\0"',
        'a: "\\e[0m"', "a: 1\n b: 2", "a:\n  b: 1\n c: 2", "a: 1\na: 2", "a: {b: 1, b: 2}", "--- \na: 1\n--- \nb: 2",
        "a: 1\n...\nb: 2", "a: 'x' y", 'a: "x" "y"', ", a: 1", "a: [1, 2]]", "<<: {name: a}", "a: - b", "&x a: *x : b",
    ):  # fmt: skip
        yield text[:12].strip() or "blank", HEAD + text + "\n"


def _shapes() -> Iterator[tuple[str, str]]:
    for text in ("", " ", "\n\n\n", "# nothing but a comment\n", "---\n", "...\n", "null", "~", "5", "text",
                 "- a\n- b\n",
                 "[]", '""', "true", "\ufeff", "---\n---\n", "|\n  text"):  # fmt: skip
        yield text[:8].strip() or "empty", text


def _limits() -> Iterator[tuple[str, str]]:
    yield "flow depth", HEAD + "a: " + "[" * 5000 + "]" * 5000
    yield "flow depth open", HEAD + "a: " + "[" * 5000
    yield "flow maps", HEAD + "a: " + "{a: " * 5000 + "1" + "}" * 5000
    yield "block depth", HEAD + "".join(" " * depth + "a:\n" for depth in range(1000))
    yield "dashes", HEAD + "a:\n  " + "- " * 5000 + "a"
    yield "question marks", HEAD + "? " * 5000 + "a"
    yield "one too deep", HEAD + "a: " + "[" * 32 + "]" * 32
    yield "dotted depth", HEAD + "variants: {v: {" + ".".join("a" * 400) + ": 1}}"
    bomb = "".join(f"a{n}: &a{n} [" + ", ".join([f"*a{n - 1}"] * 9) + "]\n" for n in range(1, 12))
    yield "laughs", HEAD + "a0: &a0 [ha, ha]\n" + bomb
    yield "deep by aliases", HEAD + "a0: &a0 [1]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 40))
    yield "recursive list", HEAD + "a: &a [*a]\n"
    yield "recursive map", HEAD + "a: &a {b: *a}\n"
    yield "recursive key", HEAD + "a: &a {*a : b}\n"
    yield "many values", HEAD + "tags: [" + ", ".join(["a"] * 20_000) + "]"
    yield "many keys", HEAD + "".join(f"key{n}: 1\n" for n in range(4900))
    yield "many wrong tags", HEAD + "tags: [" + ", ".join(["1"] * 9000) + "]"
    yield "many faults", HEAD + "faults: [" + ", ".join(["{}"] * 9000) + "]"
    yield "many variants", HEAD + "variants: {" + ", ".join(f"v{n}: {{a: 1}}" for n in range(3000)) + "}"
    yield "long key", HEAD + "k" * 100_000 + ": 1\n"
    yield "long word", HEAD + "protocol: {heartbeat: " + "9" * 200_000 + "s}\n"
    yield "long number", HEAD + "workload: {users: " + "9" * 200_000 + "}\n"
    yield "long fraction", HEAD + "workload: {reply_share: 0." + "9" * 5_000 + "x}\n"
    yield "huge count", HEAD + "workload: {users: " + "9" * 60 + "G}\n"
    yield "anchors", HEAD + "a: " + "&a " * 5000 + "1"


def _heads() -> Iterator[tuple[str, str]]:
    for head in ("name: a", "schema: doubletick/2", "schema: doubletick", "schema: 1", "schema:",
                 "schema: [doubletick/1]",
                 "name: a\nschema: doubletick/1", "Schema: doubletick/1", "schema : doubletick / 1",
                 "schema: {doubletick: 1}", "schema: true", "schemas: doubletick/1"):  # fmt: skip
        yield head[:16].strip(), head + "\n"


def _typos() -> Iterator[tuple[str, str]]:
    for path, place in places().items():
        parents, _, key = path.rpartition(".")
        value = "{}" if place.unit == "section" else "1"
        yield path, HEAD + _nested(parents, f"{key[:-1]}x", value)


def _nested(parents: str, key: str, value: str) -> str:
    text = f"{key}: {value}"
    for parent in reversed(parents.split(".") if parents else []):
        text = f"{parent}: {{{text}}}"
    return text + "\n"


WRONG = {
    "duration": ("30", "-5s", "true", "[]", "{}", "'30'", "5 parsecs", ".nan", "0", "1:30", "9999999d", "s", "1e400s"),
    "count": ("-1", "1.5", "true", "null", "'12'", "5m", "ten", ".inf", "[1]", "1e3", "-1k", "0x", "99999999999999"),
    "rate": ("20", "20k", "-1/s", "true", "half", "/s", "5/fortnight", "'1e3/s'", "0/s", "{}", "2G/s", "5 per s"),
    "share": ("-0.1", "500%", "5", "true", "null", "half", ".nan", "'0.5'", "nan%", "{}", "-1%", "inf%"),
    "number": ("'1'", "true", "null", ".inf", ".nan", "one", "[]", "-1e300"),
    "choice": ("nothing", "true", "null", "7", "[]", "''"),
    "flag": ("yes", "no", "1", "null", "'true'", "on"),
    "text": ("7", "true", "[]", "{}", "1.5"),
    "section": ("7", "null", "text", "[]"),
    "list": ("7", "null", "text", "{}", "[[]]", "[{}]", "[7]"),
    "mapping": ("7", "null", "text", "[]"),
}


def _values() -> Iterator[tuple[str, str]]:
    for number, (path, place) in enumerate(places().items()):
        parents, _, key = path.rpartition(".")
        wrong = list(WRONG[place.unit])
        if path == "seeds":
            wrong = ["20..1", "[]", "1..", "true", "''", "1..99999999", "a b"]
        if place.declared.metadata.get("optional"):
            wrong = [value for value in wrong if value != "null"]
        if place.unit == "duration" and not place.declared.metadata.get("least"):
            wrong = [value for value in wrong if value != "0s"]
        if place.declared.metadata.get("of") in ("count", "user"):
            wrong.remove("[7]")
        # Each key gets some of the wrong values of its unit, in turn, so that every one is met often.
        for turn in range(3):
            value = wrong[(number + turn * 5) % len(wrong)]
            yield f"{path} {value}", HEAD + _nested(parents, key, value)


def _faults() -> Iterator[tuple[str, str]]:
    for entry in (
        "{}", "7", "null", "text", "[]", "{kind: crash}", "{at: 3s}", "{kind: crush, at: 3s, target: store 0}",
        "{kind: crash, at: 3, target: store 0}", "{kind: crash, at: -3s, target: store 0}",
        "{kind: crash, at: 3s, target: store 9}", "{kind: crash, at: 3s, target: store}", "{kind: crash, at: 3s}",
        "{kind: crash, at: 3s, target: stores 3}", "{kind: pause, at: 3s, target: phone 1}",
        "{kind: crash, at: 3s, target: connection_server 7}", "{kind: crash, at: 3s, target: conn 1}",
        "{kind: crash, at: 3s, target: store 10%}", "{kind: crash, at: 3s, target: stores 0%}",
        "{kind: crash, at: 3s, target: stores 200%}", "{kind: crash, at: 3s, target: store -1}",
        "{kind: crash, at: 3s, target: ''}", "{kind: crash, at: 3s, target: store 0 1}",
        "{kind: crash, at: 3s, target: 7}", "{kind: crash, at: 3s, target: [store, 0]}",
        "{kind: crash, at: 3s, target: registry 0}", "{kind: crash, at: 3s, target: store 99999999999999999999}",
        "{kind: crash, at: 99h, target: store 0}", "{kind: crash, at: 3s, for: 5, target: store 0}",
        "{kind: crash, at: 3s, for: -5s, target: store 0}", "{kind: crash, at: 3s, target: store 0, tarfet: x}",
        "{kind: crash, at: 3s, target: store 0, probability: 5%}", "{kind: crash, at: 3s, target: store 0, nth: 2}",
        "{kind: crash, at: 3s, target: store 0, operation: 2}", "{kind: crash, at: 3s, target: store 0, device: 2}",
        "{kind: crash, at: 3s, point: after store.persist.append_entry}", "{kind: crash, point: nowhere}",
        "{kind: crash, point: after store.persist.append}", "{kind: crash, point: store.persist.append_entry}",
        "{kind: crash, point: 7}", "{kind: crash, point: after store.persist.append_entry, nth: 0}",
        "{kind: crash, point: after store.persist.append_entry, nth: 1.5}",
        "{kind: crash, point: after store.persist.append_entry, operation: -1}",
        "{kind: crash, point: after store.persist.append_entry, operation: 1M}",
        "{kind: crash, point: after store.persist.append_entry, device: 9M}",
        "{kind: loss, at: 3s, target: servers, probability: 500%}",
        "{kind: loss, at: 3s, target: servers, probability: lots}", "{kind: loss, at: 3s, target: server 1}",
        "{kind: loss, at: 3s, target: store 0, peer: nobody}", "{kind: delay, at: 3s, target: servers, by: -2s}",
        "{kind: delay, at: 3s, target: servers, by: 2}", "{kind: clock_step, at: 3s, target: phone 3}",
        "{kind: clock_step, at: 3s, target: phone 3, by: --2h}",
        "{kind: clock_step, at: 3s, target: phone 300, by: 2h}",
        "{kind: slow_disk, at: 3s, target: store 0}", "{kind: slow_disk, at: 3s, target: store 0, factor: 1}",
        "{kind: slow_disk, at: 3s, target: store 0, factor: -5}", "{kind: fail_over, at: 3s, target: servers}",
        "{kind: clock_drift, at: 3s, target: phone 3, factor: fast}",
        "{kind: clock_drift, at: 3s, target: phone 3, factor: .nan}",
        "{kind: offline, at: 3s, for: 2s, target: store 0}",
    ):  # fmt: skip
        yield entry[:60], HEAD + f"faults: [{entry}]\n"
    yield "mapping", HEAD + "faults: {kind: crash, at: 3s, target: store 0}\n"
    yield "append nothing", HEAD + "faults+: crash\n"
    yield "warm-up", HEAD + "time: {warm_up: 9s}\nfaults: [{kind: crash, at: 3s, target: store 0}]\n"


def _drawn() -> Iterator[tuple[str, str]]:
    for body in ("protocol.page: 7", "protocol.page: []", "protocol.page: [0]", "protocol.page: [1, two]", "page: [1]",
                 "protocol: [1]", "protocol: {page: [1]}", "protocol.paeg: [1]", "protocol.heartbeat: [30]",
                 "protocol.heartbeat: [1s, 80s]", "protocol.back_off: [sometimes]", "name: [a]", "faults: [[]]",
                 "checks: [[LOSS-1]]", "workload.operations: [[]]", "random_faults.kinds: [crash]",
                 "random_faults.kinds: [[crush]]", "network.silent_connections: [.nan]", "drawn: [1]",
                 "random_faults.least: [5]", "protocol.page: {a: 1}"):  # fmt: skip
        yield body, HEAD + f"drawn: {{{body}}}\n"


def _layers() -> Iterator[tuple[str, str]]:
    for text in ("extends: nobody", "extends: commut", "extends: 7", "extends: [commute]", "extends: ''", "extends:",
                 "extends: ../../../etc/passwd", "extends: /", "extends: .", "extends: \"a\\tb\"",
                 "extends: " + "x" * 5000,
                 "variants: 7", "variants: [a]", "variants: {a: 7}", "variants: {a: {page: 7}}",
                 "variants: {a: {b.c: 7}}",
                 "variants: {a: {protocol.page: 0}}", "variants: {a: {protocol.page: 5, protocol: {page: 6}}}",
                 "variants: {a: {schema: doubletick/1}}", "variants: {a: {extends: commute}}",
                 "variants: {a: {variants: {}}}", "variants: {a: {protocol: 7}}", "variants: {a: {faults+: 7}}",
                 "variants: {a: {..: 7}}", "variants: {a: {faults: [{kind: crush, at: 1s}]}}",
                 "variants: {a: {time.chaos: 0s}, b: {time.warm_up: 9h}}", "variants: {a: {'': 7}}"):  # fmt: skip
        yield text[:40], HEAD + text + "\n"


def _together() -> Iterator[tuple[str, str]]:
    for text in (
        "protocol: {heartbeat: 50s}", "protocol: {lease: 30s}", "protocol: {server_patience: 5s}",
        "protocol: {answer_within: 1ms}", "protocol: {back_off_first: 60s}", "time: {warm_up: 2m}", "time: {chaos: 0s}",
        "random_faults: {least: 5}", "random_faults: {most: 5, shortest: 50s}", "random_faults: {longest_away: 1ms}",
        "workload: {kind: trace}", "workload: {kind: script}", "workload: {kind: trace, file: nobody.csv}",
        "workload: {kind: trace, file: .}", "workload: {kind: trace, file: /}", "workload: {kind: trace, file: \"\"}",
        "workload: {file: a.csv}", "workload: {operations: [{at: 1s, sender: 0, recipient: 1}]}",
        "checks: [LOSS1]", "checks: [loss-1]", "checks: [7]", "must_reach: [nothing at all]", "must_reach: stale",
        "random_faults: {kinds: [crush]}", "random_faults: {kinds: crash}", "name: ../up", "name: ''", "name: a/b",
        "media: {share: 5%}\nprotocol: {blob_life: 1h}", "media: {share: 5%}\ntime: {chaos: 90d}",
    ):  # fmt: skip
        yield text[:40], HEAD + text + "\n"
    for steps in (
        "{at: 1s, sender: 0, recipient: 0}", "{at: 1s, sender: 0, recipient: 7}", "{at: 1s, sender: -1, recipient: 1}",
        "{at: 9m, sender: 0, recipient: 1}", "{at: 1s, sender: 0}", "{at: 1, sender: 0, recipient: 1}",
        "{at: 1s, sender: 0, recipient: 1, reply_to: 0}", "{at: 1s, sender: 0, recipient: 1, text: 7}",
        "{at: 1s, sender: 0, recipient: 1, opens: yes}", "{at: 1s, sender: 0, recipient: 1, to: 1}", "7",
        "{at: 2s, sender: 0, recipient: 1}, {at: 1s, sender: 0, recipient: 1}",
        "{at: 1s, sender: 0, recipient: 1, opens: true}, {at: 2s, sender: 1, recipient: 0, reply_to: 0}",
        "{at: 1s, sender: 0, recipient: 1}, {at: 2s, sender: 1, recipient: 2, reply_to: 0}",
    ):  # fmt: skip
        yield steps[:40], HEAD + f"workload: {{kind: script, users: 3, operations: [{steps}]}}\n"
