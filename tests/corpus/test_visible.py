"""One rule says what of a text people see, and honest texts of any script come out of it as they are."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.payloads import AS_WRITTEN, HONEST, PAYLOADS
from icon.visible import visible, visible_json, visible_line

SEEN_FORMATS = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
"""Format characters with a shape of their own (Unicode 16, property Prepended_Concatenation_Mark)."""

ANY_TEXT = st.text(st.characters(exclude_categories=()))
"""Lone surrogates included."""


def test_there_are_more_than_eighty_payloads_and_no_two_are_the_same():
    assert len({payload.text for payload in PAYLOADS}) == len(PAYLOADS) >= 80


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload.name)
def test_of_a_payload_people_see_what_the_table_says(payload):
    assert visible(payload.text) == payload.shown


@pytest.mark.parametrize("name", HONEST)
def test_honest_texts_come_out_as_they_are(name):
    assert visible(HONEST[name]) == HONEST[name]


def test_of_every_control_format_and_separating_character_alone_there_is_an_escape():
    unseen = {
        chr(number)
        for number in range(0x110000)
        if unicodedata.category(chr(number)) in ("Cc", "Cf", "Zl", "Zp", "Cs") and chr(number) not in SEEN_FORMATS
    }
    assert len(unseen) > 2_200  # surrogates among them
    assert {character for character in unseen if visible(character) == character} == {"\t", "\n"}


def test_the_line_breaks_of_windows_stay():
    assert visible("one\r\ntwo\r\n") == "one\r\ntwo\r\n"
    assert visible("one\r\r\ntwo") == "one\\u000d\r\ntwo"


def test_a_name_of_a_file_stays_on_one_line():
    assert visible_line("a\r\nb\tc\x1b") == r"a\u000d\u000ab\u0009c\u001b"


@given(ANY_TEXT)
def test_what_is_visible_stays_as_it_is(text):
    assert visible(visible(text)) == visible(text)


@given(ANY_TEXT)
def test_a_visible_text_can_be_encoded_and_steers_no_terminal(text):
    shown = visible(text)
    shown.encode()
    controls = {character for character in shown.replace("\r\n", "") if unicodedata.category(character) == "Cc"}
    assert controls <= {"\t", "\n"}


@given(ANY_TEXT)
def test_visible_json_reads_as_the_same_value(text):
    shown = visible_json(json.dumps({text: text}, ensure_ascii=False))
    assert json.loads(shown) == {text: text}
    assert visible(shown) == shown


@pytest.mark.parametrize("text", AS_WRITTEN)
def test_markup_is_no_matter_of_visibility(text):
    assert visible(text) == text
