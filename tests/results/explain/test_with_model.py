"""The tokens of a model come to what a run of it has stored."""

import json
import math

import pytest

import icon

pytestmark = pytest.mark.model


def write(path, records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


@pytest.fixture
def path(tmp_path, tiny_gguf):
    pytest.importorskip("icon_llamacpp")
    rows = [("Name a colour.", "Blue is a colour."), ("Say it in French: cat", "Le chat 🐈"), ("Add 2 and 2.", "4")]
    asked = [("Which colour has grass?", "Grass is green."), ("Add 3 and 4.", "The sum is 7.")]
    pool = write(tmp_path / "pool.jsonl", [{"instruction": x, "output": y} for x, y in rows])
    tasks = write(tmp_path / "tasks.jsonl", [{"instruction": x, "output": y} for x, y in asked])
    given = {"backend": "llamacpp", "backend_options": {"model": str(tiny_gguf)}, "baselines": (), "report": False}
    return icon.run(pool, assessment=tasks, out=tmp_path / "run", scorer="icon", selector="top", keep=1, **given).path


def test_the_token_means_are_the_stored_log_gains_and_nlls(path):
    for row in range(3):
        found = icon.explain(path, f"row:{row}")
        pairs = [*found["helped"], *found["hurt"]]
        assert len(pairs) == 2
        assert found["notes"] == []
        for pair in pairs:
            tokens, n = pair["tokens"], pair["n_tokens"]
            assert len(tokens["pieces"]) == len(tokens["given"]) == len(tokens["control"]) == n
            assert "".join(tokens["pieces"]) == pair["response"]
            assert -math.fsum(tokens["given"]) / n == pytest.approx(pair["nll"], abs=0.005)
            assert -math.fsum(tokens["control"]) / n == pytest.approx(pair["nll_random"], abs=0.005)
            mean = math.fsum(a - b for a, b in zip(tokens["given"], tokens["control"], strict=True)) / n
            assert mean == pytest.approx(pair["log_gain"], abs=0.005)
