"""Backends and plugins that die, hang or lie.

Names: backends/dead|lying/FAULT/CALL, backends/hang/SIGNAL/CALL, backends/hung-plugin/SIGNAL/EVENT,
backends/import/HOW/COMMAND, backends/drift/CALL/verify. A case ends with a message or a
signal and no number that is wrong; then the same command with a sound backend goes on.
"""

from __future__ import annotations

import signal
import time

from faults.classes.kills import POLITE, again
from faults.flows import FLOWS
from faults.processes import environment, left_running

DEAD = ("backend error", "os error", "memory error", "key error", "unusual error", "exit", "leave", "abort", "kill")
LYING: tuple[str, ...] = (
    "positive",
    "nan",
    "infinite",
    "minus infinite",
    "text",
    "few numbers",
    "no numbers",
    "few tokens",
)
LYING += ("unknown status", "status with numbers", "status without a reason", "none in a place", "none")
LYING += ("few results", "many results")
ENDS_SECONDS = 5.0

IMPORTS = {
    "raises": "raise RuntimeError('broken at import')",
    "unusual": "class Odd(BaseException): pass\nraise Odd('no Exception')",
    "exits": "import sys\nsys.exit(0)",
    "interrupts": "raise KeyboardInterrupt",
    "leaves": "import os\nos._exit(0)",
    "syntax": "def broken(:",
}
HANGING = """
import time
from itertools import count
from icon.plugins import hookimpl

events = count()


@hookimpl
def icon_event(event):
    while next(events) >= {at}:
        time.sleep(1)
"""


def cases(references, short):
    """All."""
    names = [f"backends/dead/{fault}/{call}" for fault in DEAD for call in (1, 10, 25)]
    names += [f"backends/lying/{fault}/{call}" for fault in LYING for call in (1, 10)]
    names += [f"backends/hang/{sign}/{call}" for sign in (*POLITE, "KILL") for call in (1, 10, 25)]
    names += [f"backends/hung-plugin/{sign}/{event}" for sign in (*POLITE, "KILL") for event in (0, 10, 25)]
    names += [f"backends/import/{how}/{command}" for how in IMPORTS for command in ("run", "export")]
    names += [f"backends/drift/{call}/verify" for call in (1, 10, 25)]
    return names[::9] if short else names


def run(references, name):
    """See `classes`."""
    _, kind, what, where = name.split("/")
    ways = {
        "dead": _fails,
        "lying": _fails,
        "hang": _hangs,
        "hung-plugin": _hung_plugin,
        "import": _imports,
        "drift": _drifts,
    }
    return ways[kind](references, what, where)


def _faulty(fault, call):
    return {"ICON_FAULTY": f'{{"fault": "{fault}", "at": {call}}}'}


def _fails(references, fault, call):
    """The command ends with a code that is not 0 and a message; with a sound backend it goes on."""
    place, flow, reference = references.place, FLOWS["run"], references["run"]
    place.reset(flow.base)
    done = place.run(flow.words, env=_faulty(fault, call))
    gone = {"abort": -signal.SIGABRT, "kill": -signal.SIGKILL}
    faults = []
    if fault in gone:
        faults += [] if done.code == gone[fault] else [f"ended with {done.code}: {done.said[-600:]}"]
    elif done.code != 1 or "Traceback" in done.said:
        faults.append(f"ended with {done.code}, not with 1 and a message: {done.said[-1500:]}")
    return faults + again(place, reference, flow)


def _hangs(references, sign, call):
    """A signal ends it within seconds, and with a sound backend the command goes on."""
    return _hung(references, sign, _faulty("hang", call))


def _hung_plugin(references, sign, event):
    """The same of a plugin that hangs in the hook of an event."""
    return _hung(references, sign, _installed(references.place, HANGING.format(at=event)))


def _hung(references, sign, env):
    place, flow, reference = references.place, FLOWS["run"], references["run"]
    place.reset(flow.base)
    child = place.start(flow.words, env=env)
    child.ended(1.5 * reference.seconds + 1)
    if child.status is not None:
        return ["ended, and did not hang"]
    child.send(signal.Signals[f"SIG{sign}"])
    sent = time.monotonic()
    done = child.wait(30)
    took = time.monotonic() - sent
    faults = [f"took {took:.1f} s to end"] if took > ENDS_SECONDS else []
    allowed = (-9,) if sign == "KILL" else (POLITE[sign],)
    if done.code not in allowed or "Traceback" in done.said:
        faults.append(f"SIG{sign}: ended with {done.code}: {done.said[-1200:]}")
    faults += [f"process {pid} outlived it" for pid in left_running(place.mark)]
    return faults + again(place, reference, flow)


def _drifts(references, call, _):
    """Numbers that are possible, and wrong: nothing shows it while a run goes on, and `icon verify` does afterwards."""
    place, flow = references.place, FLOWS["run"]
    place.reset(flow.base)
    done = place.run(flow.words, env=_faulty("drift", call))
    if done.code != 0:
        return [f"ended with {done.code}: {done.said[-600:]}"]
    verified = place.run(["verify", "run", "--pairs", "144", "--json"])
    faults = [] if verified.code in (0, 1) and "hold exactly" not in verified.out else ["verify finds nothing wrong"]
    return faults + (["a traceback of verify"] if "Traceback" in verified.said else [])


def _imports(references, how, command):
    """A plugin's file that fails at import, named on the command line: code 1 or 2 and its name, and nothing lost."""
    place, flow, reference = references.place, FLOWS[command], references[command]
    place.reset(flow.base)
    (place.scratch / "bad.py").write_text(IMPORTS[how])
    if command == "run":
        words = [*flow.words, "--plugin", place.scratch / "bad.py"]
        done = place.run(words)
        faults = _named(done, how)
    else:
        done = place.run(flow.words, env=_installed(place, IMPORTS[how]))
        faults = [] if done.code == 0 or "bad" in done.said else _named(done, how)
    return faults + again(place, reference, flow)


def _named(done, how):
    if how == "interrupts":  # nothing tells it from Ctrl-C
        return [] if done.code == 130 and "Traceback" not in done.said else [f"ended with {done.code}: {done.said}"]
    if done.code in (1, 2) and "bad" in done.said and "Traceback" not in done.said:
        return []
    return [f"ended with {done.code}, not with a message that names the plugin: {done.said[-1200:]}"]


def _installed(place, code):
    """The environment in which a distribution `bad` with this plugin is installed."""
    folder = place.scratch / "site"
    info = folder / "bad-1.0.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: bad\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[icon]\nbad = bad\n")
    (folder / "bad.py").write_text(code)
    return {"PYTHONPATH": f"{folder}:{environment({})['PYTHONPATH']}"}
