"""The corpus of malformed inputs: one table with the sentence that each must be refused with.

`POOLS` are pools and assessment sets, `SETTINGS` settings files, `TEMPLATES` Jinja files, `MANIFESTS` run.json files, and
`PLUGINS` plugin files. A case is the file's name, its bytes, and a regular expression of what is said. Whatever fuzzing
finds becomes a case here.
"""

# ruff: noqa: E501  (a case a line)

from __future__ import annotations

import gzip
import json

import zstandard

Case = tuple[str, bytes, str]

ROWS = b"".join(b'{"question": "q%d", "answer": "a"}\n' % n for n in range(200))
GZ, ZST = gzip.compress(ROWS, mtime=0), zstandard.compress(ROWS)
SEED = b'{"question": "q", "answer": "a"}'


def _row(**fields: object) -> bytes:
    return json.dumps({"question": "q", "answer": "a", **fields}).encode() + b"\n"


def _turns(*turns: object, name: str = "messages") -> bytes:
    return json.dumps({name: turns}).encode() + b"\n"


USER, DONE = {"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}
FIELD, NOT_BLANK = "field '{}': found ", "valid: text that is not blank"

_FILES: dict[str, Case] = {
    "nothing": ("p.jsonl", b"", "has no records; valid: at least one"),
    "blank lines": ("p.jsonl", b"\n\r\n \t\n", "has no records"),
    "a BOM alone": ("p.jsonl", b"\xef\xbb\xbf", "has no records"),
    "UTF-16": ("p.jsonl", ROWS.decode().encode("utf-16"), "found UTF-16 text; valid: UTF-8"),
    "UTF-16 the other way round": ("p.jsonl", b"\xfe\xff" + ROWS.decode().encode("utf-16-be"), "found UTF-16 text"),
    "UTF-32": ("p.jsonl", ROWS.decode().encode("utf-32"), "found UTF-16 text|not UTF-8"),
    "zeros": ("p.jsonl", b"\0" * 1000, "invalid JSON, Expecting value at character 1"),
    "a picture": (
        "p.jsonl",
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        "byte 0x89 at byte offset 0, which is not UTF-8",
    ),
    "a page": ("p.jsonl", b"<!DOCTYPE html>\n<html></html>\n", "line 1 .row 0., line 2 .row 1.: found invalid JSON"),
    "a spreadsheet": (
        "p.csv",
        b"PK\x03\x04\x14\x00\x06\x00" + bytes(range(128, 200)),
        "line 1: found bytes that are not",
    ),
    "a table as JSON lines": (
        "p.jsonl",
        b"question,answer\nq,a\n",
        "found invalid JSON, Expecting value at character 1",
    ),
    "gzip without its ending": ("p.jsonl", GZ, "byte 0x8b at byte offset 1, which is not UTF-8"),
    "no gzip": ("p.jsonl.gz", ROWS, "cannot be read as gzip: Not a gzipped file"),
    "no Zstandard": ("p.jsonl.zst", ROWS, "cannot be read as Zstandard"),
    "Zstandard called gzip": ("p.jsonl.gz", ZST, "cannot be read as gzip"),
    "gzip called Zstandard": ("p.jsonl.zst", GZ, "cannot be read as Zstandard"),
    "three bytes of Zstandard": ("p.jsonl.zst", ZST[:3], "the compressed data ends too early"),
    "a header of Zstandard": ("p.jsonl.zst", ZST[:6], "the compressed data ends too early"),
    "half of Zstandard": ("p.jsonl.zst", ZST[: len(ZST) // 2], "the compressed data ends too early"),
    "Zstandard without its last byte": ("p.jsonl.zst", ZST[:-1], "the compressed data ends too early"),
    "a flipped bit of Zstandard": (
        "p.jsonl.zst",
        ZST[:20] + bytes([ZST[20] ^ 8]) + ZST[21:],
        "cannot be read as Zstand|row",
    ),
    "a reserved block of Zstandard": (
        "p.jsonl.zst",
        ZST[:7] + b"\x07\x00\x00",
        "cannot be read as Zstandard|too early",
    ),
    "Zstandard with a window of 2 GB": (
        "p.jsonl.zst",
        b"\x28\xb5\x2f\xfd\x00\xa8\x01\x00\x00",
        "cannot be read as Zstandard",
    ),
    "Zstandard that needs a dictionary": (
        "p.jsonl.zst",
        b"\x28\xb5\x2f\xfd\x23\x01\x02\x03\x04\x00\x01\x00\x00",
        "cannot be re",
    ),
    "a skipped frame that is cut off": ("p.jsonl.zst", b"\x50\x2a\x4d\x18\xff\xff\xff\xff", "ends too early"),
    "bytes after Zstandard": ("p.jsonl.zst", ZST + b"more bytes", "cannot be read as Zstandard"),
    "half of gzip": ("p.jsonl.gz", GZ[: len(GZ) // 2], "the compressed data ends too early"),
    "gzip with a wrong sum": (
        "p.jsonl.gz",
        GZ[:-8] + b"\0" * 8,
        "cannot be read as gzip after row 199: CRC check failed",
    ),
    "bytes after gzip": ("p.jsonl.gz", GZ + b"more", "cannot be read as gzip after row 199: Not a gzipped file"),
    "an unknown ending": ("p.txt", ROWS, r"found the file ending '\.txt'; valid: \.jsonl"),
    "no ending": ("p", ROWS, r"found the file ending '\(none\)'"),
    "compressed twice": ("p.jsonl.gz.zst", ZST, r"found the file ending '\.zst'"),
    "compressed Parquet": ("p.parquet.zst", ZST, r"found the file ending '\.zst'"),
    "no Parquet": ("p.parquet", ROWS, "cannot be read as Parquet"),
    "an end of Parquet": ("p.parquet", b"PAR1" + b"\xff" * 8 + b"PAR1", "cannot be read as Parquet"),
    "a JSON object": ("p.json", b'{"a": 1}', "found an object; valid: an array of objects"),
    "a JSON text": ("p.json", b'"hello"', "at the beginning; valid: an array of objects"),
    "a number": ("p.json", b"17", "found '17' at the beginning"),
    "nothing as JSON": ("p.json", b" \n ", "found an empty file; valid: an array of objects"),
    "an empty array": ("p.json", b"[]", "has no records"),
    "an open array": ("p.json", b"[", "row 0: found invalid JSON, Expecting value at line 1 column 2"),
    "an array that is cut off": ("p.json", b"[" + SEED, "after row 0: found the end of the file .is it cut off"),
    "an array cut off in a text": (
        "p.json",
        b"[" + SEED + b', {"question": "q',
        "row 1: found invalid JSON, Unterminated str",
    ),
    "an array without a comma": (
        "p.json",
        b"[" + SEED + b"\n" + SEED + b"]",
        "after row 0: found '{' at line 2 column 1",
    ),
    "a comma too many": ("p.json", b"[" + SEED + b",]", "row 1: found invalid JSON, Expecting value at line 1 column"),
    "two arrays": ("p.json", b"[" + SEED + b"]\n[]", "found more text after the array, at line 2 column 1; valid: one"),
    "JSON lines called JSON": ("p.json", ROWS, r"if this is JSON Lines, name the file \.jsonl"),
    "two lists in an object": ("p.json", b'{"a": [{"b": 1}], "c": [{"d": 1}]}', "an object with 2 of them .a, c."),
    "an empty list in an object": ("p.json", b'{"data": []}', "an object whose list .data. is empty"),
    "an object cut off": ("p.json", b'{"data": [' + SEED + b"]", "after a field: found the end of the file"),
    "an object without a colon": ("p.json", b'{"data" [1]}', "after the name 'data': found '\\['"),
    "a name that is no text": ("p.json", b"{1: [2]}", "found an object|after the name"),
    "an array that is nested too deeply": ("p.json", b"[" * 200_000, "row 0: found JSON that is nested too deeply"),
    "an object that is nested too deeply": (
        "p.json",
        b'[{"a":' * 100_000,
        "row 0: found JSON that is nested too deeply",
    ),
    "a whole number without end": (
        "p.json",
        b"[" + b"9" * 9000 + b"]",
        "row 0: found a whole number of more than 4,300",
    ),
    "Latin-1 in an array": ("p.json", b'[{"question": "caf\xe9"}]', "found bytes that are not UTF-8 at byte offset 18"),
    "half a character at the end": ("p.json", b'[{"a": "caf\xc3', "not UTF-8 at byte offset 11"),
    "a control character in an array": ("p.json", b'[{"a": "b\nc"}]', "invalid JSON, Invalid control character at"),
    "a CSV without rows": ("p.csv", b"question,answer\n", "has no records"),
    "a CSV without a header": ("p.csv", b"\n\n1,2\n", "found a blank first line; valid: a header row"),
    "a CSV of commas": ("p.csv", b",,,\n1,2,3,4\n", "found a blank first line; valid: a header row"),
    "a column twice": ("p.csv", b"answer,question,answer\n1,2,3\n", "line 1: found the column 'answer' twice"),
    "a header of Latin-1": ("p.csv", b"question,r\xe9ponse\nq,a\n", "line 1: found bytes that are not UTF-8"),
    "a header with an open quote": ("p.csv", b'"question,answer\nq,a\n', "line 1: found broken CSV"),
    "tabs for commas": ("p.csv", b"question\tanswer\nq\ta\n", "fits no known format; found the fields"),
    "a table of other fields": ("p.csv", b"a,b\n1,2\n", "fits no known format; found the fields: a, b"),
    "rows of other fields": ("p.jsonl", b'{"a": 1}\n', "fits no known format; found the fields: a"),
    "rows without fields": ("p.jsonl", b"{}\n", "fits no known format; found the fields: none"),
}

_ROWS: dict[str, Case] = {
    "a row cut off": ("p.jsonl", SEED + b'\n{"question": "q', r"line 2 \(row 1\): found invalid JSON"),
    "a row that is a list": ("p.jsonl", SEED + b"\n[1]\n", r"line 2 \(row 1\): found a list; valid: a JSON object"),
    "a row that is null": ("p.jsonl", SEED + b"\nnull\n", r"line 2 \(row 1\): found null; valid: a JSON object"),
    "a row that is a text": ("p.jsonl", SEED + b'\n"q"\n', "found text of 1 characters; valid: a JSON object"),
    "two objects in a line": ("p.jsonl", SEED + b"\n" + SEED + SEED, "invalid JSON, Extra data at character 33"),
    "a trailing comma": ("p.jsonl", SEED + b'\n{"question": "q",}\n', "invalid JSON, Expecting property name"),
    "single quotes": ("p.jsonl", SEED + b"\n{'question': 'q'}\n", "invalid JSON, Expecting property name"),
    "Latin-1 in a row": (
        "p.jsonl",
        SEED + b'\n{"question": "\xe9"}\n',
        "byte 0xe9 at byte offset 14, which is not UTF-8",
    ),
    "an overlong form of UTF-8": ("p.jsonl", SEED + b'\n{"question": "\xc0\xaf"}', "byte 0xc0 at byte offset 14"),
    "a row nested too deeply": ("p.jsonl", SEED + b'\n{"a": ' + b"[" * 100_000, "found JSON that is nested too deeply"),
    "a number without end": (
        "p.jsonl",
        SEED + b'\n{"a": ' + b"9" * 9000 + b"}",
        "a whole number of more than 4,300 digits",
    ),
    "a blank answer": ("p.jsonl", SEED + b"\n" + _row(answer=" "), FIELD.format("answer") + f"blank text; {NOT_BLANK}"),
    "an empty question": (
        "p.jsonl",
        SEED + b"\n" + _row(question=""),
        FIELD.format("question") + f"an empty text; {NOT_BLANK}",
    ),
    "an answer of null": ("p.jsonl", SEED + b"\n" + _row(answer=None), FIELD.format("answer") + "null"),
    "an answer that is a list": ("p.jsonl", SEED + b"\n" + _row(answer=["a"]), FIELD.format("answer") + "a list"),
    "an answer that is true": ("p.jsonl", SEED + b"\n" + _row(answer=True), FIELD.format("answer") + "true"),
    "an answer of NaN": ("p.jsonl", SEED + b"\n" + _row(answer=float("nan")), FIELD.format("answer")),
    "no answer": (
        "p.jsonl",
        SEED + b'\n{"question": "q"}\n',
        r"field 'answer': found no such field \(the fields are: quest",
    ),
    "a NUL in an answer": (
        "p.jsonl",
        SEED + b"\n" + _row(answer="a\0b"),
        "a NUL character at offset 1; valid: text without",
    ),
    "a NUL in a question": ("p.jsonl", SEED + b"\n" + _row(question="\0"), "a NUL character at offset 0"),
    "a lone surrogate": (
        "p.jsonl",
        SEED + b'\n{"question": "q", "answer": "\\ud800"}',
        r"a lone surrogate \(U\+D800\) at offset 0",
    ),
    "a lone surrogate, the second": ("p.jsonl", SEED + b'\n{"question": "\\udfff", "answer": "a"}', r"\(U\+DFFF\)"),
    "a text without end": (
        "p.jsonl",
        SEED + b"\n" + _row(answer="x" * 1_000_001),
        "text of 1,000,001 characters; valid: at most",
    ),
    "a picture beside": (
        "p.jsonl",
        SEED + b"\n" + _row(images=["a.png"]),
        "field 'images': found a list, which a prompt and",
    ),
    "tools that are no JSON": (
        "p.jsonl",
        SEED + b"\n" + _row(tools="{x"),
        "field 'tools': found text of 2 characters, which is",
    ),
    "tools nested too deeply": (
        "p.jsonl",
        SEED + b"\n" + _row(tools="[" * 50_000),
        "field 'tools': found text of 50,000",
    ),
    "tools that are an object": (
        "p.jsonl",
        SEED + b"\n" + _row(tools={"a": 1}),
        "field 'tools': found an object; valid: a list",
    ),
    "a history of texts": (
        "p.jsonl",
        SEED + b"\n" + _row(history=["a"]),
        r"field 'history\[0\]': found text of 1 charact",
    ),
    "two system prompts": (
        "p.jsonl",
        SEED + b"\n" + _row(system="a", system_prompt="b"),
        "another system prompt than that",
    ),
    "reasoning apart": ("p.jsonl", SEED + b"\n" + _row(reasoning="because"), "field 'reasoning': found"),
    "a desired answer that is none": (
        "p.jsonl",
        SEED + b"\n" + _row(kto_tag=False),
        "an answer that is not to be learned",
    ),
    "a passage that is a list": (
        "p.jsonl",
        b'{"instruction": "q", "output": "a", "input": [1]}',
        "field 'input': found a list",
    ),
    "no turns": ("p.jsonl", _turns(USER, DONE) + _turns(), "field 'messages': found"),
    "turns without an answer": ("p.jsonl", _turns(USER, DONE) + _turns(USER), "field 'messages"),
    "an answer without a question": ("p.jsonl", _turns(USER, DONE) + _turns(DONE), "field 'messages"),
    "a turn that is a text": ("p.jsonl", _turns(USER, DONE) + _turns(1, 2), r"field 'messages\[0\]': found the number"),
    "a turn of an unknown role": (
        "p.jsonl",
        _turns(USER, DONE) + _turns({**USER, "role": "x"}, DONE),
        r"messages\[0\].*role",
    ),
    "a turn without content": ("p.jsonl", _turns(USER, DONE) + _turns({"role": "user"}, DONE), r"messages\[0\]"),
    "content that is a number": (
        "p.jsonl",
        _turns(USER, DONE) + _turns({**USER, "content": 1}, DONE),
        r"messages\[0\]\.content",
    ),
    "content that is a picture": (
        "p.jsonl",
        _turns(USER, DONE) + _turns({**USER, "content": [{"type": "image", "url": "x"}]}, DONE),
        r"messages\[0\]\.content",
    ),
    "a call by the user": (
        "p.jsonl",
        _turns(USER, DONE) + _turns({**USER, "tool_calls": [{"function": {"name": "f"}}]}, DONE),
        "a tool call in a turn of role 'user'",
    ),
    "a call without a name": (
        "p.jsonl",
        _turns(USER, DONE) + _turns(USER, {**DONE, "content": "", "tool_calls": [{"a": 1}]}, USER, DONE),
        r"messages\[1\]\.tool_calls",
    ),
    "a row of the table too short": (
        "p.csv",
        b"question,answer\nq,a\nq\n",
        "found 1 cells; valid: 2, as the header has",
    ),
    "a row of the table too long": (
        "p.csv",
        b"question,answer\nq,a\nq,a,b\n",
        "found 3 cells; valid: 2, as the header has",
    ),
    "a quote that never closes": (
        "p.csv",
        b'question,answer\nq,a\nq,"a\nb,c\n',
        "found broken CSV, unexpected end of data",
    ),
    "a quote within a cell": ("p.csv", b'question,answer\nq,a\nq,"a"b\n', "found broken CSV, ',' expected after '\"'"),
    "Latin-1 in a cell": (
        "p.csv",
        b"question,answer\nq,a\nq,caf\xe9\n",
        "byte 0xe9 at byte offset 3 of the field, which is",
    ),
    "a NUL in a cell": ("p.csv", b"question,answer\nq,a\nq,a\0\n", "a NUL character at offset 1"),
    "a blank cell": ("p.csv", b"question,answer\nq,a\nq, \n", "field 'answer': found blank text"),
}

POOLS = {**_FILES, **_ROWS}

SETTINGS: dict[str, Case] = {
    "settings of nothing known": ("s.toml", b"colour = 1", "colour: no such setting"),
    "broken TOML": ("s.toml", b"a = ", "s.toml: not a readable TOML settings file: Invalid value"),
    "a key twice": ("s.toml", b"seed = 1\nseed = 2", "Cannot overwrite a value"),
    "JSON called TOML": ("s.toml", b'{"seed": 1}', "not a readable TOML settings file: Invalid statement"),
    "TOML called JSON": ("s.json", b"seed = 1", "not a readable JSON settings file: Expecting value"),
    "settings in Latin-1": ("s.toml", b"pool = 'caf\xe9'", "codec can't decode byte 0xe9"),
    "settings in UTF-16": ("s.toml", "seed = 1".encode("utf-16"), "codec can't decode byte 0xff"),
    "a list of settings": ("s.json", b"[1]", "s.json: found list; valid: a table of settings"),
    "a null of settings": ("s.json", b"null", "s.json: found NoneType; valid: a table of settings"),
    "a config that is a text": ("s.json", b'{"config": "x"}', "field 'config': found str; valid: a table of settings"),
    "JSON settings nested too deeply": ("s.json", b'{"a":' * 100_000, "found more than 64 levels of lists and tables"),
    "JSON settings of 100 levels": ("s.json", b'{"a":' * 100 + b"1" + b"}" * 100, "found more than 64 levels"),
    "TOML settings nested too deeply": ("s.toml", b"a = " + b"[" * 100_000, "found more than 64 levels"),
    "TOML keys nested too deeply": ("s.toml", b"a." * 200_000 + b"b = 1", "found more than 64 levels"),
    "TOML keys in quotes nested too deeply": ("s.toml", b'"a".' * 65 + b"b = 1", "found more than 64 levels"),
    "settings without end": ("s.toml", b"#" * 1_100_000, "s.toml: cannot be read: found more than 1,048,576 bytes"),
    "a digit too many": ("s.json", b'{"seed": ' + b"9" * 9000 + b"}", "4300|4,300"),
    "a negative seed": ("s.toml", b"seed = -1", "seed: found -1; valid: a whole number of at least 0"),
    "a share of nothing": ("s.toml", b"keep = '0%'", "keep: .*valid: a share such as 15%"),
    "a share of words": ("s.toml", b"keep = 'most'", "valid: a share such as 15% or 0.15, or a count such as 500"),
    "a budget of nothing": ("s.toml", b"budget = 'soon'", "budget"),
    "a confidence of two": (
        "s.toml",
        b"confidence = 2.0",
        "confidence: .* valid: a number of at least 0.5 and below 1",
    ),
    "a date for a seed": ("s.toml", b"seed = 2020-01-01", "seed"),
    "a name of 60,000 letters": ("s.toml", b"k" * 60_000 + b" = 1", r"kkk\.\.\.: no such setting"),
    "five thousand settings": (
        "s.json",
        json.dumps({f"a{n}": 1 for n in range(5000)}).encode(),
        r"\.\.\. and 4,980 more",
    ),
    "a share of 60,000 letters": ("s.toml", b"keep = '" + b"k" * 60_000 + b"'", r"keep: found 'kkk"),
    "a table for a pool": ("s.toml", b"pool = {a = 1}", "pool: found .*; valid: a text"),
}

TEMPLATES: dict[str, Case] = {
    "an open block": ("t.jinja", b"{% if a %}", r"t\.jinja, line 1: .*; valid: a Jinja template"),
    "an open expression": ("t.jinja", b"a\n{{ b", r"t\.jinja, line 2"),
    "an unknown block": ("t.jinja", b"{% frobnicate %}", "unknown tag 'frobnicate'"),
    "an unknown filter": ("t.jinja", b"{{ instruction | nope }}", "No filter named 'nope'"),
    "an unknown test": ("t.jinja", b"{{ instruction is nope }}", "No test named 'nope'"),
    "an unknown name": ("t.jinja", b"{{ question }}", "'question' is undefined; the names are instruction, input"),
    "nothing": ("t.jinja", b"", "the prompt it renders is blank"),
    "Latin-1": ("t.jinja", b"caf\xe9 {{ instruction }}", "found bytes that are not UTF-8 at offset 3"),
    "a break outside a loop": (
        "t.jinja",
        b"{% break %}",
        "cannot be compiled: 'break' outside loop; valid: a Jinja tem",
    ),
    "a continue outside a loop": ("t.jinja", b"{% continue %}", "cannot be compiled: 'continue' not properly in loop"),
    "deep parentheses": (
        "t.jinja",
        b"{{ " + b"(" * 5000 + b"1" + b")" * 5000 + b" }}",
        "nested too deeply|too many nested",
    ),
    "deep lists": ("t.jinja", b"{{ " + b"[" * 900 + b"]" * 900 + b" }}", "nested too deeply|too many nested"),
    "deep blocks": (
        "t.jinja",
        b"{% if instruction %}" * 300 + b"{% endif %}" * 300,
        "nested too deeply|too many static|too many levels",
    ),
    "a sum without end": ("t.jinja", b"{{ 1" + b"+1" * 20_000 + b" }}", "nested too deeply|too many nested"),
    "a template without end": ("t.jinja", b"a" * 300_000, "cannot be read: found more than 262,144 bytes"),
    "a lone surrogate": ("t.jinja", b"{{ '\\ud800' }}", r"it makes text with a lone surrogate \(U\+D800\)"),
    "a division by zero": ("t.jinja", b"{{ 1 / 0 }}", "division by zero"),
    "a text and a number": ("t.jinja", b"{{ 'a' + 1 }}", "can only concatenate str"),
    "a private attribute": (
        "t.jinja",
        b"{{ instruction.__class__.__mro__ }}",
        "access to attribute '__class__' of 'str'",
    ),
    "another template": ("t.jinja", b"{% include 'other' %}", "no loader for this environment"),
    "an attribute of 60,000 letters": (
        "t.jinja",
        b"{{ instruction." + b"x" * 60_000 + b" }}",
        r"'str object' has no attribute 'xxx.*\.\.\.",
    ),
    "three thousand million letters": (
        "t.jinja",
        b"{{ 'a' * 3000000000 }}",
        "it makes a text of more than 16,777,216 char",
    ),
    "a wide letter": (
        "t.jinja",
        b"{{ 'a' | center(3000000000) }}",
        r"it asks for a width of 3\.000e\+09; valid: at most",
    ),
    "a range without end": ("t.jinja", b"{{ range(10**9) }}", "Range too big|range"),
    "a macro without end": ("t.jinja", b"{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "recursion"),
}

MANIFESTS: dict[str, Case] = {
    "an empty run.json": ("run.json", b"", "not valid JSON"),
    "half a run.json": ("run.json", b'{"format": 4, "config": {', "not valid JSON"),
    "a run.json in Latin-1": ("run.json", b'{"format": "\xe9"}', "not valid JSON"),
    "a list as run.json": ("run.json", b"[]", "format 'list'; this version of icon reads the formats"),
    "a run.json without a format": ("run.json", b"{}", "format None; this version of icon reads the formats"),
    "a run.json of the future": ("run.json", b'{"format": 99}', "format 99; this version of icon reads the formats"),
    "a format that is a list": ("run.json", b'{"format": [3]}', r"format \[3\]; this version"),
    "a format that is an object": ("run.json", b'{"format": {"a": 1}}', "this version of icon reads the formats"),
    "a run.json nested too deeply": ("run.json", b'{"a":' * 100_000, "found more than 64 levels"),
    "a run.json of 100 levels": (
        "run.json",
        b'{"format": 3, "a": ' + b"[" * 100 + b"]" * 100 + b"}",
        "more than 64 levels",
    ),
    "a run.json with settings of text": ("run.json", b'{"format": 3, "config": "x"}', "field 'config"),
    "a run.json with unknown fields": ("run.json", b'{"format": 3, "config": {}, "more": 1}', "field 'more'"),
    "a run.json with stages of a number": ("run.json", b'{"format": 3, "config": {}, "stages": 7}', "field 'stages"),
    "an old run.json with inputs of a list": (
        "run.json",
        b'{"format": 1, "config": {}, "inputs": [1]}',
        "field 'inputs",
    ),
    "a run.json with five thousand fields": (
        "run.json",
        json.dumps({"format": 3, "config": {}, **{f"a{n}" * 50: 1 for n in range(5000)}}).encode(),
        r"\.\.\. and 4,980 more",
    ),
    "a run.json without end": (
        "run.json",
        b"[" * 8_000_001,
        "found 8,000,001 commas and brackets; valid: at most 8,000,000",
    ),
}

PLUGINS: dict[str, Case] = {
    "a plugin that is no Python": ("p.txt", b"x", r"found the ending '\.txt'; valid: a Python file"),
    "a plugin with a typo": ("p.py", b"def f(:\n", "SyntaxError"),
    "a plugin of zeros": ("p.py", b"\0" * 10, "null bytes|SyntaxError|ValueError"),
    "a plugin without a hook": ("p.py", b"x = 1\n", "implements no hook"),
    "a plugin that raises": ("p.py", b"raise RuntimeError('no')\n", "RuntimeError: no"),
    "a plugin without end": ("p.py", b"#" * (4 * 1024 * 1024 + 1), "found more than 4,194,304 bytes"),
}
