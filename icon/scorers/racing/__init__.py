"""Racing: the decision of the full measurement from a part of it.

Candidates are measured on growing slices of the assessment set, all candidates of a slice on the same samples. After
each slice `_estimates.py` estimates every candidate's score over the whole set, with intervals that hold however often
one looks; `_look.py` decides which candidates are accepted, rejected or undecided and `_capture.py` what share of the
possible gain the present choice captures; and `_race.py` goes from slice to slice. `_slices.py` sets the sizes of the
slices and learns an order of the samples from the first candidates. Nothing here measures anything: tables in, tables
out.
"""

from __future__ import annotations

from icon.scorers.racing._estimates import Estimates, estimate
from icon.scorers.racing._look import Look, advise, look
from icon.scorers.racing._race import Take, run_race
from icon.scorers.racing._records import Ended, Leaving, Outcome, Rules, Slice
from icon.scorers.racing._slices import FIRST, FIRST_LOOK, boundaries, fewest_samples, pilot_size

__all__ = [
    "FIRST",
    "FIRST_LOOK",
    "Ended",
    "Estimates",
    "Leaving",
    "Look",
    "Outcome",
    "Rules",
    "Slice",
    "Take",
    "advise",
    "boundaries",
    "estimate",
    "fewest_samples",
    "look",
    "pilot_size",
    "run_race",
]
