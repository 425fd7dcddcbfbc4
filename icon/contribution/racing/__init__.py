"""Racing: the same decision from a part of the measurements.

Candidates are measured on growing slices of the assessment set, all of a round on the same samples. After each slice
`model.py` estimates every candidate's score over the whole set, `bounds.py` says how far off that can be however often
one looks, `look.py` tells who is decided and what share of the best possible gain the present choice captures, and
`race.py` goes from slice to slice. `informative.py` learns an order of the samples from the first candidates.
Nothing here measures anything: tables in, tables out.
"""

from icon.contribution.racing.look import Look, look
from icon.contribution.racing.model import Estimates, estimate
from icon.contribution.racing.race import Ended, Outcome, Rules, Slice, run_race
from icon.contribution.racing.slices import FIRST, boundaries

__all__ = [
    "FIRST",
    "Ended",
    "Estimates",
    "Look",
    "Outcome",
    "Rules",
    "Slice",
    "boundaries",
    "estimate",
    "look",
    "run_race",
]
