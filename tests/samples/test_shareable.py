"""What cards, pages, trackers and messages say of an address: where it is, and nothing that gives access to it."""

from __future__ import annotations

import pytest

from icon.samples.shareable import gives_access, shareable, without_secrets

SIGNED = {
    "https://b.s3.amazonaws.com/p.jsonl?X-Amz-Credential=C/1&X-Amz-Security-Token=TOK&X-Amz-Signature=abc": (
        "https://b.s3.amazonaws.com/p.jsonl"
    ),
    "https://a.blob.core.windows.net/c/p.jsonl?sv=1&sig=SECRET": "https://a.blob.core.windows.net/c/p.jsonl",
    "https://user:pw@host:8000/p.jsonl": "https://host:8000/p.jsonl",
    "HTTPS://user:p@w@host/p.jsonl": "HTTPS://host/p.jsonl",
    "https://host/p.jsonl#access_token=abc": "https://host/p.jsonl",
    "https://host?token=a/b": "https://host",
    "ftp://me:pw@host/p.csv": "ftp://host/p.csv",
    "s3://bucket/part-?.jsonl?session_token=abc": "s3://bucket/part-?.jsonl",
}

OPEN = {
    "https://host/pool?id=7": "https://host/pool",
    "https://host/p.jsonl": "https://host/p.jsonl",
    "hf://datasets/owner/name@v1/data/train-*.parquet": "hf://datasets/owner/name@v1/data/train-*.parquet",
    "s3://bucket/part-?.jsonl": "s3://bucket/part-?.jsonl",
    "s3://bucket/a#1.jsonl": "s3://bucket/a#1.jsonl",
    "owner/name:main@refs/convert/parquet": "owner/name:main@refs/convert/parquet",
    "data/a?b=c.jsonl": "data/a?b=c.jsonl",
    "C:\\data\\pool.jsonl": "C:\\data\\pool.jsonl",
}


@pytest.mark.parametrize("address", [*SIGNED, *OPEN])
def test_an_address_keeps_its_place_and_loses_user_query_and_fragment(address):
    assert without_secrets(address) == (SIGNED | OPEN)[address]


@pytest.mark.parametrize("address", [*SIGNED, *OPEN])
def test_only_what_gives_access_is_worth_a_warning(address):
    assert gives_access(address) == (address in SIGNED)


def test_settings_are_gone_through_to_the_last_value():
    found = shareable({"pool": "https://me:pw@h/p", "options": {"path": ("https://h/t?sig=S", 3, None)}})
    assert found == {"pool": "https://h/p", "options": {"path": ["https://h/t", 3, None]}}
