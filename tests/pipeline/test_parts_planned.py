"""Which candidates are scored does not depend on the pool's order, and a beginning of the order is a random sample."""

from icon.pipeline import _exact
from icon.pipeline.measuring import draw_subset, make_plan
from icon.types import Message, Sample


def sample(i, prompt="p", response="r"):
    return Sample(f"{i:04d}", i, (Message("user", prompt),), response)


def test_the_draw_does_not_depend_on_the_order_of_the_pool():
    pool = [sample(i) for i in range(50)]
    forward = draw_subset(pool, subset=10, seed=7, skip_urls=False)
    backward = draw_subset(pool[::-1], subset=10, seed=7, skip_urls=False)
    assert [each.id for each in forward] == [each.id for each in backward]


def test_a_larger_subset_contains_the_smaller_one():
    pool = [sample(i) for i in range(50)]
    small, large = (draw_subset(pool, subset=n, seed=7, skip_urls=False) for n in (5, 20))
    assert large[:5] == small
    assert len({each.id for each in large}) == 20


def test_seeds_draw_differently():
    pool = [sample(i) for i in range(50)]
    assert draw_subset(pool, subset=10, seed=1, skip_urls=False) != draw_subset(
        pool, subset=10, seed=2, skip_urls=False
    )


def test_prompts_with_a_url_are_left_out_only_when_asked():
    pool = [
        sample(0, "see https://a.example/x"),
        sample(1, "see www.a.example"),
        sample(2, "no link", "https://b.example"),
    ]
    assert {each.id for each in draw_subset(pool, subset=None, seed=1, skip_urls=True)} == {"0002"}
    assert len(draw_subset(pool, subset=None, seed=1, skip_urls=False)) == 3


def test_parts_hold_every_candidate_once_in_order():
    pool = [sample(i) for i in range(130)]
    plan = make_plan(pool, [sample(999, "x" * 400)])
    assert [each.id for part in plan.parts for each in part] == [each.id for each in pool]
    assert max(len(part) for part in plan.parts) <= 64


def test_a_large_assessment_set_makes_a_part_of_one_candidate():
    plan = make_plan([sample(i) for i in range(3)], [sample(9, "x" * 1_000_000)])
    assert [len(part) for part in plan.parts] == [1, 1, 1]


def test_long_candidates_that_are_scored_alone_make_small_parts_too():
    # 8,000 characters are 2,000 tokens: two candidates of them come nearest to 5,000 from below
    candidates = [sample(n, "q" * 4000, "r" * 3999) for n in range(5)]
    assert [len(part) for part in make_plan(candidates, []).parts] == [2, 2, 1]


def test_contexts_that_every_part_reads_are_about_a_tenth_of_it():
    # a candidate of 400 characters costs 100 tokens, five times with four contexts; 4 contexts of 250 are 1,000 tokens
    candidates, contexts = (
        [sample(n, "q" * 199, "r" * 200) for n in range(64)],
        [sample(n, "x" * 998) for n in range(4)],
    )
    assert [len(part) for part in make_plan(candidates, contexts, as_contexts=True).parts] == [20, 20, 20, 4]
    short = [sample(n, "x" * 38) for n in range(4)]  # 10 tokens each: parts of 5,000 tokens as elsewhere
    assert [len(part) for part in make_plan(candidates, short, as_contexts=True).parts] == [10] * 6 + [4]
    assert len(make_plan(candidates, contexts, 1500, as_contexts=True).parts[0]) == 3  # a budget's parts are small


def test_texts_alone_are_cut_at_65536_and_one_part_of_an_older_run_stays_one(monkeypatch):
    monkeypatch.setattr(_exact, "OF_TEXTS_ALONE", 4)
    candidates = [sample(i) for i in range(10)]
    assert [len(part) for part in _exact._plan_of_texts(candidates, 0).parts] == [4, 4, 2]
    assert [len(part) for part in _exact._plan_of_texts(candidates, 4).parts] == [4, 4, 2]
    assert [len(part) for part in _exact._plan_of_texts(candidates, 10).parts] == [10]
    assert _exact._plan_of_texts([], 0).parts == ((),)
