"""What a backend says beside its numbers, checked: options that its class of options declares, and its notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from icon.errors import PluginError
from icon.plugins import Backend, Noting, Strategy, Template
from icon.plugins.contract import broken, called, is_list, shown
from icon.plugins.strategies import blamed


def options_as_begun(strategy: Strategy, options: Mapping[str, Any], begun: Mapping[str, Any]) -> dict[str, Any]:
    """The options, with what the backend adds to them so that a run goes on with the model it was begun with.

    Args:
        strategy: The backend.
        options: The options as the run's settings have them.
        begun: What run.json records of the model.

    Raises:
        PluginError: What it adds is no mapping of options, or it raises, as where an older version recorded less.
    """
    as_begun = getattr(strategy.options, "as_begun", None)  # plugins may declare them without `plugins.Options`
    if as_begun is None:
        return dict(options)
    with blamed(strategy, "backend", "its options' as_begun raised"):
        added: object = as_begun(options, begun)
    return {**options, **_options_in(strategy, f"as_begun gave {shown(added)}", added)}


def exact_options(strategy: Strategy) -> dict[str, Any]:
    """The option values under which the backend's numbers are most exact; mostly none.

    Raises:
        PluginError: They are no mapping of options.
    """
    exact: object = getattr(strategy.options, "exact", {})
    return _options_in(strategy, f"exact is {shown(exact)}", exact)


def notes_of(thing: Backend | Template, kind: str) -> Sequence[str]:
    """The notes of a backend or template; none where it has none to give.

    Raises:
        PluginError: They are no list of texts, or it raises.
    """
    found: object = called(thing, kind, "notes", lambda: thing.notes if isinstance(thing, Noting) else ())
    if not is_list(found) or not all(isinstance(note, str) for note in found):  # type: ignore[attr-defined]
        raise broken(thing, kind, f"notes is {shown(found)}", "a list of texts")
    assert isinstance(found, Sequence)
    return found


def _options_in(strategy: Strategy, what: str, found: object) -> dict[str, Any]:
    if isinstance(found, Mapping) and all(isinstance(name, str) for name in found):
        return dict(found)
    named = f"backend {strategy.name} ({strategy.distribution or 'icon'})"
    raise PluginError(f"{named} its options' {what}; valid: a dict of options by name")
