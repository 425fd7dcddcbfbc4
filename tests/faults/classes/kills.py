"""Signals at every change on the disk and at moments in between, over every command that writes.

Names: kills/FLOW/OPERATION/before|after/SIGNAL, and kills/FLOW/at-PERCENT/SIGNAL.
"""

from __future__ import annotations

import random
import signal
import time

from faults.classes import Absent
from faults.flows import FLOWS, seen
from faults.processes import left_running
from faults.workplace import differences

POLITE = {"TERM": 143, "INT": 130, "HUP": 129}
"""Signals that end a command as Ctrl-C does, and the exit code."""

SHORT = ("run", "select-again", "export")
"""Commands of the short form; each further one costs what its uninterrupted form costs."""

EARLY = "stopped early; the choice is from what was measured until then"
"""What a race says that was asked to end: its selection is whole, and neither the old one nor the last one."""

READING = ("explain", "export", "verify")
"""Commands that change nothing of a run but what they add."""


def cases(references, short):
    """All of them, in an order in which every first part has every flow and signal."""
    names = []
    for flow, known in FLOWS.items():
        names += [name for n in range(known.operations) for name in _at_operation(flow, n)]
        draw = random.Random(flow)
        names += [f"kills/{flow}/at-{draw.randrange(2, 99)}/{sign}" for sign in ("KILL", "KILL", "TERM", "INT", "HUP")]
    random.Random(1).shuffle(names)
    return [name for name in names if name.split("/")[1] in SHORT][:20] if short else names


def _at_operation(flow, number):
    polite = list(POLITE)[number % 3]
    return [f"kills/{flow}/{number:03}/{how}" for how in ("after/KILL", f"before/{polite}")]


def run(references, name):
    """See `classes`."""
    _, flow_name, moment, *_, sign = name.split("/")
    flow, reference, place = FLOWS[flow_name], references[flow_name], references.place
    if moment.isdigit() and int(moment) >= len(reference.operations):
        raise Absent(f"{flow_name} changes the disk {len(reference.operations)} times")
    place.reset(flow.base)
    number = signal.Signals[f"SIG{sign}"]
    if moment.startswith("at-"):
        child = place.start(flow.words, model=flow.model, plan={})
        time.sleep(reference.seconds * int(moment[3:]) / 100)
        child.send(number)
    else:
        plan = {"at": int(moment), "when": name.split("/")[3], "signal": int(number)}
        child = place.start(flow.words, model=flow.model, plan=plan)
    stopped = child.wait()
    faults = [*_ended(stopped, sign), *(f"process {pid} outlived it" for pid in left_running(place.mark))]
    if EARLY in stopped.said:
        faults += _sound(place)
    elif flow.selects or sum(map(ord, name)) % 5 == 0:  # readers have nothing to mix where nothing is selected anew
        faults += _whole(place, reference, flow)
    return faults + again(place, reference, flow)


def _ended(stopped, sign):
    """How it may end: by the signal, or with its code, or finished before it came."""
    if sign == "KILL":
        return [] if stopped.code in (-9, 0) else [f"ended with {stopped.code}: {stopped.said[-600:]}"]
    allowed = (POLITE[sign], -signal.Signals[f"SIG{sign}"], 0)
    faults = [] if stopped.code in allowed else [f"SIG{sign}: ended with {stopped.code}: {stopped.said[-600:]}"]
    if "Traceback" in stopped.said:
        faults.append(f"SIG{sign}: a traceback: {stopped.said[-1500:]}")
    return faults


def _sound(place):
    """All that the run holds belongs together, as `icon doctor` sees it."""
    done = place.run(["doctor", "run"])
    return [] if done.code == 0 else [f"the doctor ends with {done.code}: {done.said[-900:]}"]


def _whole(place, reference, flow):
    """What readers see now is what they saw before the command or what they see after it."""
    now, (before, after) = seen(place), reference.seen
    if isinstance(now, str):
        return [now]
    if flow.selects or flow.base == "finished":
        return [] if now in (before, after) else [f"readers see neither the old selection nor the new one: {now}"[:900]]
    return [
        f"a reader sees an unfinished selection: {fault}"
        for number, (one, new) in enumerate(zip(now, after, strict=True))
        if one not in (None, new)
        for fault in differences({f"reader {number}": _bytes(one)}, {f"reader {number}": _bytes(new)})
    ]


def _bytes(text):
    return text.encode() if isinstance(text, str) else text or b""


def again(place, reference, flow):
    """The same command again: it leaves the same files, and has measured nothing twice but the part in work."""
    parts = place.parts()
    done = place.run(flow.words, model=flow.model, plan={})
    if done.code != 0 or "Traceback" in done.said:
        return [f"the same command again ended with {done.code}: {done.said[-1500:]}"]
    faults = differences(place.contents(), reference.contents)
    if faults and flow.words[0] in READING:  # a reader leaves the end of a commit to the next writer
        place.run(["doctor", "run", "--repair"])
        faults = differences(place.contents(), reference.contents)
    now = place.parts()
    faults += [f"{path}: was written again" for path, file in parts.items() if now.get(path) != file]
    twice = sum((place.measured() - reference.measured).values())
    if twice > reference.largest * (2 if "--devices" in flow.words else 1):
        faults.append(f"{twice} targets were measured twice, and a part has {reference.largest} at most")
    return faults
