"""Data blocks that no parser takes for markup, and texts that keep a page small."""

import base64
import gzip
import json
import random

import pytest

from icon.results.report._assets import json_text, packed, short
from icon.results.report._rows import carried_rows, columns, places_in_files
from icon.results.report._texts import BLOCK, Texts, text_blocks
from icon.types import Message, Sample, ScoreRow


def unpacked(text):
    return json.loads(gzip.decompress(base64.b64decode(text)))


SHOWN = {"\u2028\u2029": r"\u2028\u2029", "\ud800": r"\ud800", "a\0b": r"a\u0000b"}
"""What a page shows of texts that are not seen."""


@pytest.mark.parametrize("text", ["</script><script>", "<!--", "-->", "]]>", "\u2028\u2029", "&lt;", "\ud800", "a\0b"])
def test_no_block_holds_what_a_parser_could_take_for_markup_and_all_of_it_comes_back(text):
    found = json_text({"x": text})
    assert not set("<>&\u2028\u2029") & set(found)
    assert json.loads(found) == {"x": SHOWN.get(text, text)}
    assert unpacked(packed([text])) == [SHOWN.get(text, text)]


def test_what_is_no_number_is_refused_or_left_out():
    with pytest.raises(ValueError, match="float"):
        json_text(float("nan"))
    assert short(float("inf")) is None
    assert short(1.23456789, 3) == 1.23


def test_an_error_of_0_is_none_and_errors_of_which_all_are_make_no_column():
    rows = [ScoreRow(f"i{row}", row, 0, "scored", "", "why", score=1.0, standard_error=0.25 * row) for row in range(2)]
    assert columns(rows, {}, "score")["standard_error"] == [None, 0.25]
    assert "standard_error" not in columns(rows[:1], {}, "score")


def rows_and_samples(n, letters):
    rows = [ScoreRow(f"i{row}", row, 0, "scored", "", "why", rank=row + 1) for row in range(n)]
    texts = {f"i{row}": Sample(f"i{row}", row, (Message("user", f"q{row}"),), letters(row)) for row in range(n)}
    return rows, texts


def test_texts_that_fit_are_whole():
    rows, samples = rows_and_samples(BLOCK + 3, lambda row: f"response {row}")
    blocks, cut = text_blocks(Texts(rows, samples, (), places_in_files(rows)), 10**6)
    assert (cut.length, cut.groups, cut.fits) == (None, None, True)
    assert [len(unpacked(block)) for block in blocks] == [BLOCK, 3]
    assert unpacked(blocks[1])[2] == {
        "f": "dropped.jsonl",
        "n": BLOCK + 3,
        "d": "why",
        "w": "",
        "m": [["user", f"q{BLOCK + 2}"]],
        "r": f"response {BLOCK + 2}",
    }


def test_texts_beyond_the_budget_are_cut_and_each_says_so_and_where_the_whole_is():
    draw = random.Random(3)
    long = ["".join(draw.choices("abcdefghijklmnopqrstuvwxyz ", k=4000)) for _ in range(40)]
    rows, samples = rows_and_samples(40, lambda row: long[row])
    blocks, cut = text_blocks(Texts(rows, samples, (), places_in_files(rows)), 60_000)
    assert sum(map(len, blocks)) <= 60_000
    assert 200 <= cut.length < 4000
    assert cut.fits
    told = unpacked(blocks[0])[7]["r"]
    assert told.startswith(long[7][: cut.length])
    assert told.endswith(f"{cut.length:,} of 4,000 characters; whole in dropped.jsonl, line 8]")
    assert unpacked(blocks[0])[7]["m"] == [["user", "q7"]]


def test_places_count_the_records_of_each_file_and_a_record_with_two_turns_once():
    rows = [
        ScoreRow("a", 0, 0, "scored", "", ""),
        ScoreRow("b", 1, 0, "scored", "", "", selected=True),
        ScoreRow("c", 1, 1, "scored", "", ""),
        ScoreRow("", 2, 0, "bad_row", "", ""),
        ScoreRow("d", 3, 0, "scored", "", "", selected=True),
    ]
    places = places_in_files(rows)
    assert places == {
        0: ("dropped.jsonl", 1),
        1: ("selected.jsonl", 1),
        2: ("dropped.jsonl", 2),
        3: ("selected.jsonl", 2),
    }


def test_a_large_pool_is_carried_by_what_the_lists_need_then_scored_rows_then_others():
    scored = [ScoreRow(f"s{row}", row, 0, "scored", "", "", score=1.0) for row in range(10)]
    others = [ScoreRow(f"o{row}", row, 0, "not_scored", "", "") for row in range(10, 40)]
    needed = [others[-1]]
    found = carried_rows([*scored, *others], needed, 0, most=15)
    assert len(found) == 15
    assert {row.id for row in scored} <= {row.id for row in found}
    assert others[-1] in found
    assert len(carried_rows([*scored, *others], needed, 0, most=40)) == 40


def test_tools_and_their_calls_are_shown_with_the_turns():
    turns = (Message("user", "q"), Message("assistant", "", '{"tool_calls":[1]}'), Message("tool", "dry"))
    sample = Sample("i0", 0, turns, "r", tools='[{"name":"f"}]')
    rows = [ScoreRow("i0", 0, 0, "scored", "", "why", rank=1)]
    blocks, _ = text_blocks(Texts(rows, {"i0": sample}, (), places_in_files(rows)), 10**6)
    assert unpacked(blocks[0])[0]["m"] == [
        ["tools", '[{"name":"f"}]'],
        ["user", "q"],
        ["assistant", '{"tool_calls":[1]}'],
        ["tool", "dry"],
    ]
