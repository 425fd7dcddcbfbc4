"""Strategies that break their contract are named with what is valid; every listing and completion works beside them."""

import json

BACKEND = """
from pydantic import Field

from icon.plugins import Options, Strategy, hookimpl


class Settings(Options):
    path: str = Field(description="Where to look [/x].")
    rate: float = Field(0.5, description=7)


class Unshowable(Options):
    when: float = Field(default_factory=lambda: 1 / 0, description="When.")


class Unnameable(Options):
    odd: type[int] = int


@hookimpl
def icon_backends():
    return [{offered}, Strategy("zag", "a sound one", print, Settings)]
"""

ODD = {
    'Strategy("z1", "odd", print, None)': "'z1' with the options None; valid: a subclass of icon.plugins.Options",
    'Strategy("z2", "odd", print, Settings(path="x"))': "'z2' with the options Settings(path='x', rate=0.5); valid",
    'Strategy("z3", "odd", print, dict)': "'z3' with the options <class 'dict'>; valid",
    'Strategy("z4", "odd", "no function")': "'z4' with a build of type str; valid: a function",
    'Strategy("z5", 7, print)': "'z5' with the summary 7; valid: a line of text",
    'Strategy(b"z6", "odd", print)': "a strategy named b'z6'; valid: letters",
    '("z7", "odd", print)': "returned a tuple; valid: a list of icon.plugins.Strategy",
    'Strategy("z8", "odd", print, Unshowable)': "'z8': its options cannot be shown: ZeroDivisionError",
    'Strategy("z9", "odd", print, Unnameable)': "'z9': its options cannot be shown: Pydantic",
}


def test_listings_and_completion_work_beside_odd_strategies(site, icon):
    site.install("icon-odd", BACKEND.format(offered=", ".join(ODD)))
    listed = json.loads(icon("plugins", "--json", code=0).stdout)["plugins"]
    (faults,) = [each["faults"] for each in listed if each["distribution"] == "icon-odd"]
    assert len(faults) == len(ODD)
    shown = icon("backends", code=0, columns=400)
    for told in ODD.values():
        assert any(told in fault["what"] for fault in faults)
        assert told in shown.stderr

    for told in ("a sound one", "Where to look [/x].", "must be given", "0.5"):
        assert told in shown.stdout
    by_name = {each["name"]: each for each in json.loads(icon("backends", "--json").stdout)}
    assert set(by_name["zag"]["options"]["properties"]) == {"path", "rate"}
    assert by_name["z8"]["options"] is by_name["z9"]["options"] is None
    assert not by_name.keys() & {"z1", "z2", "z3", "z4", "z5"}

    asked = {"_ICON_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "icon run --backend z"}
    assert '"zag":"a sound one"' in icon(env=asked, code=0).stdout
