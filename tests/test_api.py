"""The Python surface with a backend of one's own: a complete run, the same numbers without one, and both open again."""

import json
from dataclasses import asdict

import pytest

import icon
from icon.runs.scores import read_scores
from icon.testing import FakeBackend

FILES = {"run.json", "assessment.jsonl", "contributions", "scores.parquet", "selected.jsonl", "dropped.jsonl"}


def write(path, records):
    path.write_text("".join(json.dumps(each) + "\n" for each in records))
    return path


@pytest.fixture
def pool(tmp_path):
    rows = [
        {"instruction": f"question number {i}", "output": f"answer {i} of {i * 7} words", "n": i} for i in range(20)
    ]
    return write(tmp_path / "pool.jsonl", rows)


@pytest.fixture
def tasks(tmp_path):
    rows = [{"instruction": f"task {i} alpha", "output": f"done {i}", "group": "ab"[i % 2]} for i in range(5)]
    return write(tmp_path / "tasks.jsonl", rows)


class Stopping(FakeBackend):
    """Ctrl-C while the model reads for the n-th time."""

    def __init__(self, n):
        super().__init__()
        self.left = n

    def score(self, context, targets):
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt
        return super().score(context, targets)


def test_a_run_with_an_open_backend_leaves_a_complete_run_directory(tmp_path, pool, tasks):
    with FakeBackend() as backend:
        found = icon.run(pool, backend=backend, assessment=tasks, out=tmp_path / "run", keep=0.25, report=False)
        assert backend.tokenize("still open")
    assert {path.name for path in (tmp_path / "run").iterdir()} >= FILES
    assert found.path == tmp_path / "run"
    manifest = json.loads((tmp_path / "run/run.json").read_text())
    assert manifest["status"] == "done"
    assert found.config == icon.RunConfig.model_validate(manifest["config"])
    assert found.summary["selected"] == 5


def test_the_tables_of_a_result_open(tmp_path, pool, tasks):
    found = icon.run(
        pool, scorer="icon", backend=FakeBackend(), assessment=tasks, out=tmp_path / "run", keep=0.25, report=False
    )
    scores = found.scores()
    assert list(scores["row"]) == list(range(20))
    assert scores["status"].eq("scored").all()
    best = set(scores.sort_values("score", ascending=False)["row"][:5])
    assert {row.row for row in found.rows if row.selected} == best
    selected, dropped = found.selected(), found.dropped()
    assert set(selected["n"]) == best
    assert selected.column_names == ["instruction", "output", "n"]
    assert sorted([*selected["n"], *dropped["n"]]) == list(range(20))
    assert [each["row"] for each in dropped["icon"]] == dropped["n"]


def test_run_json_names_the_model_of_the_given_backend(tmp_path, pool, tasks):
    backend = FakeBackend(context_length=777)
    icon.run(pool, backend=backend, assessment=tasks, out=tmp_path / "run", report=False)
    manifest = json.loads((tmp_path / "run/run.json").read_text())
    described = json.loads(json.dumps(asdict(backend.describe())))
    assert manifest["model"] == {key: value for key, value in described.items() if key != "parameters"} | {"note": ""}
    assert manifest["model"]["context_length"] == 777
    assert manifest["config"]["backend"] == "fake"


def test_an_interrupted_run_does_not_go_on_with_another_model(tmp_path, pool, tasks):
    settings = {"assessment": tasks, "out": tmp_path / "run"}
    with pytest.raises(icon.InterruptedRun):
        icon.run(pool, backend=Stopping(12), **settings, report=False)
    with pytest.raises(icon.ConfigError, match="context_length: 4096 -> 777"):
        icon.run(pool, backend=FakeBackend(context_length=777), **settings, report=False)
    assert icon.run(pool, backend=FakeBackend(), **settings, report=False).summary["rows"] == {"scored": 20}


def test_score_gives_the_numbers_of_the_run(tmp_path, pool, tasks):
    icon.run(pool, scorer="icon", backend=FakeBackend(), assessment=tasks, out=tmp_path / "run", report=False)
    rows = {each.id: each for each in read_scores(tmp_path / "run/scores.parquet")}
    found = icon.score(icon.load_samples(pool), icon.load_samples(tasks), backend=FakeBackend(), scorer="icon")
    assert len(found) == len({each.score for each in found}) == 20
    for each in found:
        row = rows[each.id]
        names = ("score", "standard_error", "log_gain", "consistency", "coverage", "stability", "n_assessed")
        numbers = [getattr(each, name) for name in names]
        assert numbers == pytest.approx([getattr(row, name) for name in names], rel=1e-12)
        assert each.groups == pytest.approx(row.groups, rel=1e-12)
        assert each.groups.keys() == {"a", "b"}


def test_duplicates_among_the_samples_do_not_change_the_numbers(pool, tasks):
    samples, assessment = icon.load_samples(pool)[:4], icon.load_samples(tasks)
    once = icon.score(samples, assessment, backend=FakeBackend())
    twice = icon.score([*samples, samples[0], samples[2]], assessment, backend=FakeBackend())
    assert twice == [*once, once[0], once[2]]


def test_score_takes_a_scorer_by_name_and_its_options(pool, tasks):
    samples, assessment = icon.load_samples(pool)[:3], icon.load_samples(tasks)
    found = icon.score(samples, assessment, backend=FakeBackend(), scorer="length", unit="words")
    assert [each.score for each in found] == [5, 5, 5]  # "answer 0 of 0 words"
    with pytest.raises(icon.ConfigError, match="control"):
        icon.score(samples, assessment, backend=FakeBackend(), scorer="icon", control="sometimes")
    with pytest.raises(icon.ConfigError, match="control is an option of --scorer icon"):
        icon.score(samples, assessment, backend=FakeBackend(), scorer="reverse", control="none")
    with pytest.raises(icon.ConfigError, match="empty"):
        icon.score(samples, [], backend=FakeBackend())


def test_a_sample_that_cannot_be_scored_has_a_status_in_its_place(pool, tasks):
    backend = FakeBackend(faults={"number 1": icon.Status.NOT_FINITE})
    found = icon.score(icon.load_samples(pool)[:3], icon.load_samples(tasks), backend=backend)
    assert [each.status for each in found] == [icon.Status.OK, icon.Status.NOT_FINITE, icon.Status.OK]
    assert found[1].score is None
    assert "as asked for" in found[1].reason


def test_a_finished_run_opens_again(tmp_path, pool, tasks):
    first = icon.run(pool, backend=FakeBackend(), assessment=tasks, out=tmp_path / "run", report=False)
    again = icon.load_run(tmp_path / "run")
    assert again.path == first.path
    assert again.config == first.config
    assert again.rows == first.rows
    assert again.summary == json.loads(json.dumps(first.summary))


def test_an_unfinished_run_does_not_open(tmp_path, pool, tasks):
    with pytest.raises(icon.InterruptedRun):
        icon.run(pool, backend=Stopping(12), assessment=tasks, out=tmp_path / "run", report=False)
    with pytest.raises(icon.RunError, match=r"stopped before anything was selected\. To go on: icon run"):
        icon.load_run(tmp_path / "run")
    icon.run(pool, backend=FakeBackend(), assessment=tasks, out=tmp_path / "run", report=False)
    assert len(icon.load_run(tmp_path / "run").rows) == 20


def test_what_is_no_run_does_not_open(tmp_path):
    with pytest.raises(icon.RunError, match=r"run\.json"):
        icon.load_run(tmp_path)


def test_samples_are_loaded_once_each_in_the_order_of_their_rows(tmp_path):
    rows = [
        {"instruction": "first", "input": "a passage", "output": "one"},
        {"instruction": "second", "input": "", "output": "two", "group": "g"},
        {"instruction": "first", "input": "a passage", "output": "one"},
    ]
    first, second = icon.load_samples(write(tmp_path / "small.jsonl", rows))
    assert (first.row, first.instruction, first.passage, first.response) == (0, "first", "a passage", "one")
    assert (second.row, second.instruction, second.response, second.group) == (1, "second", "two", "g")
    assert first.id != second.id


def test_load_samples_tells_every_bad_row(tmp_path):
    path = write(tmp_path / "bad.jsonl", [{"instruction": "q", "output": "a"}, {"instruction": "q"}, {"output": 7}])
    with pytest.raises(icon.BadRowsError, match="2 bad rows"):
        icon.load_samples(path)
    assert len(icon.load_samples(path, on_bad_row="skip")) == 1


PLACES = """
from icon.plugins import Options, Strategy, hookimpl


@hookimpl
def icon_contribution_scorers():
    return [Strategy("places", "places by the length of the response", build, Options)]


def build(options):
    from icon.scorers import AloneScorer

    class Places(AloneScorer):
        def value_of(self, candidate):
            return float(len(candidate.response))

        def together(self, measured):
            ordered = sorted(measured, key=lambda id_: (measured[id_][0].value, id_))
            return {id_: float(place) for place, id_ in enumerate(ordered, 1)}

    return Places()
"""


def test_scores_without_a_run_are_those_of_a_run_also_where_all_are_scored_together(tmp_path, pool):
    plugin = tmp_path / "places.py"
    plugin.write_text(PLACES)
    given = {"scorer": "places", "plugins": [str(plugin)]}
    run = icon.run(pool, out=tmp_path / "run", selector="top", baselines=(), keep="2", report=False, **given)
    found = icon.score(icon.load_samples(pool), **given)
    assert {candidate.id: candidate.score for candidate in found} == {row.id: row.score for row in run.rows}
    assert sorted(candidate.score for candidate in found) == [float(place) for place in range(1, len(found) + 1)]


def test_a_score_asks_for_no_more_than_its_scorer_needs(pool, tasks):
    samples = icon.load_samples(pool)
    assert all(candidate.score is not None for candidate in icon.score(samples, scorer="length"))
    with pytest.raises(icon.ConfigError, match="scorer nuggets: the assessment set is empty"):
        icon.score(samples, backend=FakeBackend())
    with pytest.raises(icon.ConfigError, match="scorer ppl: it needs a model"):
        icon.score(samples, scorer="ppl")
