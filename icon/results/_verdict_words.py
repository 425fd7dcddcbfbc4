"""The verdict of a validation in words; other packages find them in `icon.results.wording`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # these load numpy, and the terminal imports this module at its start
    from icon.results.validated import Validated
    from icon.validation.records import Verdict

EQUAL = {"steps": "equal steps", "tokens": "equal tokens"}
"""How arms were made comparable."""


def validation(found: Validated | None) -> Iterator[tuple[str, str]]:
    """Whether the selection was validated, and the verdict, by how arms were made comparable; nothing for None."""
    if found is None:
        return
    yield "validated", validated(found)
    if found.validation is None or not found.is_current:
        return
    for table, other in found.validation.tables.items():
        if table != found.validation.table:
            yield f"validated, {EQUAL[table]}", verdict(other)


def validated(found: Validated) -> str:
    """The verdict on the selection in one sentence; no until it was validated."""
    if found.fault:
        return f"no ({found.fault})"
    if found.validation is None:
        how = "icon validate RUN" if found.has_judge else "--hold-out sets judge samples aside"
        return f"no: whether it teaches more than a random draw was not measured ({how})"
    if not found.is_current:
        return "no (the verdict is of an earlier selection)"
    return f"{verdict(found.validation.verdict)} ({EQUAL[found.validation.table]})"


def verdict(found: Verdict) -> str:
    """A verdict in one sentence: the difference to random draws with its interval, and how many draws are beaten."""
    draws = f"{found.beaten} of {found.n_draws} draws"
    if found.outcome == "chance":
        if found.gain and not found.gain.tells:
            return f"nothing can be said: {_changes(found)}, so no choice can be shown to be better here"
        size = interval(found.difference, found.low, found.high)
        text = f"cannot be distinguished from chance: {size} nats per token better than random, better than {draws}"
        return text + _harm(found)
    sign = 1 if found.outcome == "better" else -1
    low, high = sorted((sign * found.low, sign * found.high))
    size = interval(abs(found.difference), low, high)
    text = f"{found.outcome} than random by {size} nats per token"
    text += f" and than {draws}" if sign > 0 else f"; better than {draws}"
    return text + (f"; {_changes(found)}" if found.gain and not found.gain.tells else _harm(found))


def _harm(found: Verdict) -> str:
    """That training on random draws makes the judge worse, where it does."""
    if found.gain is None or found.gain.gain >= 0:
        return ""
    return (
        f"; training on random draws makes the judge worse, by {nats(-found.gain.gain, found.gain.sd)} nats per token"
    )


def _changes(found: Verdict) -> str:
    """What training on random draws does to the judge, where it is little."""
    assert found.gain is not None
    gain, sd = found.gain.gain, found.gain.sd
    return f"training on random draws changes the judge by only {nats(gain, sd)} nats per token (sd {nats(sd, sd)})"


def power(found: Verdict) -> str:
    """What it takes to see a small advantage."""
    known = found.power
    if known is None or found.gain is None:
        return "not known" if found.gain is None else f"{_changes(found)}: there is nothing to see an advantage by"
    seen = f"an advantage of {nats(known.seen, known.seen)} nats per token is seen in 8 of 10 validations like this"
    does = "gains" if found.gain.gain > 0 else "loses"
    seen += f" ({known.seen / abs(found.gain.gain):.0%} of what a random draw {does})"
    ways = []
    if known.draws is not None:
        ways.append(f"{known.draws:,} draws{_taking(known.draws_seconds)}")
    if known.pools is not None:
        ways.append(f"{known.pools:,} pools like this one{_taking(known.pools_seconds)}")
    wanted = f"{known.share:.0%} of it ({nats(known.effect, known.effect)} nats per token) takes"
    return f"{seen}; {wanted} {' or '.join(ways) if ways else 'more than 100,000 pools like this one'}"


def _taking(seconds: float | None) -> str:
    return "" if seconds is None else f" (about {duration(seconds)} of training)"


def interval(value: float, low: float, high: float) -> str:
    """A value with its interval, to as many digits as the interval's width is worth."""
    width = high - low
    return f"{nats(value, width)} [{nats(low, width)}, {nats(high, width)}]"


def nats(value: float, width: float) -> str:
    """A number with the decimals that show two digits of a width, at least two and at most six."""
    decimals = 2 if width <= 0 else min(6, max(2, 1 - math.floor(math.log10(width))))
    return f"{value + 0.0:.{decimals}f}"


def duration(seconds: float) -> str:
    """Seconds in a suitable unit."""
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
