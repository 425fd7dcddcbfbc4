"""YAML settings mean what YAML 1.2 says, and no file takes much time or memory or is read otherwise than written."""

import math

import pytest

from icon._settings_file import read_settings
from icon._yaml import parse_yaml
from icon.config import resolve
from icon.errors import ConfigError
from support.measured import measured

PLAIN = {
    "no": "no",
    "yes": "yes",
    "on": "on",
    "Off": "Off",
    "y": "y",
    "true": True,
    "False": False,
    "1e-5": 1e-5,
    "1E3": 1000.0,
    "5.": 5.0,
    ".5": 0.5,
    "-.inf": -math.inf,
    "010": 10,
    "0o10": 8,
    "0x1F": 31,
    "1_000": "1_000",
    "12:30": "12:30",
    "2020-01-01": "2020-01-01",
    "15%": "15%",
    "~": None,
    "": None,
    "null": None,
    "'1'": "1",
    "!!str 1": "1",
    "=": "=",
    "<<": "<<",
}


@pytest.mark.parametrize(("text", "value"), PLAIN.items())
def test_a_plain_value_is_what_yaml_1_2_says(text, value):
    assert parse_yaml(f"a: {text}".encode()) == {"a": value}


@pytest.mark.parametrize("name", ["mine.yaml", "mine.yml", "mine.YAML"])
def test_settings_in_yaml_are_those_of_toml(tmp_path, name):
    (tmp_path / name).write_text(
        "# yaml-language-server: $schema=settings.schema.json\n"
        "pool: mine.jsonl\nkeep: 10%\nseed: 7\ncapture: 9e-1\nreport: no\nbaselines: [length, random]\n"
        "scorer_options:\n  rank_by: log-gain\n"
    )
    (tmp_path / "mine.toml").write_text(
        'pool = "mine.jsonl"\nkeep = "10%"\nseed = 7\ncapture = 0.9\nreport = false\nbaselines = ["length", "random"]\n'
        '[scorer_options]\nrank_by = "log-gain"\n'
    )
    assert resolve({}, file=str(tmp_path / name)) == resolve({}, file=str(tmp_path / "mine.toml"))


@pytest.mark.parametrize(
    ("name", "text"), [("s.json", '{"$schema": "x", "seed": 3}'), ("s.yaml", "$schema: x\nseed: 3")]
)
def test_the_schema_that_an_editor_reads_is_no_setting(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    assert read_settings(tmp_path / name) == {"seed": 3}


def test_an_alias_stands_for_the_value_of_its_anchor():
    assert parse_yaml(b"a: &x [1, 2]\nb: *x\nc: {d: *x}") == {"a": [1, 2], "b": [1, 2], "c": {"d": [1, 2]}}


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)

REFUSED = {
    "a key twice": (
        "seed: 1\nkeep: 3\nseed: 2\n",
        "line 3, column 1: found the key 'seed' twice; valid: each name once",
    ),
    "a key twice within a table": ("a:\n  b: 1\n  b: 2\n", "line 3, column 3: found the key 'b' twice"),
    "a key that is a number": ("1: x\n", "line 1, column 1: found the key '1', which is no text"),
    "a bomb of aliases": (BOMB, "found more than 100,000 values with its aliases"),
    "a list within itself": ("a: &a [1, *a]\n", "found a value that holds itself"),
    "a table within itself": ("a: &a\n  b: *a\n", "found a value that holds itself"),
    "an unknown alias": ("a: *b\n", "line 1, column 4: found undefined alias"),
    "an object of Python": ("a: !!python/object/apply:os.system [echo]\n", "line 1, column 4: found the tag"),
    "bytes": ("a: !!binary aGk=\n", "line 1, column 4: found the tag"),
    "two documents": ("a: 1\n---\nb: 2\n", "line 2, column 1: but found another document"),
    "a tab": ("a:\n\tb: 1\n", "line 2, column 1: found character '\\t' that cannot start any token"),
    "an open bracket": ("keep: [1,\n", "line 2, column 1: "),
    "a colon in a text": ("pool: a: b\n", "line 1, column 8: mapping values are not allowed here"),
    "a control character": ("a: \x07\n", "special characters are not allowed"),
    "Latin-1": ("a: caf\udce9\n", "can't decode byte 0xe9"),
    "too many levels": ("a: " + "[" * 70 + "]" * 70, "found more than 64 levels of lists and tables"),
    "a number of 5,000 digits": ("a: " + "9" * 5000, "4300"),
    "a list of settings": ("- seed\n", "found list; valid: a table of settings"),
    "nothing": ("", "found NoneType; valid: a table of settings"),
}


@pytest.mark.parametrize(("text", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_is_said_with_its_line(tmp_path, text, said):
    (tmp_path / "s.yaml").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError) as caught:
        read_settings(tmp_path / "s.yaml")
    assert said in str(caught.value)
    assert "s.yaml" in str(caught.value)


LONG = """{
    "brackets": "[" * 262_000,
    "questions": "? " * 131_000,
    "dashes": "- " * 131_000,
    "braces": "{a: " * 65_000,
    "lines": "".join(f"a{n}: 1\\n" for n in range(25_000)),
    "quotes": 'a: "' + "\\\\x41" * 65_000 + '"',
    "one word": "a: " + "x" * 262_000,
    "words": "a: " + "x " * 131_000,
    "anchors": "".join(f"- &a{n} 1\\n" for n in range(25_000)),
}"""


def test_no_file_of_the_most_bytes_takes_long_or_much(tmp_path):
    program = f"""
    from icon._yaml import parse_yaml
    import time
    for name, text in {" ".join(LONG.split(chr(10)))}.items():
        begun = time.process_time()
        try:
            parse_yaml(text.encode())
        except ValueError:
            pass
        reported(f"{{name}}: {{time.process_time() - begun:.2f}}")
    """
    done = measured(program, folder=tmp_path)
    took = dict(line.split(": ") for line in done.said)
    assert len(took) == 9, done.said
    assert max(map(float, took.values())) < 30, took
    assert done.peak < 500 * 1024 * 1024
