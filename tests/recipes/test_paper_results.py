"""The numbers of the chain's tables by hand, and its judgements behind an address, resumed where they stopped."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from paper import answers, results
from paper.analysis import distinct_bigrams, effective_number
from paper.cells import Cell, Places
from paper.intervals import difference, mean_of_draws
from paper.settings import load
from paper.tables import winning_score, write_tables
from support.paper_toy import lines

T_2, T_1 = 4.302652729911275, 12.706204736432095
"""Student's t at 97.5% with 2 and 1 degrees of freedom, from a table."""

CHAIN = """
shares = ["10%"]
draws = 3
arms = ["full", "selection", "random"]
[models.small]
parameters = 1e9
[models.small.run]
backend_options = {model = "weights"}
[benchmarks.X]
task = "x"
[pairwise.Say]
file = "say.jsonl"
[judge]
address = "ADDRESS/v1"
model = "longer"
"""


def test_the_mean_of_draws_by_hand():
    found = mean_of_draws([1.0, 2.0, 3.0])  # mean 2, standard deviation 1
    assert found.value == 2
    assert found.half == pytest.approx(T_2 / 3**0.5)
    assert mean_of_draws([5.0, 7.0]).half == pytest.approx(T_1)  # sd sqrt(2), over sqrt(2)


def test_the_interval_of_a_difference_is_that_of_one_more_draw():
    found = difference(5.0, [1.0, 2.0, 3.0])
    assert found.value == 3
    assert found.half == pytest.approx(T_2 * (4 / 3) ** 0.5)


def test_one_draw_has_no_interval_and_a_missing_one_no_mean():
    assert mean_of_draws([4.0]).half is None
    assert mean_of_draws([4.0, None]).value is None
    assert difference(None, [1.0, 2.0]).value is None


def test_a_selection_that_is_a_draw_lies_within_the_interval_95_times_in_100():
    import numpy as np

    draws = np.random.default_rng(1).normal(size=(1000, 6))
    inside = sum(abs(found.value) <= found.half for found in (difference(row[0], list(row[1:])) for row in draws))
    assert 930 <= inside <= 970


def test_clusters_of_equal_size_count_as_many_and_one_counts_as_one():
    import numpy as np

    assert effective_number(np.array([5, 5, 5, 0])) == pytest.approx(3)
    assert effective_number(np.array([7, 0])) == pytest.approx(1)


def test_distinct_bigrams_by_hand():
    assert distinct_bigrams([["a", "b", "a", "b"], ["a"]]) == pytest.approx(2 / 3)  # ab, ba, ab
    assert distinct_bigrams([["a"], []]) is None


class LongerIsBetter(BaseHTTPRequestHandler):
    """A chat model that prefers the longer answer, always the first one of equally long ones, and cannot read `?`."""

    def do_POST(self):
        text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["messages"][0]["content"]
        first, second = (text.split(f"[Answer {letter}]\n")[1].split("\n\n[")[0] for letter in "AB")
        letter = "A" if len(first) >= len(second) else "B"
        said = "I cannot say." if "?" in first + second else letter
        self.server.asked.append(said)
        body = json.dumps({"choices": [{"message": {"content": said}}]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), LongerIsBetter) as opened:
        opened.asked = []
        threading.Thread(target=opened.serve_forever, daemon=True).start()
        yield opened
        opened.shutdown()


@pytest.fixture
def answered(tmp_path, server):
    """A chain in which two cells have answered; longer, shorter, equally long, the same, and one without a verdict."""
    pytest.importorskip("icon_validate", reason="icon-validate is not installed")
    lines(tmp_path / "say.jsonl", [{"instruction": f"Say {number}"} for number in range(5)])
    (tmp_path / "chain.toml").write_text(CHAIN.replace("ADDRESS", f"http://127.0.0.1:{server.server_port}"))
    chain = load(tmp_path / "chain.toml", tmp_path / "work")
    for arm, said in (
        ("selection", ["long one", "x", "abc", "same", "?"]),
        ("full", ["x", "long", "xyz", "same", "x"]),
    ):
        cell = Cell("small", arm, "10%" if arm == "selection" else "")
        settings = answers.answer_settings(chain, cell, chain.pairwise["Say"])
        results.write(Places(chain.work).result(cell, "answers", "Say"), settings, {"answers": said})
    return chain, Cell("small", "selection", "10%")


def test_the_winning_score_by_hand(answered, server):
    """A win, a loss, two ties (the first answer in both orders; the same text), and one that counts as nothing."""
    from paper.pairwise import judge

    chain, cell = answered
    judge(chain, cell)
    found = results.read(Places(chain.work).result(cell, "judged", "Say"))
    assert [found[name] for name in ("win", "tie", "lose", "unjudged", "n")] == [1, 2, 1, 1, 4]
    assert found["winning_score"] == 1
    assert found["win_rate"] == 50
    assert winning_score(chain, cell, "all") == 1
    assert len(server.asked) == 8  # the same text is a tie without asking


def test_judging_goes_on_after_the_last_whole_line(answered, server):
    from paper.pairwise import judge, judge_settings

    chain, cell = answered
    path = Places(chain.work).result(cell, "judged", "Say")
    results.write(path.with_suffix(".settings.json"), judge_settings(chain, cell, "Say"), {})
    kept = '{"outcome": "win", "choices": ["first", "second"]}\n' * 3
    path.with_suffix(".jsonl").write_text(kept + '{"outcome": "lo')
    judge(chain, cell)
    found = results.read(path)
    assert [found[name] for name in ("win", "tie", "lose", "unjudged")] == [3, 1, 0, 1]
    assert len(server.asked) == 2


def test_a_judge_that_is_out_of_reach_loses_nothing(answered, server, monkeypatch):
    from icon.errors import IconError
    from paper.pairwise import judge

    chain, cell = answered
    server.shutdown()
    server.server_close()
    monkeypatch.setattr("icon_validate.pairwise.server.WAITS", (0.0, 0.0))
    with pytest.raises(IconError, match="did not answer"):
        judge(chain, cell)
    assert results.read(Places(chain.work).result(cell, "judged", "Say")) is None
    assert "| 10% selection | missing | missing |" in write_tables(chain)


def test_a_set_of_another_length_is_refused(tmp_path, answered):
    from icon.errors import InputError

    chain, _ = answered
    pairs = chain.pairwise["Say"].model_copy(update={"n": 80})
    with pytest.raises(InputError, match=r"found 5 instructions; pairwise\.Say\.n says 80"):
        answers.instructions(chain.model_copy(update={"pairwise": {"Say": pairs}}), "Say")


def test_fields_within_fields_are_found(tmp_path, answered):
    chain, _ = answered
    lines(tmp_path / "say.jsonl", [{"conversations": ["Say"], "instances": [{"input": "this"}]}])
    named = {"instruction": "conversations.0", "passage": "instances.0.input"}
    pairs = chain.pairwise["Say"].model_copy(update=named)
    found = answers.instructions(chain.model_copy(update={"pairwise": {"Say": pairs}}), "Say")
    assert found == [{"instruction": "Say", "passage": "this"}]
