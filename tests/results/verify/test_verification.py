"""Stored pairs measured again with the fake backend: a planted error is found, and the run stays as it is."""

import json
import math
import platform
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.stats import spearmanr

import icon
from icon.errors import BackendError
from icon.pipeline import builtin
from icon.plugins import CandidateMeasured, Embedder, Options, Reference, Strategy, hookimpl
from icon.plugins.manager import Plugins
from icon.results import verify as verification
from icon.results.verify._findings import Rescored, decimals, findings
from icon.results.verify._one_at_a_time import OneAtATime
from icon.runs.parts import checksum
from icon.testing import FakeBackend
from icon.types import Measurement, Status, Target, TokenLogProbs
from support.opened import Opened

PAIRS = 12 * 5


def write(path, records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


@pytest.fixture
def pool(tmp_path):
    rows = [{"instruction": f"question number {i}", "output": f"answer {i} of {i * 7} words"} for i in range(12)]
    return write(tmp_path / "pool.jsonl", rows)


@pytest.fixture
def tasks(tmp_path):
    rows = [{"instruction": f"task {i} alpha", "output": f"done {i} and over"} for i in range(5)]
    return write(tmp_path / "tasks.jsonl", rows)


@pytest.fixture
def finished(tmp_path, pool, tasks):
    """A run, finished, by its folder."""
    return icon.run(
        pool, backend=FakeBackend(), assessment=tasks, scorer="icon", out=tmp_path / "run", report=False
    ).path


class Worse(FakeBackend):
    """Finds every token of a plain pass less likely, by a fixed number of nats."""

    by = 0.25

    def score_alone(self, context, target):
        (found,) = super().score(context, [target])
        return TokenLogProbs(found.token_ids, tuple(logprob - self.by for logprob in found.logprobs))


class Counting(FakeBackend):
    """Keeps how many targets each call of `score` had."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def score(self, context, targets):
        self.calls.append(len(targets))
        return super().score(context, targets)


def stored(path):
    rows = [row for part in sorted(path.glob("contributions/part-0*")) for row in pq.read_table(part).to_pylist()]
    return {(row["candidate"], row["assessment"]): row for row in rows}


def tamper(path, change):
    """Change the rows of the first part, whose new name has a valid checksum again; gives the first row's pair."""
    old = next(iter(sorted(path.glob("contributions/part-000000-*"))))
    table = pq.read_table(old)
    rows = table.to_pylist()
    change(rows)
    buffer = BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), buffer)
    old.unlink()
    (old.parent / f"part-000000-{checksum(buffer.getvalue())}.parquet").write_bytes(buffer.getvalue())
    return {"candidate": rows[0]["candidate"], "assessment": rows[0]["assessment"]}


def contents(folder):
    """Every file with its bytes and the time it was last written."""
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


def test_sound_numbers_of_a_deterministic_backend_hold_exactly(finished):
    found = icon.verify(finished, backend=FakeBackend())
    assert (found["drawn"], found["pairs"], found["finished"], found["failed_in_run"]) == (50, 50, PAIRS, 0)
    assert found["errors"].keys() == {"nll", "nll_random", "c", "log_gain"}
    assert all(error["largest"] == error["mean"] == 0 and error["n"] == 50 for error in found["errors"].values())
    assert found["spearman"]["c"]["value"] == pytest.approx(1)
    assert "hold exactly (NLL)" in found["sentence"]
    assert "over 50 pairs; rank correlation 1.000." in found["sentence"]


def test_a_planted_error_is_the_largest_and_its_pair_is_named(finished):
    def plant(rows):
        rows[0]["nll"] += 0.5

    pair = tamper(finished, plant)
    nll = stored(finished)[(pair["candidate"], pair["assessment"])]["nll"]
    found = icon.verify(finished, pairs=PAIRS, backend=FakeBackend())
    assert found["errors"]["nll"] == {
        "n": PAIRS,
        "largest": pytest.approx(0.5),
        "mean": pytest.approx(0.5 / PAIRS),
        "worst": {**pair, "stored": nll, "again": pytest.approx(nll - 0.5)},
    }
    assert all(found["errors"][name]["largest"] == 0 for name in ("nll_random", "c", "log_gain"))
    assert "to no decimal (NLL) and exactly (c): largest difference 0.5 nats per token" in found["sentence"]


def test_a_planted_error_of_c_shows_in_c_and_in_its_rank_correlation(finished):
    pair = tamper(finished, lambda rows: rows[0].update(c=rows[0]["c"] - 1000))
    found = icon.verify(finished, pairs=PAIRS, backend=FakeBackend())
    worst = found["errors"]["c"]["worst"]
    assert {"candidate": worst["candidate"], "assessment": worst["assessment"]} == pair
    assert found["errors"]["c"]["largest"] == pytest.approx(1000)
    rows = stored(finished)
    sound = {key: row["c"] + (1000 if row["c"] < -900 else 0) for key, row in rows.items()}
    oracle = spearmanr([row["c"] for row in rows.values()], list(sound.values())).statistic
    assert found["spearman"]["c"]["value"] == pytest.approx(oracle)
    assert "exactly (NLL) and to no decimal (c)" in found["sentence"]


def test_a_plain_pass_is_preferred_and_its_difference_is_the_one_that_was_put_in(finished):
    found = icon.verify(finished, pairs=PAIRS, backend=Worse())
    assert found["plain_pass"]
    errors = found["errors"]
    assert errors["nll"]["largest"] == pytest.approx(0.25)
    assert [errors[name]["mean"] for name in ("nll", "nll_random")] == pytest.approx([0.25, 0.25])
    assert errors["log_gain"]["largest"] == pytest.approx(0, abs=1e-12)
    # c = (e^nll_random - e^nll) / (e^baseline + 1e-6): with e^0.25 on all three only the 1e-6 moves, so c hardly does
    assert 0 < errors["c"]["largest"] < 1e-6
    assert "largest difference 0.25 nats per token" in found["sentence"]


def test_every_target_is_scored_in_a_call_of_its_own(finished):
    backend = Counting()
    found = icon.verify(finished, pairs=7, backend=backend)
    assert not found["plain_pass"]
    # without context, behind the demonstration of 24 tokens, behind two random contexts of 8 tokens and two of 32
    assert backend.calls == [1] * (1 + 1 + 2 * 2) * 7


def test_pairs_with_a_control_of_their_own_length_hold_too(tmp_path, pool, tasks):
    settings = {
        "assessment": tasks,
        "scorer": "icon",
        "scorer_options": {"control": "paired"},
        "out": tmp_path / "paired",
    }
    path, backend = icon.run(pool, backend=FakeBackend(), **settings, report=False).path, Counting()
    found = icon.verify(path, pairs=7, backend=backend)
    assert backend.calls == [1] * 3 * 7  # without context, behind the demonstration, behind its random context
    assert found["errors"]["nll_random"]["largest"] == 0


def test_where_the_bank_ends_earlier_for_some_samples_pairs_measured_by_themselves_hold(tmp_path, pool):
    rows = [{"instruction": "task" + " alpha" * 4 * i, "output": "done and over"} for i in range(1, 6)]
    tasks = write(tmp_path / "longer.jsonl", rows)
    # targets of 21, 25, .. 37 tokens: of 64, 43 to 27 are left, so it ends at 32, and at 16 for the last two
    path = icon.run(
        pool,
        backend=FakeBackend(context_length=64),
        assessment=tasks,
        scorer="icon",
        out=tmp_path / "short",
        report=False,
    ).path
    found = icon.verify(path, pairs=PAIRS, backend=FakeBackend(context_length=64))
    assert (found["pairs"], found["errors"]["nll_random"]["largest"]) == (PAIRS, 0)


def test_the_draw_depends_on_the_seed_alone(finished):
    def drawn(**given):
        found = icon.verify(finished, pairs=6, backend=FakeBackend(faults={"a": Status.NOT_FINITE}), **given)
        return [(pair["candidate"], pair["assessment"]) for pair in found["failed"]]

    assert drawn() == drawn(seed=0) != drawn(seed=1)
    assert len(set(drawn())) == 6
    assert set(drawn()) <= stored(finished).keys()


def test_nothing_in_the_run_directory_changes(finished):
    damaged = finished / "contributions/part-000099-0123456789abcdef.parquet"
    damaged.write_bytes(b"no part")
    dead = subprocess.Popen([sys.executable, "-IS", "-c", ""])
    dead.wait()
    (finished / f"contributions/.part.{platform.node()}.{dead.pid}.tmp").write_bytes(b"half")
    before = contents(finished)
    found = icon.verify(finished, pairs=3, backend=Worse())
    assert contents(finished) == before
    assert found["damaged_parts"] == [damaged.name]
    assert (found["finished"], found["pairs"]) == (PAIRS, 3)


def test_a_pair_that_cannot_be_measured_again_has_a_status_and_a_reason_and_no_number(finished, pool):
    poisoned = next(sample for sample in icon.load_samples(pool) if "number 7" in sample.instruction)
    backend = FakeBackend(faults={"number 7": Status.OUT_OF_MEMORY})
    found = icon.verify(finished, pairs=PAIRS, backend=backend)
    assert (found["drawn"], found["pairs"], len(found["failed"])) == (PAIRS, PAIRS - 5, 5)
    assert all(error["n"] == PAIRS - 5 for error in found["errors"].values())
    for each in found["failed"]:
        assert (each["candidate"], each["status"]) == (poisoned.id, "out_of_memory")
        assert "as asked for" in each["reason"]
    assert found["sentence"].endswith("5 more could not be measured again.")


def test_an_assessment_sample_that_fails_fails_its_pairs_alone(finished):
    found = icon.verify(finished, pairs=PAIRS, backend=FakeBackend(faults={"task 2": Status.NOT_FINITE}))
    assert (found["pairs"], len(found["failed"])) == (PAIRS - 12, 12)
    assert {pair["status"] for pair in found["failed"]} == {"failed"}
    assert "not_finite" in found["failed"][0]["reason"]


def test_where_nothing_can_be_measured_again_no_number_is_given(finished):
    found = icon.verify(finished, pairs=4, backend=FakeBackend(context_length=1))
    assert (found["pairs"], found["errors"], found["spearman"]) == (0, {}, {})
    assert found["sentence"] == "Nothing can be said: none of 4 pairs could be measured again."


def test_pairs_that_failed_in_the_run_are_counted_and_not_drawn(tmp_path, pool, tasks):
    backend = FakeBackend(faults={"number 7": Status.NOT_FINITE})
    path = icon.run(pool, backend=backend, assessment=tasks, out=tmp_path / "faulty", report=False).path
    found = icon.verify(path, pairs=999, backend=FakeBackend())
    assert (found["finished"], found["failed_in_run"], found["pairs"]) == (PAIRS - 5, 5, PAIRS - 5)


def test_a_scorer_that_looks_at_candidates_alone_is_verified_by_value(tmp_path, pool):
    path = icon.run(pool, backend=FakeBackend(), scorer="ppl", out=tmp_path / "ppl", report=False).path
    found = icon.verify(path, backend=Worse())
    rows = stored(path)
    assert found["pairs"] == len(rows) == 12
    assert found["errors"]["value"]["worst"]["assessment"] is None
    # PPL = exp(NLL), and each NLL is 0.25 higher: the largest PPL moves the most
    values = [row["value"] for row in rows.values()]
    assert found["errors"]["value"]["largest"] == pytest.approx(max(values) * (math.exp(0.25) - 1))
    assert "(value): largest difference" in found["sentence"]
    assert "over 12 candidates; rank correlation" in found["sentence"]
    assert found["spearman"].keys() == {"value"}


def test_of_a_scorer_with_nlls_and_a_value_of_its_own_the_nlls_come_first(tmp_path, pool, tasks):
    given = {"assessment": tasks, "scorer": "reverse", "out": tmp_path / "reverse", "report": False}
    path = icon.run(pool, backend=FakeBackend(), **given).path
    found = icon.verify(path, backend=Worse())
    assert found["errors"]["nll"]["largest"] == pytest.approx(0.25)
    assert re.match(
        r"The stored numbers hold to no decimal \(NLL\) and .* \(value\): largest difference 0.25 nats",
        found["sentence"],
    )


def test_without_a_control_the_second_nll_is_left_out(tmp_path, pool, tasks):
    settings = {"assessment": tasks, "scorer": "icon", "scorer_options": {"control": "none"}, "out": tmp_path / "bare"}
    path = icon.run(pool, backend=FakeBackend(), **settings, report=False).path
    assert icon.verify(path, backend=FakeBackend())["errors"].keys() == {"nll", "c", "log_gain"}


def test_a_scorer_without_a_model_has_nothing_to_verify(tmp_path, pool, tasks):
    path = icon.run(
        pool, scorer="length", assessment=tasks, baselines=("random",), out=tmp_path / "length", report=False
    ).path
    with pytest.raises(icon.ConfigError, match="scorer length uses no model"):
        icon.verify(path)


@pytest.mark.parametrize(
    "change",
    [{"tokenizer_digest": "other"}, {"model": "other"}, {"bos": True}, {"settings": {"source_digest": "of a file"}}],
)
def test_another_model_is_refused(tmp_path, pool, tasks, change):
    class Other(FakeBackend):
        def describe(self):
            return replace(super().describe(), **change)

    path = icon.run(pool, backend=Other(), assessment=tasks, out=tmp_path / "run", report=False).path
    with pytest.raises(icon.ConfigError, match="not the model this run was scored with"):
        icon.verify(path, backend=FakeBackend())
    assert icon.verify(path, pairs=2, backend=Other())["pairs"] == 2


def test_a_model_of_one_source_is_the_same_in_another_precision_and_place(tmp_path, pool, tasks):
    class Quantised(FakeBackend):
        told: ClassVar = {"precision": "q4", "digest": "1", "model": "here"}

        def describe(self):
            return replace(super().describe(), settings={"source_digest": "one"}, **self.told)

    class Exact(Quantised):
        told: ClassVar = {"precision": "f32", "digest": "2", "model": "there"}

    path = icon.run(pool, backend=Quantised(), assessment=tasks, out=tmp_path / "run", report=False).path
    assert icon.verify(path, pairs=2, backend=Exact())["precision"] == {"run": "q4", "used": "f32"}


def test_a_pool_that_changed_is_refused(finished, pool):
    write(pool, [{"instruction": "new", "output": "rows"}])
    with pytest.raises(icon.ConfigError, match="pool"):
        icon.verify(finished, backend=FakeBackend())


def test_wrong_use_is_told(finished, tmp_path):
    with pytest.raises(icon.ConfigError, match="at least 1"):
        icon.verify(finished, pairs=0, backend=FakeBackend())
    with pytest.raises(icon.RunError, match=r"run\.json"):
        icon.verify(tmp_path / "nowhere")


class ExactOptions(Options):
    exact: ClassVar[Mapping[str, Any]] = {"precision": "f32"}
    precision: str = "q4"


class Backends:
    """A backend whose options name an exact form, which may not fit in memory."""

    def __init__(self, *, fits):
        self.fits = fits
        self.opened = []

    @hookimpl
    def icon_backends(self):
        return [Strategy("fake", "no model at all", self.build, ExactOptions)]

    def build(self, options):
        if options.precision == "f32" and not self.fits:
            raise BackendError("no memory for it")
        self.opened.append(options.precision)
        self.backend = Worse() if options.precision == "f32" else FakeBackend()
        return self.backend


class Watching:
    def __init__(self):
        self.seen = []

    @hookimpl
    def icon_event(self, event):
        if isinstance(event, CandidateMeasured):
            self.seen.append(event.candidate)


def verify(path, *plugins, **given):
    known = Plugins([builtin], entry_points=False)
    for number, plugin in enumerate(plugins):
        known.register(plugin, f"test-{number}")
    opened = Opened.at(path, plugins=known)
    return verification.verify(opened.run, opened.model, **given).model_dump(mode="json")


def test_the_backend_is_opened_once_in_its_exact_form_and_closed(finished):
    backends, watching = Backends(fits=True), Watching()
    found = verify(finished, backends, watching, pairs=4)
    assert backends.opened == ["f32"]
    assert found["form"] == "with precision=f32"
    assert found["errors"]["nll"]["largest"] == pytest.approx(0.25)
    assert len(watching.seen) == 4
    with pytest.raises(BackendError, match="closed"):
        backends.backend.tokenize("x")


def test_where_the_exact_form_cannot_be_loaded_the_runs_own_is_used_and_said(finished):
    backends = Backends(fits=False)
    found = verify(finished, backends, pairs=4)
    assert backends.opened == ["q4"]
    assert "precision=f32 could not be loaded: no memory for it" in found["form"]
    assert found["errors"]["nll"]["largest"] == 0
    assert found["precision"] == {"run": "none", "used": "none"}


def test_one_at_a_time_hands_on_what_it_does_not_change():
    alone = OneAtATime(Counting())
    targets = [Target("one", " two"), Target("three", " four")]
    assert alone.score("zero", targets) == FakeBackend().score("zero", targets)
    assert alone.tokens_evaluated == 2 * 3  # the context is read anew for each
    assert isinstance(alone, Embedder)
    assert alone.embed(["x"]).shape == (1, 16)
    assert not isinstance(FakeBackend(), Reference)
    with alone:
        assert alone.describe().backend == "fake"
    with pytest.raises(BackendError, match="closed"):
        alone.tokenize("x")


def pair(stored_nll, again_nll, n=0):
    return Rescored(Measurement(f"c{n}", "s", nll=stored_nll, c=0.0), Measurement(f"c{n}", "s", nll=again_nll, c=0.0))


@pytest.mark.parametrize(
    ("error", "expected"), [(0.5, 0), (0.4, 0), (0.05, 1), (0.006, 1), (3.1e-6, 5), (5e-7, 6), (7.0, 0), (0.0, 15)]
)
def test_a_number_holds_to_the_decimal_whose_half_its_error_does_not_exceed(error, expected):
    assert decimals(error) == expected


def test_the_sentence_gives_the_digits_the_largest_difference_and_the_order():
    found = findings([pair(1.0 + n, 1.0 + n + (3.1e-6 if n == 1 else 0), n) for n in range(4)])
    assert found.sentence == (
        "The stored numbers hold to 5 decimals (NLL) and exactly (c): largest difference 3.1e-06 nats per token over "
        "4 pairs; no rank correlation: all values of one side are equal."
    )
    assert found.errors["nll"].worst.candidate == "c1"
    assert found.errors["nll"].mean == pytest.approx(3.1e-6 / 4)


@pytest.mark.parametrize(("before", "after"), [(math.inf, 1.0), (1.0, math.nan), (1.0, None)])
def test_what_is_no_number_on_either_side_is_a_failure_and_no_error(before, after):
    found = findings([pair(before, after), pair(1.0, 1.0, 1)])
    assert found.pairs == 1
    assert found.failed[0].status == "not_finite"
    assert found.errors["nll"].largest == 0


def test_the_exact_form_of_llamacpp_is_one_that_its_options_take():
    options = pytest.importorskip("icon_llamacpp.options").LlamaCppOptions
    assert options.model_validate(options.exact).precision == "f32"
    assert "exact" not in options.model_fields
