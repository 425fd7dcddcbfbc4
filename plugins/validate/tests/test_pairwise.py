"""Pairwise judging: the winning score by hand, answers that cannot be read, and a judge behind an address."""

from __future__ import annotations

import json
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from icon.errors import BackendError, ConfigError
from icon.runs.validation import ValidationStore
from icon.testing import FakeBackend
from icon.types import ChatTemplate
from icon.validation.arms import ArmSpec
from icon_validate.answers import AnswerStore, Judgments, read_requests
from icon_validate.pairwise.model import ModelJudge
from icon_validate.pairwise.question import Pair, read
from icon_validate.pairwise.score import Choice, Outcome, outcome, winning_score
from icon_validate.pairwise.server import TRIES, ServerJudge
from support.validating import write_lines

FIRST, SECOND, TIE, NONSENSE = Choice.FIRST, Choice.SECOND, Choice.TIE, Choice.NONSENSE


@pytest.mark.parametrize(
    ("straight", "swapped", "wanted"),
    [
        (FIRST, SECOND, "win"),  # preferred in both orders
        (FIRST, TIE, "win"),
        (TIE, SECOND, "win"),
        (FIRST, FIRST, "tie"),  # whichever stands first
        (TIE, TIE, "tie"),
        (SECOND, SECOND, "tie"),
        (SECOND, FIRST, "lose"),
        (SECOND, TIE, "lose"),
        (TIE, FIRST, "lose"),
        (NONSENSE, SECOND, "unjudged"),
        (FIRST, NONSENSE, "unjudged"),
    ],
)
def test_a_prompt_is_won_by_being_preferred_in_both_orders(straight, swapped, wanted):
    assert outcome(straight, swapped) == wanted


def test_the_winning_score_is_one_and_the_share_of_wins_beyond_losses():
    found = winning_score([Outcome.WIN] * 5 + [Outcome.LOSE] * 2 + [Outcome.TIE] * 3, "selection")
    assert found.winning_score == pytest.approx(1.3)  # 1 + (5 - 2) / 10
    found = winning_score([Outcome.WIN] * 3 + [Outcome.LOSE, Outcome.UNJUDGED], "selection")
    assert found.winning_score == pytest.approx(1.5)  # 1 + (3 - 1) / 4: what cannot be judged is not in n
    assert found.unjudged == 1


def test_there_is_no_winning_score_where_most_prompts_are_unjudged():
    found = winning_score([Outcome.WIN] * 4 + [Outcome.UNJUDGED] * 6, "selection")
    assert found.winning_score is None
    assert found.reason == "only 4 of 10 prompts could be judged"


@pytest.mark.parametrize("answer", ["A", " a\n", "A.", "[[A]]", "**A**", "Verdict: A", "Answer A", "(A)"])
def test_one_letter_is_read_however_it_is_decorated(answer):
    assert read(answer) is FIRST


@pytest.mark.parametrize("answer", ["", "A or B", "D", "Apple", "I think that A is better.", "AB", "42"])
def test_anything_else_is_nonsense(answer):
    assert read(answer) is NONSENSE


@pytest.fixture
def serve():
    """Starts a server on the loopback interface that answers each question by a function; gives its address."""
    started = []

    def start(answer):
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, reply, *more = answer(body)
                data = reply.encode() if isinstance(reply, str) else json.dumps(reply).encode()
                self.send_response(status)
                for name, value in {"Content-Length": str(len(data)), **(more[0] if more else {})}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        started.append(server)
        return f"http://127.0.0.1:{server.server_port}/v1"

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


def says(text):
    return 200, {"choices": [{"message": {"content": text}}]}


def test_a_server_is_asked_for_one_letter_at_temperature_0(serve):
    asked = []

    def answer(body):
        asked.append(body)
        return says("B")

    assert ServerJudge(serve(answer), "judge-8b").choose(Pair("What is 2 + 2?", "four", "five")) is SECOND
    (body,) = asked
    assert (body["model"], body["temperature"]) == ("judge-8b", 0)
    question = body["messages"][0]["content"]
    assert question.index("What is 2 + 2?") < question.index("four") < question.index("five")


@pytest.mark.parametrize("reply", ["no JSON", {"choices": []}, {"choices": [{"message": {"content": None}}]}, "[]"])
def test_a_reply_without_a_text_is_nonsense(serve, reply):
    assert ServerJudge(serve(lambda _: (200, reply)), "m").choose(Pair("q", "a", "b")) is NONSENSE


def test_a_busy_server_is_asked_again_and_a_dead_one_a_bounded_number_of_times(serve):
    replies, waited = [(503, "busy"), (429, "slow down"), says("A")], []
    judge = ServerJudge(serve(lambda _: replies.pop(0)), "m", sleep=waited.append)
    assert judge.choose(Pair("q", "a", "b")) is FIRST
    assert len(waited) == TRIES - 1
    tried = []
    judge = ServerJudge(serve(lambda _: tried.append(1) or (500, "broken")), "m", sleep=waited.append)
    with pytest.raises(
        BackendError, match="did not answer in 3 tries, the last time: 500 Internal Server Error broken"
    ):
        judge.choose(Pair("q", "a", "b"))
    assert len(tried) == TRIES
    with pytest.raises(BackendError, match="did not answer in 3 tries"):
        ServerJudge("http://127.0.0.1:9/v1", "m", sleep=waited.append).choose(Pair("q", "a", "b"))


def test_a_server_that_refuses_is_not_asked_again(serve):
    judge = ServerJudge(serve(lambda _: (404, "no model m")), "m")
    with pytest.raises(ConfigError, match="refuses the question: 404 Not Found no model m"):
        judge.choose(Pair("q", "a", "b"))


def test_the_key_goes_to_the_address_alone_and_not_behind_a_redirection(serve, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret\r\n")
    other, asked = serve(lambda _: says("A")), []
    server = ServerJudge(serve(lambda _: asked.append(1) or (302, "moved", {"Location": other})), "m")
    assert server._request(b"").get_header("Authorization") == "Bearer sk-secret"
    with pytest.raises(ConfigError, match="refuses the question: 302 Found"):
        server.choose(Pair("q", "a", "b"))
    assert asked == [1]


def test_a_malformed_key_is_refused_without_repeating_it(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-sec\nret")
    with pytest.raises(ConfigError, match="OPENAI_API_KEY") as refused:
        ServerJudge("http://127.0.0.1:9/v1", "m")
    assert "sec" not in str(refused.value)


@pytest.mark.parametrize(
    "address", ["http://me:sesame@host/v1", "https://host/v1?key=sesame", "http://me:sesame@ho st/"]
)
def test_an_address_with_a_secret_is_refused_without_repeating_it(address):
    with pytest.raises(ConfigError, match="a name, a password or a query") as refused:
        ServerJudge(address, "m")
    assert "sesame" not in str(refused.value)


@pytest.mark.parametrize("address", ["http://", "http://host:port/v1", "http://ho st/v1"])
def test_a_malformed_address_is_refused(address):
    with pytest.raises(ConfigError, match="no such address can be asked"):
        ServerJudge(address, "m")


def test_an_answer_that_is_cut_off_is_asked_for_again(serve):
    replies = [(200, "{", {"Content-Length": "100"}), says("B")]
    assert ServerJudge(serve(lambda _: replies.pop(0)), "m", sleep=lambda _: None).choose(Pair("q", "a", "b")) is SECOND


def test_a_judgment_behind_one_that_a_kill_cut_off_is_kept(tmp_path):
    path = tmp_path / "judgments.jsonl"
    path.write_text('["one", "first", "second"]\n["two", "fir')
    Judgments(path).add("three", TIE, FIRST)
    assert Judgments(path).known == {"one": (FIRST, SECOND), "three": (TIE, FIRST)}


def test_a_damaged_judgment_is_asked_for_again(tmp_path):
    path = tmp_path / "judgments.jsonl"
    for id_ in ("one", "two"):
        Judgments(path).add(id_, FIRST, SECOND)
    path.write_text(path.read_text().replace(f'"{FIRST}"', f'"{TIE}"', 1))
    assert Judgments(path).known == {"two": (FIRST, SECOND)}


@pytest.fixture
def answers(tmp_path):
    store = ValidationStore(tmp_path)
    store.begin({"train": "lora"})
    requests = write_lines(tmp_path / "requests.jsonl", [{"prompt": f"{n} times {n}?"} for n in range(3)])
    return AnswerStore(store, read_requests(str(requests), 4))


def test_answers_are_read_as_they_were_written_and_damaged_ones_are_made_again(answers):
    spec, other = ArmSpec("selection", "selection", ("a",)), ArmSpec("random-01", "random", ("b",))
    said = {sample.id: f"answer {n} \ud83d" for n, sample in enumerate(answers.requests.samples)}
    answers.write("steps", spec, said)
    assert answers.read("steps", spec) == said
    path = answers.path("steps", spec)
    whole = path.read_text()
    shutil.copy(path, answers.path("steps", other))  # of another arm
    assert answers.read("steps", other) is None
    path.write_text(whole.replace("answer 1", "answer 0"))
    assert answers.read("steps", spec) is None
    assert path.with_name(f"{path.name}.damaged").exists()
    path.write_text(json.dumps(said))  # as an older version wrote it
    assert answers.read("steps", spec) == said


def test_a_model_chooses_the_letter_that_it_finds_most_likely():
    backend = FakeBackend()
    judge = ModelJudge(backend)
    pair = Pair("What is 2 + 2?", "four", "five")
    targets = [judge._template.target(sample) for sample in (_asked(pair, letter) for letter in "ABC")]
    likelihoods = [sum(found.logprobs) for found in backend.score("", targets)]
    assert judge.choose(pair) is (FIRST, SECOND, TIE)[likelihoods.index(max(likelihoods))]


def _asked(pair, letter):
    from icon.types import Message, Sample

    return Sample("x", 0, (Message("user", pair.question),), letter)


def test_every_arm_s_answers_are_judged_and_nonsense_is_counted(validate, serve, run, tmp_path):
    requests = write_lines(tmp_path / "requests.jsonl", [{"prompt": f"{n} times {n}?"} for n in range(4)])
    seen = []

    def answer(body):
        question = body["messages"][0]["content"]
        seen.append(question)
        return says("bananas" if "3 times 3" in question else "A")

    given = ["--pairwise", requests, "--answer-tokens", "4", "--pairwise-model", "m", "--learning-rate", "0.05"]
    given += ["--pairwise-judge", serve(answer), "--json"]
    outcome = json.loads(validate(*given).stdout)
    scores = outcome["pairwise"]["arms"]
    assert "selection" in {arm["arm"] for arm in scores}
    assert sum(arm["unjudged"] for arm in scores) > 0
    assert all(arm["win"] == arm["lose"] == 0 for arm in scores)  # a judge that always says A ties every prompt
    assert "could not be read and count as nothing" in " ".join(outcome["notes"])
    selection = outcome["answers"]["selection"]
    assert (selection["n_samples"], selection["difference"]) == (3, 0)
    number = len(seen)
    assert json.loads(validate(*given).stdout)["answers"] == outcome["answers"]
    assert len(seen) == number, "what was judged is not asked again"


def test_a_judge_that_says_nothing_readable_gives_no_number(validate, serve, tmp_path):
    requests = write_lines(tmp_path / "requests.jsonl", [{"prompt": f"{n} times {n}?"} for n in range(3)])
    given = ["--pairwise", requests, "--answer-tokens", "4", "--pairwise-model", "m", "--learning-rate", "0.05"]
    outcome = json.loads(validate(*given, "--pairwise-judge", serve(lambda _: says("no idea")), "--json").stdout)
    assert outcome["answers"] == {}
    assert "judged fewer than half of the requests" in " ".join(outcome["notes"])
    assert any(arm["winning_score"] is None for arm in outcome["pairwise"]["arms"])


@pytest.mark.parametrize(
    ("judge", "said"),
    [
        ("smollm2", "valid: a backend and its model such as llamacpp:smollm2"),
        ("nowhere:smollm2", "no backend named 'nowhere'"),
        ("http://127.0.0.1:9/v1", "valid: its name on that server in --pairwise-model"),
    ],
)
def test_a_judge_that_cannot_be_opened_is_refused_before_anything_is_trained(validate, run, tmp_path, judge, said):
    requests = write_lines(tmp_path / "requests.jsonl", [{"prompt": "2 times 2?"}])
    message = validate("--pairwise", requests, "--pairwise-judge", judge, code=2).stderr
    assert said in " ".join(message.split())
    assert not (run / "validation" / "arms").exists()


def test_a_file_without_requests_names_its_rows(validate, tmp_path):
    requests = write_lines(tmp_path / "requests.jsonl", [{"prompt": "2 times 2?"}, {"nothing": 1}])
    message = validate("--pairwise", requests, "--pairwise-judge", "torch:tiny", code=2).stderr
    assert "1 bad row" in message
    assert "found the fields nothing" in message


def test_a_blank_at_the_questions_end_is_the_letters_where_the_vocabulary_joins_the_two(monkeypatch):
    """The model was trained on ` A`, one token, and not on a blank and `A`."""
    source = "{% for m in messages %}{{ '[' + m.content + ']' if m.role == 'user' else ' ' + m.content }}{% endfor %}"
    backend, asked = FakeBackend(chat_template=ChatTemplate(source, "", "")), []
    score = backend.score
    monkeypatch.setattr(backend, "score", lambda context, targets: asked.extend(targets) or score(context, targets))
    ModelJudge(backend).choose(Pair("q", "a", "b"))
    assert len(backend.tokenize(" A")) == 1
    assert [target.response for target in asked] == [" A", " B", " C"]
    assert all(target.prompt.endswith("]") for target in asked)
