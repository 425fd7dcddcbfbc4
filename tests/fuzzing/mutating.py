"""Inputs for fuzzing: the corpus of malformed inputs and sound ones, changed at random places."""

# ruff: noqa: E501  (seeds, a line each)

from __future__ import annotations

import gzip
import json
import random
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from corpus.malformed import MANIFESTS, POOLS, SETTINGS, TEMPLATES
from fuzzing.targets import FINGERPRINT
from icon.config import RunConfig
from icon.runs.manifest import Manifest
from icon.runs.parts import PartStore
from icon.types import Measurement, Status

MAX_BYTES = 64 * 1024
"""Inputs of the corpus beyond this size are no seeds: changes in them seldom matter, and each takes long."""

WORDS = [
    *(
        b'"',
        b"\\",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"\n",
        b"\r\n",
        b"\0",
        b"\xef\xbb\xbf",
        b"\xff",
        b"\xc3",
        b"\\ud800",
    ),
    *(
        b"null",
        b"true",
        b"NaN",
        b"Infinity",
        b"-1",
        b"1e999",
        b"9" * 30,
        b'""',
        b"[[",
        b"{}",
        b"=",
        b"#",
        b"'''",
        b'"""',
    ),
    *(
        b"{{",
        b"}}",
        b"{%",
        b"%}",
        b"|",
        b"~",
        b"*",
        b"loop",
        b"range(9)",
        b"namespace()",
        b"messages",
        b"tools",
        b"role",
    ),
    *(b"question", b"answer", b"messages", b"content", b"images", b"format", b"config", b"files", b"digest", b"stages"),
]


def sound() -> dict[str, list[bytes]]:
    """Inputs that are read, by target."""
    rows = [
        {"question": "q", "answer": "a"},
        {"instruction": "do", "input": "x", "output": "y", "tools": '[{"name": "f"}]'},
        {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]},
        {"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}], "system": "s"},
        {"prompt": "p", "chosen": "c", "rejected": "r"},
    ]
    lines = [b"".join(json.dumps(row).encode() + b"\n" for _ in range(3)) for row in rows]
    made = {
        "jsonl": lines,
        "json": [json.dumps([row, row]).encode() for row in rows]
        + [json.dumps({"data": rows[:1] * 3, "n": 1}).encode()],
        "csv": [b'question,answer\n"a ""b""\nc",d\r\ne,f\n', b"instruction,input,output\nq,,a\n"],
        "jsonl.gz": [gzip.compress(line, mtime=0) for line in lines],
        "jsonl.zst": [zstandard.compress(line) + zstandard.compress(line) for line in lines],
        "toml": [b'pool = "p.jsonl"\nkeep = "10%"\n[scorer_options]\nrank_by = "log-gain"\n'],
        "settings": [RunConfig().model_dump_json().encode()],
        "template": [
            b"{% for m in messages %}{{ m.role ~ ': ' + m['content'] | trim }}\n{% if loop.last %}{{ tools | tojson }}{% endif %}"
            b"{% endfor %}{{ '%s' % instruction }}{{ input.center(9) }}{% set n = namespace(x=1) %}{{ n.x * 'a' }}",
        ],
        "details": [b'{"candidate": "c", "assessment": "a", "pieces": ["x"], "given": [-1.0], "control": [-2.0]}\n'],
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = pa.table({"question": ["a", "b"], "answer": ["c", "d"], "turns": [[1, 2], None]})
        pq.write_table(table, folder / "a.parquet")
        pq.write_table(table, folder / "b.parquet", compression="zstd", use_dictionary=False)
        Manifest(config=RunConfig()).save(folder / "run.json")
        store = PartStore(folder, FINGERPRINT)
        part = store.write("000000", [Measurement("c", "a", status=Status.OK)])
        made["parquet"] = [(folder / f"{one}.parquet").read_bytes() for one in "ab"]
        made["run"] = [(folder / "run.json").read_bytes()]
        made["part"] = [part.read_bytes()]
    return made


def seeds() -> dict[str, list[bytes]]:
    """Sound and malformed inputs by target."""
    found = sound()
    endings = {f"p.{ending}": ending for ending in ("jsonl", "json", "csv", "parquet", "jsonl.gz", "jsonl.zst")}
    named = {**endings, "s.toml": "toml", "s.json": "settings", "t.jinja": "template", "run.json": "run"}
    for cases in (POOLS, SETTINGS, TEMPLATES, MANIFESTS):
        for file, content, _ in cases.values():
            if file in named and len(content) <= MAX_BYTES:
                found[named[file]].append(content)
    return found


def changed(data: bytes, others: list[bytes], draw: random.Random) -> bytes:
    """The bytes with one to four changes: bits, pieces left out, doubled, put elsewhere, or of another input."""
    made = bytearray(data)
    for _ in range(draw.randint(1, 4)):
        at, to = sorted((draw.randint(0, len(made)), draw.randint(0, len(made))))
        to = min(to, at + draw.choice((1, 2, 8, 64, 4096)))
        kind = draw.randrange(7)
        if kind == 0 and made:
            made[min(at, len(made) - 1)] ^= 1 << draw.randrange(8)
        elif kind == 1:
            del made[at:to]
        elif kind == 2:
            made[at:at] = made[at:to] * draw.choice((1, 2, 70, 1000))
        elif kind == 3:
            made[at:to] = draw.choice(WORDS)
        elif kind == 4:
            made[at:at] = draw.choice(WORDS) * draw.choice((1, 2, 100))
        elif kind == 5:
            other = draw.choice(others)
            start = draw.randint(0, len(other))
            made[at:to] = other[start : start + draw.choice((4, 32, 512))]
        else:
            made = made[: draw.randint(0, len(made))]
        made = made[: 4 * MAX_BYTES]
    return bytes(made)
