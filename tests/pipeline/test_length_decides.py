"""At equal length, equal scores are ordered by length alone: it is said where that is half of the choice or more."""

import pytest

from icon.pipeline.select import _length_warning
from icon.types import Contribution, Decision, Selection


@pytest.mark.parametrize(
    ("measured", "said"),
    [
        ({"a": 1.0, "b": 1.0, "c": 1.0, "d": 0.5}, "2 of the 2 selected"),
        ({"a": 2.0, "b": 1.0, "c": 1.0, "d": 0.5}, "1 of the 2 selected"),
        ({"a": 2.0, "b": 1.5, "c": 1.0, "d": 1.0}, None),
    ],
)
def test_how_many_of_the_selected_tie_as_measured_with_others_that_are_left_out(measured, said):
    """a and b are selected, c and d are not."""
    main = {id_: Contribution(id_, score - 0.1, raw_score=score) for id_, score in measured.items()}
    decisions = [Decision(id_, selected=id_ in "ab", rank=n, reason="") for n, id_ in enumerate("abcd", 1)]
    selection = Selection(decisions, {})
    found = _length_warning("regress", main, selection)
    assert [said in line for line in found] == ([True] if said else [])
    assert _length_warning("none", main, selection) == []
