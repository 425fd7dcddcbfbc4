"""What pairs cost, on a backend whose tokens are characters, so every length is counted by hand."""

import pytest

from icon.errors import TemplateError
from icon.plugins import ScoringTask
from icon.samples.templates._text_templates import PlainTemplate
from icon.scorers._bank import BankControl
from icon.scorers.cost import Cost, Costs
from icon.types import BackendInfo, Message, Sample, Target, TokenLogProbs


class Letters:
    """A token a character; counts what it is given."""

    def __init__(self):
        self.texts, self.contexts = [], []

    def describe(self):
        return BackendInfo("letters", "m", "d", "f64", "t", 9999, False, "paper")

    def tokenize(self, text):
        self.texts.append(text)
        return [ord(each) for each in text]

    def score(self, context, targets):
        self.contexts.append(len(context))
        return [TokenLogProbs((1,), (-1.0,)) for _ in targets]


class Picky(PlainTemplate):
    """Cannot render prompts that say so."""

    def prompt(self, sample):
        if "broken" in sample.prompt_text:
            raise TemplateError("broken")
        return super().prompt(sample)


def sample(prompt, response):
    return Sample(f"{prompt}/{response}", 0, (Message("user", prompt),), response)


def task(limit=100, truncate=True):
    return ScoringTask(Letters(), Picky(), [], 1, 100, limit, 100, truncate)


NINE, SIX = sample("ab", "cde"), sample("x", "y")  # with two line breaks: "ab\ncde\n\n\n", "x\ny\n\n\n"
ONE, TWO = sample("Q: one", "yes"), sample("Q: two", "no")  # read: "Q: one\nye", 9, and "Q: two\nn", 8
BROKEN = sample("broken", "r")


def test_costs_add_up():
    assert Cost(3, 1) + Cost(10, 2) == Cost(13, 3)


def test_a_demonstration_is_read_with_its_separator():
    costs = Costs(task())
    assert (costs.demonstration(NINE), costs.demonstration(SIX)) == (9, 6)
    assert Costs(task(limit=4)).demonstration(NINE) == 7  # cut to 4, and the separator


def test_of_a_target_all_but_the_last_token_is_read():
    assert "".join(map(chr, Costs(task()).target(ONE))) == "Q: one\nye"


def test_what_targets_begin_with_in_common_is_read_once():
    costs = Costs(task())
    assert costs.targets([ONE]) == 9
    assert costs.targets([TWO, ONE]) == 9 + 8 - 3  # "Q: "
    three = sample("Q: ought", "x")  # "Q: ought\n", 9, shares "Q: o" with the first
    assert costs.targets([TWO, three, ONE]) == 9 + 5 + 5
    assert costs.targets([ONE, ONE]) == 9
    assert costs.targets([]) == 0


def test_pairs_are_each_demonstration_once_and_the_targets_behind_each():
    assert Costs(task()).pairs([NINE, SIX], [ONE, TWO]) == Cost(9 + 6 + 2 * 14, 4)
    assert Costs(task()).pairs([], [ONE, TWO]) == Cost(0, 0)


@pytest.mark.parametrize(
    ("control", "contexts", "count"),
    [
        ("none", 0, 0),
        ("paired", 6 + 9, 2),
        ("random", 2 * (8 + 32), 4),  # 6 is below the shortest, 8; 9 lies between 8 and 32; two draws each
    ],
)
def test_what_candidates_share_is_the_baseline_and_the_random_contexts(control, contexts, count):
    found = Costs(task(), control).shared([NINE, SIX], [ONE, TWO])
    assert found == Cost(contexts + (count + 1) * 14, (count + 1) * 2)


@pytest.mark.parametrize("limit", [5, 6, 9, 40, 100])
def test_the_random_contexts_that_are_counted_are_those_evaluated(limit):
    """The longest demonstration of a run is its limit and the separator, and there the bank ends."""
    made = task(limit)
    costs, bank = Costs(made, "random"), BankControl(made, [Target("p", "r")])
    for each in (NINE, SIX):
        bank.at(costs.demonstration(each))
    made.backend.contexts.sort()
    assert costs.shared([NINE, SIX], []).tokens == sum(made.backend.contexts)


@pytest.mark.parametrize(
    ("made", "unreadable"), [(task(), BROKEN), (task(limit=6, truncate=False), sample("a long one", "r"))]
)
def test_what_cannot_be_rendered_costs_nothing(made, unreadable):
    costs = Costs(made)
    assert costs.demonstration(unreadable) == 0
    assert costs.pairs([NINE, unreadable, SIX], [ONE, TWO]) == costs.pairs([NINE, SIX], [ONE, TWO])
    assert costs.pairs([unreadable], [ONE, TWO]) == Cost(0, 0)
    assert Costs(made, "paired").shared([unreadable], [ONE]) == Cost(9, 1)  # the baseline alone


def test_a_target_that_cannot_be_rendered_adds_no_tokens():
    assert Costs(task()).targets([BROKEN, ONE]) == 9


def test_a_candidate_alone_is_its_response_behind_its_prompt():
    assert Costs(task()).alone([ONE, TWO]) == Cost(9 + 8, 2)  # nothing is shared


class Keeping(Letters):
    """Reads once what contexts begin with."""

    def score_from(self, beginning, context, targets):
        return self.score(context, targets)


def test_of_demonstrations_with_the_same_system_prompt_the_first_one_reads_it():
    """19 letters of the system prompt and a line break; 6 more are too few to be kept."""

    def asking(system, prompt):
        return Sample(f"{system}{prompt}", 0, (Message("system", system), Message("user", prompt)), "y")

    system = "Say it in one word."
    one, other, brief = asking(system, "a"), asking(system, "b"), asking("Short", "c")
    lengths = [20 + 6, 20 + 6, 6 + 6]  # "a\ny\n\n\n"
    made = ScoringTask(Keeping(), Picky(), [], 1, 100, 100, 100, True)
    assert Costs(made).pairs([one, other], [ONE]) == Cost(lengths[0] + lengths[1] - 20 + 2 * 9, 2)
    assert Costs(made).pairs([one, brief, other], [ONE]) == Cost(sum(lengths) + 3 * 9, 3)
    assert Costs(made).pairs([brief, brief], [ONE]) == Cost(2 * 12 + 2 * 9, 2)
    assert Costs(task()).pairs([one, other], [ONE]) == Cost(lengths[0] + lengths[1] + 2 * 9, 2)


def test_a_text_is_tokenised_when_it_is_first_needed_and_not_again():
    made = task()
    costs = Costs(made)
    first = costs.pairs([NINE, SIX], [ONE, TWO])
    made.backend.texts.clear()
    assert costs.pairs([NINE, SIX], [ONE, TWO]) == first
    assert made.backend.texts == []
