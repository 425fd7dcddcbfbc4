"""The arms of a validation, made from the rows of a run."""

from time import perf_counter

import pytest

from icon.errors import UserError
from icon.types import RowStatus, ScoreRow
from icon.validation.arms import _check_size, arms_of, digest_of, eligible, random_draw, selection_digest


def rows(n=40, kept=4, **changes):
    """Candidates c00, c01, ... by falling score; the first `kept` are selected."""
    made = []
    for i in range(n):
        more = {name: value(i) for name, value in changes.items()}
        made.append(
            ScoreRow(
                f"c{i:02d}", i, 0, RowStatus.SCORED, "", "", selected=i < kept, score=-float(i), rank=i + 1, **more
            )
        )
    return [*made, ScoreRow("h", 90, 0, RowStatus.HELD_OUT, "", ""), ScoreRow("", 91, 0, RowStatus.BAD_ROW, "", "")]


def lengths(n=40):
    return {f"c{i:02d}": (i * 7) % n for i in range(n)}


def named(arms):
    return {spec.name: spec for spec in arms.specs}


def test_a_run_gives_the_bare_model_the_selection_draws_rules_and_the_pool():
    found = named(arms_of(rows(), lengths(), n_draws=3, seed=1))
    assert list(found) == ["bare", "selection", "random-01", "random-02", "random-03", "longest", "shortest", "pool"]
    assert found["selection"].ids == ("c00", "c01", "c02", "c03")
    assert found["bare"].ids == ()
    assert len(found["pool"].ids) == 40
    assert all(len(found[f"random-0{k}"].ids) == 4 for k in (1, 2, 3))


def test_longest_and_shortest_by_hand():
    """c17 has 17 * 7 % 40 = 39, c34 38, c11 37, c28 36; c00 0, c23 1, c06 2, c29 3."""
    found = named(arms_of(rows(), lengths(), n_draws=2, seed=1))
    assert found["longest"].ids == ("c11", "c17", "c28", "c34")
    assert found["shortest"].ids == ("c00", "c06", "c23", "c29")


def test_the_tops_of_other_scorers_are_arms_and_ppl_is_the_lowest():
    made = rows(baselines=lambda i: {"ifd": float(i), "ppl": -float((i * 3) % 40), "length": 1.0, "random": 1.0})
    found = named(arms_of(made, lengths(), n_draws=2, seed=1))
    assert found["ifd"].ids == ("c36", "c37", "c38", "c39")
    assert found["low-ppl"].ids == ("c00", "c01", "c14", "c27")  # 0, 3, 42 % 40 = 2, 81 % 40 = 1
    assert "length" not in found
    assert "random" not in found
    given = {f"c{i:02d}": float(40 - i) for i in range(40)}
    assert named(arms_of(rows(), lengths(), n_draws=2, seed=1, perplexity=given))["low-ppl"].ids[0] == "c36"


def test_a_rule_that_chooses_the_same_or_knows_too_few_is_left_out_with_a_note():
    made = rows(baselines=lambda i: {"same": -float(i)} | ({"few": 1.0} if i < 3 else {}))
    found = arms_of(made, lengths(), n_draws=2, seed=1)
    assert {"same", "few"}.isdisjoint(named(found))
    assert "same would choose the same candidates as selection: it is not trained again" in found.notes
    assert "few is left out: it is known of 3 candidates, and 4 are selected" in found.notes


def test_draws_depend_on_seed_and_number_alone():
    few, many = (named(arms_of(rows(), lengths(), n_draws=n, seed=1)) for n in (2, 9))
    assert few["random-02"] == many["random-02"]
    assert many["random-01"].ids != many["random-02"].ids
    other = named(arms_of(rows()[::-1], lengths(), n_draws=2, seed=2))
    assert other["random-01"].ids != few["random-01"].ids
    pool = [f"c{i}" for i in range(50)]
    assert random_draw(pool, 5, 1, 1) == random_draw(pool[::-1], 5, 1, 1)


def test_draws_are_uniform():
    pool = [f"c{i}" for i in range(10)]
    counts = dict.fromkeys(pool, 0)
    for number in range(2000):
        for id_ in random_draw(pool, 3, 5, number):
            counts[id_] += 1
    assert all(500 < count < 700 for count in counts.values())  # 600 expected, standard deviation 20


def test_only_what_the_selector_could_choose_is_drawn():
    unscored = [ScoreRow("x", 50, 0, RowStatus.NOT_SCORED, "", "")]
    assert "x" not in eligible([*rows(), *unscored])
    assert len(eligible(rows())) == 40
    only_selected = [row if row.selected else ScoreRow(row.id, row.row, 0, row.status, "", "") for row in rows()]
    assert len(eligible(only_selected)) == 40


@pytest.mark.parametrize(
    ("n", "kept", "n_draws", "message"),
    [
        (5, 4, 12, "the pool has 5 candidates that could be selected, and 4 are: 5 different choices"),
        (40, 40, 3, "1 different choices, too few for 3 random draws"),
        (40, 4, 1, "found 1 random draws; valid: at least 2"),
        (40, 0, 3, "no candidate is selected"),
    ],
)
def test_a_pool_smaller_than_the_draws_need_is_refused(n, kept, n_draws, message):
    with pytest.raises(UserError, match=message):
        arms_of(rows(n, kept), lengths(n), n_draws=n_draws, seed=1)


def test_a_large_pool_is_not_counted_out():
    """All choices of 150,000 out of a million are a number of 184,000 digits, which takes minutes."""
    started = perf_counter()
    _check_size(1_000_000, 150_000, 12)
    assert perf_counter() - started < 1
    with pytest.raises(UserError, match="1 different choices"):
        _check_size(1_000_000, 1_000_000, 12)


def test_the_digest_of_a_selection_does_not_depend_on_the_order_of_the_rows():
    assert selection_digest(rows()) == selection_digest(rows()[::-1]) == digest_of(["c03", "c02", "c01", "c00"])
    assert selection_digest(rows(kept=5)) != selection_digest(rows())
