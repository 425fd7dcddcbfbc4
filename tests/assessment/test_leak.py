"""What is a leak and what is not: dress does not matter, the question does."""

import random

import pytest

from icon.assessment._near_duplicates import normalise
from icon.assessment.leak import find_leaks, guard
from icon.errors import LeakError

STORY = (
    "Write a short story about a lighthouse keeper who finds a letter in a bottle on the beach one stormy morning and "
    "decides to look for the person who wrote it"
)


@pytest.fixture
def kinds(make):
    """The kinds of leak between one assessment sample and one pool row, each given as arguments of `make`."""

    def found(assessment, candidate, **more):
        return [leak.kind for leak in find_leaks([make(*assessment)], [make(*candidate)], **more)]

    return found


@pytest.mark.parametrize(
    "variant",
    [
        "what is the capital of France",
        "  What is\tthe CAPITAL of France ?!",
        "“What is the capital of France?”",
        "What is the capital of Ｆｒａｎｃｅ?",  # full-width letters
        "What, is the capital – of France...",
    ],
)
def test_case_punctuation_and_whitespace_do_not_hide_a_leak(kinds, variant):
    assert kinds(("What is the capital of France?", "Paris."), (variant, "Paris.")) == ["exact"]


def test_the_same_question_with_another_answer_is_a_leak(kinds):
    assert kinds(("Who wrote it?", "Ann did."), ("Who wrote it?", "I could not say, sorry.")) == ["exact"]


def test_the_same_instruction_on_another_passage_is_none(kinds):
    instruction = "Classify the sentiment of the following review as positive or negative, and give one reason for it."
    first = (instruction, "Positive", "I loved every minute of it.")
    assert kinds(first, (instruction, "Negative", "What a waste of time.")) == []
    assert kinds(first, (instruction, "Positive", "i loved EVERY minute of it")) == ["exact"]


def test_a_passage_kept_apart_equals_one_in_the_prompt(kinds):
    assert kinds(("Translate to French.", "Chat", "cat"), ("Translate to French:\ncat", "Chat")) == ["exact"]


def test_the_same_answer_to_another_question_is_none(kinds):
    assert kinds(("Is water wet?", "Yes."), ("Can a penguin swim under the ice?", "Yes.")) == []


def test_signs_of_arithmetic_count(kinds):
    assert kinds(("What is 8 * 2?", "16"), ("What is 8 / 2?", "4")) == []
    assert kinds(("What is 8*2?", "16"), ("what is 8*2", "16")) == ["exact"]
    assert normalise("A well-known fact: 5-3") == "a well known fact 5-3"


def test_questions_of_nothing_but_punctuation_stay_apart(kinds):
    assert kinds(("?!", "What do you mean?"), ("...", "Please go on with your story.")) == []
    assert kinds(("?!", "What do you mean?"), (" ?! ", "Pardon?")) == ["exact"]


def test_a_system_prompt_does_not_hide_a_leak(kinds):
    plain = ("Who wrote the first novel?", "Nobody knows.")
    assert kinds(([("system", "You are a helpful assistant."), ("user", plain[0])], plain[1]), plain) == ["exact"]


def test_a_finished_prompt_is_seen_through(make):
    prompt = "### System Prompt:\nThink first.\n\n### Question:\nWho wrote the first novel?\n\n### Response:"
    plain = make("Who wrote the first novel?")
    for finished in (
        make(prompt, "Nobody knows.", rendered=True),
        make("Below is a task.\n\n" + prompt, "Nobody knows."),
    ):
        assert [leak.kind for leak in find_leaks([finished], [plain])] == ["exact"]
        assert [leak.kind for leak in find_leaks([plain], [finished])] == ["exact"]
        assert find_leaks([finished], [make("Think first.")]) == []


def test_headings_in_a_users_own_text_stay(kinds):
    text = "Mend this page.\n\n### Question:\nWho are we?\n\n### Answer:\nA shop."
    assert kinds((text, "Done."), ("Who are we?\nA shop.", "Pardon?")) == []


def test_near_duplicates_of_long_texts_are_found_at_their_exact_similarity(make):
    words = STORY.split()
    answer = " ".join(f"word{i}" for i in range(40))
    changed = " ".join([*words[:-1], "sent", words[-1]])
    (leak,) = find_leaks([make(STORY, answer)], [make("Something else entirely?"), make(changed, answer, row=1)])
    # One word put in: n + 39 words give n + 37 shingles; the new has one more: three new, two gone.
    n = len(words) + 40 - 2
    assert (leak.kind, leak.pool_row) == ("near", 1)
    assert leak.similarity == pytest.approx((n - 2) / (n + 3 - 2 + 2))


def test_near_duplicates_of_short_texts_are_found(kinds):
    first = ("Name the three largest oceans of the world, please.", "Pacific, Atlantic, Indian.")
    assert kinds(first, ("Name the three largest oceans in the world, please.", "Pacific, Atlantic, Indian.")) == [
        "near"
    ]
    assert kinds(first, ("Name the three largest deserts of the world, please.", "Antarctica, Arctic, Sahara.")) == []
    assert kinds(first, ("Name the 3 largest oceans in the world.", "Pacific, Atlantic, Indian."), threshold=0.95) == []


def test_near_duplicates_are_found_across_the_border_of_short_and_long(kinds):
    words = " ".join(f"somewhat{i}" for i in range(18))
    # 19 words are short, 20 are long
    assert kinds((words, "end"), (words + " so", "end")) == ["near"]
    assert kinds((words + " so", "end"), (words, "end")) == ["near"]


def test_each_pool_row_is_told_once_beside_its_closest_sample(make):
    tasks = [
        make("Name the three largest oceans of this world.", "P."),
        make("Name the three largest oceans of the world.", "P."),
    ]
    (leak,) = find_leaks(tasks, [make("Name the three largest oceans of the worlds.", "P.")])
    assert leak.assessment_id == tasks[1].id


@pytest.mark.parametrize("threshold", [0, 1.1])
def test_a_threshold_out_of_range_is_refused(threshold):
    with pytest.raises(ValueError, match="threshold"):
        find_leaks([], [], threshold=threshold)


def test_the_guard_drops_refuses_or_reports(make):
    task, copy = make("Who wrote it?", "Ann."), make("who wrote it", "Bob.", row=4)
    leaks = find_leaks([task], [copy])
    told = []
    assert guard(leaks, "drop", told.append) == leaks
    assert guard(leaks, "ignore", told.append) == []
    assert ["left out" in told[0], "kept" in told[1]] == [True, True]
    assert leaks[0].describe() == f"asks the same as assessment sample {task.id}"
    with pytest.raises(LeakError, match=rf"1 pool row overlapping.*\n.*row 4 \({copy.id}\): asks the same as"):
        guard(leaks, "refuse", told.append)
    assert guard([], "refuse", told.append) == []
    assert len(told) == 2


def test_a_long_refusal_is_cut_short(make):
    task = make("Who wrote it?", "Ann.")
    leaks = find_leaks([task], [make("Who wrote it?", f"Ann {i}.", row=i) for i in range(23)])
    with pytest.raises(LeakError, match="and 3 more"):
        guard(leaks, "refuse", print)


def test_an_ascii_text_is_normalised_as_any_other():
    letters = random.Random(0)
    texts = ["".join(letters.choices([chr(code) for code in range(128)], k=80)) for _ in range(500)]
    for text in [*texts, "it's a well-known - 5-3 _x_ -y-", "- -", "a-b-c", "A\x1fB"]:
        other = normalise(f"{text} \u4e00")  # one character that is none of ASCII's, as a word of its own
        assert normalise(text) == other.removesuffix("\u4e00").strip()
    assert [normalise(text) for text in ("?!", " ' ", "")] == ["?!", "'", ""]
