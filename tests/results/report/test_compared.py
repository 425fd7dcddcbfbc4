"""texts.parquet has the texts as they were compared: what is drawn from it is what is drawn without it."""

import json
import random
import shutil
from dataclasses import replace
from hashlib import sha256

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from scipy.sparse import csr_matrix

from icon.results.compared import MOST_WEIGHTS, Compared, _compared, compared_bytes, compared_of
from icon.runs.ledger import opened
from support.command_line import CommandLine
from support.sealed import seal

BEGIN = ["run", "pool.jsonl", "--assessment", "tasks.jsonl", "--scorer", "length", "--selector", "top", "--out", "run"]
TEXTS = "texts.parquet"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with a finished run of 90 candidates, enough for clusters, a map and their diversity."""
    folder, draw = tmp_path_factory.mktemp("made"), random.Random(1)
    words = [[f"{kind}{letter}" for letter in "abcdefghijklmnopqrst"] for kind in ("sea", "tax", "moss")]
    texts = [" ".join(draw.choices(words[number % 3], k=draw.randint(6, 20))) for number in range(93)]
    for name, some in (("pool", texts[3:]), ("tasks", texts[:3])):
        rows = [json.dumps({"instruction": f"question {n}", "output": text}) for n, text in enumerate(some)]
        (folder / f"{name}.jsonl").write_text("".join(row + "\n" for row in rows))
    CommandLine(folder)(*BEGIN, code=0)
    return folder


@pytest.fixture
def icon(made, tmp_path):
    """Runs `icon` in a copy of that folder."""
    line = CommandLine(shutil.copytree(made, tmp_path / "copy"))
    return lambda *words, code=0: line(*words, code=code)


@pytest.fixture
def run(icon, tmp_path):
    return tmp_path / "copy/run"


def forget(run):
    """Make the run one of an older version, which kept no texts."""
    files = json.loads((run / "run.json").read_text())["files"]
    files.pop(TEXTS)
    (run / TEXTS).unlink()
    seal(run, files=files)


def test_the_page_drawn_from_what_is_kept_is_that_of_texts_compared_anew(icon, run):
    kept = (run / TEXTS).read_bytes()
    icon("report", "run")
    page = (run / "report.html").read_bytes()
    assert all(part in page for part in (b"t-SNE", b"moss"))
    assert (run / TEXTS).read_bytes() == kept
    forget(run)
    icon("report", "run")
    assert (run / "report.html").read_bytes() == page
    assert (run / TEXTS).read_bytes() == kept


def test_a_new_selection_takes_them_and_has_the_page_that_it_had_without(icon, run, tmp_path):
    kept = (run / TEXTS).read_bytes()
    icon("select", "run", "--keep", "20")
    assert (run / TEXTS).read_bytes() == kept
    icon("report", "run", "--out", "with.html")
    forget(run)
    icon("report", "run", "--out", "without.html")
    assert (tmp_path / "copy/with.html").read_bytes() == (tmp_path / "copy/without.html").read_bytes()
    assert not (run / TEXTS).exists()  # a page that goes elsewhere leaves the run as it is


def test_neighbours_are_the_same_with_them_and_without(icon, run):
    found = icon("explain", "run", "17", "--no-tokens", "--json").stdout
    assert len(json.loads(found)["neighbours"]["kept"]) == 3
    forget(run)
    assert icon("explain", "run", "17", "--no-tokens", "--json").stdout == found


def test_a_damaged_file_is_named_by_the_doctor_and_made_again_by_the_next_page(icon, run):
    icon("report", "run")
    page, kept = (run / "report.html").read_bytes(), (run / TEXTS).read_bytes()
    damaged = kept[:100] + bytes([kept[100] ^ 1]) + kept[101:]
    (run / TEXTS).write_bytes(damaged)
    assert TEXTS in icon("doctor", "run", code=1).stdout
    assert compared_of(*opened(run)) is None
    icon("report", "run")
    assert ((run / "report.html").read_bytes(), (run / TEXTS).read_bytes()) == (page, kept)
    (run / TEXTS).write_bytes(damaged)
    icon("doctor", "run", "--repair")
    assert not (run / TEXTS).exists()
    assert (run / "report.html").read_bytes() == page
    icon("doctor", "run")


def test_a_run_without_a_page_keeps_none_and_its_first_page_does(icon, run, made, tmp_path):
    icon(*BEGIN[:-1], "plain", "--no-report")
    plain = tmp_path / "copy/plain"
    assert not (plain / TEXTS).exists()
    icon("report", "plain")
    assert (plain / TEXTS).read_bytes() == (run / TEXTS).read_bytes()


def of(ids, weights):
    tfidf = csr_matrix((np.ones(weights), np.zeros(weights, dtype=np.int32), [0, *[weights] * len(ids)]))
    return Compared(0, ids, tfidf, ["all"], dict.fromkeys(ids, 0), [], None, {})


def test_it_is_of_these_texts_and_this_seed_alone():
    compared = of(["a", "b"], 1)
    assert compared.is_of(0, ["a", "b"], ["b", "a"], ["a"])
    assert not compared.is_of(1, ["a", "b"], ["a", "b"], ["a"])
    assert not compared.is_of(0, ["b", "a"], ["a", "b"], ["a"])
    assert not compared.is_of(0, ["a", "b"], ["a"], ["a"])


@pytest.mark.parametrize(
    "change",
    [
        {"cluster": {"a": 0, "b": 7}},
        {"central": ["c"]},
        {"places": {"a": (0.0, 2.0)}, "method": "by hand"},
        {"tfidf": csr_matrix([[1.0], [np.nan]])},
    ],
)
def test_a_file_from_elsewhere_whose_numbers_do_not_fit_is_not_used(change, icon, run):
    whole, data = of(["a", "b"], 1), json.loads((run / "run.json").read_text())
    for compared, used in ((whole, True), (replace(whole, **change), False)):
        written = compared_bytes(compared)
        (run / TEXTS).write_bytes(written)
        record = {"digest": sha256(written).hexdigest(), "size": len(written)}
        seal(run, files=data["files"] | {TEXTS: record})
        assert (compared_of(*opened(run)) is not None) == used


def test_numbers_of_terms_beyond_the_last_one_are_not_given_to_scipy(icon, run):
    table = pq.read_table(run / TEXTS)
    terms = pc.add(table["terms"].combine_chunks().values, 10_000_000)
    lists = pa.ListArray.from_arrays(table["terms"].combine_chunks().offsets, terms)
    with pytest.raises(ValueError, match="indices must be"):
        _compared(table.set_column(1, "terms", lists))


def test_more_weights_than_a_small_file_holds_are_not_kept():
    assert compared_bytes(of(["a"], MOST_WEIGHTS)) is not None
    assert compared_bytes(of(["a"], MOST_WEIGHTS + 1)) is None
