"""`icon.load_validation` gives the verdict of a run, its sentences, and whether it is of the present selection."""

import json

import pytest

import icon
from support.sealed import seal
from support.validated import conclude


@pytest.fixture
def run(tmp_path):
    rows = [{"instruction": f"question {i}", "output": "answer " * (i + 1)} for i in range(20)]
    (tmp_path / "pool.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    settings = {"scorer": "length", "baselines": (), "report": False, "keep": "4", "selector": "top"}
    return icon.run(tmp_path / "pool.jsonl", out=tmp_path / "run", **settings)


def test_the_verdict_and_its_sentences(run):
    conclude(run.path)
    found = icon.load_validation(run)
    assert found["is_current"]
    assert found["tables"]["steps"]["difference"] == pytest.approx(0.53)
    assert found["facts"]["validated"].startswith("better than random by 0.53 [")
    assert "and than 4 of 4 draws" in found["facts"]["validated"]
    assert icon.load_validation(run.path) == found


def test_after_another_selection_the_verdict_is_not_of_this_one(run, command_line):
    conclude(run.path)
    done = command_line("select", run.path, "--keep", "6", code=0)
    assert "no (the verdict is of an earlier selection)" in done.stdout
    found = icon.load_validation(run)
    assert not found["is_current"]
    assert found["facts"] == {"validated": "no (the verdict is of an earlier selection)"}
    command_line("select", run.path, "--keep", "4", code=0)
    assert icon.load_validation(run)["is_current"]


def test_a_run_that_was_not_validated_is_refused(run, tmp_path):
    with pytest.raises(icon.WrongRunError, match="was not validated; icon validate"):
        icon.load_validation(run)
    with pytest.raises(icon.WrongRunError, match="valid: the folder of an icon run"):
        icon.load_validation(tmp_path)


def test_a_run_that_records_no_digest_of_its_selection_is_compared_by_its_table(run):
    conclude(run.path)
    path = run.path / "run.json"
    data = json.loads(path.read_text())
    assert data["stages"]["select"].pop("digest")
    path.write_text(json.dumps(data))
    seal(run.path)
    assert icon.load_validation(run)["is_current"]
