"""Two commands on one run at once: each ends well or is refused, and the run is what one after the other would leave.

Names: pairs/ONE/OTHER/MILLISECONDS, the last being how much later the other is started.
"""

from __future__ import annotations

import random
import time
from itertools import combinations_with_replacement

from faults.flows import FLOWS
from faults.processes import left_running
from faults.workplace import differences

BASE = "finished"
COMMANDS = {
    "run": FLOWS["run"].words,
    "score": FLOWS["score-another"].words,
    "select": ("select", "run", "--keep", "8"),
    "select-other": ("select", "run", "--keep", "3"),
    "report": ("report", "run"),
    "explain": ("explain", "run", "row:3", "--json"),
    "export": ("export", "run", "--to", "llamafactory", "--force"),
    "verify": ("verify", "run", "--pairs", "5", "--json"),
    "compare": ("compare", "run", "--json"),
}
READING = ("explain", "verify", "compare")
NEW = ("run", "score")
"""Commands that are also tried on a run that does not exist yet, or is not scored."""

REFUSED = ("already", "another command", "in use", "at work", "working on", "is writing", "running", "locked")
UNFINISHED = "nothing is selected yet. Next: icon select run"
"""What readers say after `icon score`, which leaves a run without a selection of its own."""


def cases(references, short):
    """Every pair, at once and one a little later; and the two starts of one new run."""
    names = []
    for one, other in combinations_with_replacement(COMMANDS, 2):
        if one in READING and other in READING:
            continue
        draw = random.Random(one + other)
        names += [f"pairs/{one}/{other}/0", f"pairs/{one}/{other}/{draw.randrange(20, 400)}"]
    names += [f"pairs/new-{kind}/new-{kind}/{late}" for kind in NEW for late in (0, 50, 150, 300)]
    random.Random(3).shuffle(names)
    return names[:6] if short else names


def run(references, name):
    """See `classes`."""
    _, one, other, late = name.split("/")
    place = references.place
    base, first, second = _commands(one, other)
    orders = [_one_after_the_other(references, base, order) for order in ((first, second), (second, first))]
    place.reset(base)
    children = [place.start(first)]
    time.sleep(int(late) / 1000)
    children.append(place.start(second))
    ended = [child.wait() for child in children]
    faults = [fault for done in ended for fault in _ended(done)]
    faults += [f"process {pid} outlived it" for pid in left_running(place.mark)]
    if faults:
        return faults
    for done, words in zip(ended, (first, second), strict=True):
        if done.code:  # it was refused: now it may
            retried = place.run(words)
            if retried.code != 0 and UNFINISHED not in retried.err:
                faults.append(f"is refused afterwards, too: {retried.said[-600:]}")
    found = place.contents()
    unlike = [differences(found, wanted) for wanted in orders]
    return faults + ([] if [] in unlike else ["is neither order's outcome:", *min(unlike, key=len)])


def _commands(one, other):
    """The state that the pair begins with, and the words of both."""
    if one == "new-run":
        return "inputs", FLOWS["run"].words, FLOWS["run"].words
    if one == "new-score":
        return "assessed", FLOWS["score"].words, FLOWS["score"].words
    return BASE, COMMANDS[one], COMMANDS[other]


def _ended(done):
    """It ended well, or was refused since another one is at work, or came between `icon score` and `icon select`."""
    if "Traceback" in done.said or done.code not in (0, 1, 2):
        return [f"ended with {done.code}: {done.said[-1200:]}"]
    if done.code and not any(word in done.err for word in (*REFUSED, UNFINISHED)):
        return [f"is refused, and not because another one is at work: {done.err[-600:]}"]
    return []


def _one_after_the_other(references, base, order):
    known = references.__dict__.setdefault("orders", {})
    key = (base, *order)
    if key not in known:
        references.place.reset(base)
        for words in order:
            done = references.place.run(words)
            if done.code != 0 and UNFINISHED not in done.err:
                raise RuntimeError(f"icon {' '.join(words)} fails undisturbed: {done.said}")
        known[key] = references.place.contents()
    return known[key]
