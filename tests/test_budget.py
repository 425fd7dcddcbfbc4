"""Budgets: what they say, and what still fits into one."""

from types import SimpleNamespace

import pytest

from icon.types import Budget, Meter, parse_budget


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands until it is set, in seconds."""
    found = SimpleNamespace(now=1000.0)
    monkeypatch.setattr("icon.types._budget.time", SimpleNamespace(perf_counter=lambda: found.now))
    return found


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("90s", 90, "seconds"),
        ("5m", 300, "seconds"),
        ("1.5h", 5400, "seconds"),
        (" 5 m ", 300, "seconds"),
        ("200k tokens", 200_000, "tokens"),
        ("2M tokens", 2_000_000, "tokens"),
        ("1.5 k tokens", 1500, "tokens"),
        ("5000 passes", 5000, "passes"),
        ("5000passes", 5000, "passes"),
        ("3k passes", 3000, "passes"),
    ],
)
def test_an_amount_and_its_unit(text, amount, unit):
    assert parse_budget(text) == Budget(amount, unit)


@pytest.mark.parametrize(
    "text",
    ["0s", "0 tokens", "0.0h", "5 m x", "-3m", "5minutes", "", "5", "m", "5M", "2k", "1e3s", ".5h", "nan s", "1m30s"],
)
def test_anything_else_is_refused_with_the_valid_forms(text):
    with pytest.raises(ValueError) as caught:
        parse_budget(text)
    message = str(caught.value)
    assert repr(text) in message
    for valid in ("90s", "5m", "1.5h", "200k tokens", "5000 passes"):
        assert valid in message


def test_without_a_budget_everything_fits():
    meter = Meter(None, 0.0)
    meter.count(1e12, 1e12, 1e12)
    assert meter.fits(1e12, 1e12)


@pytest.mark.parametrize(("unit", "place"), [("tokens", 0), ("passes", 1)])
def test_tokens_and_passes_count_to_the_last_one(unit, place):
    def piece(amount):
        return (amount, 10**9)[:: -1 if place else 1]  # the other of the two is no matter

    meter = Meter(Budget(1000, unit), 0.0)
    assert meter.fits(*piece(1000))
    assert not meter.fits(*piece(1001))
    meter.count(*piece(600), seconds=1e9)
    assert meter.fits(*piece(400))
    assert not meter.fits(*piece(401))
    meter.count(*piece(400))  # found finished: it counts all the same
    assert meter.spent[unit] == 1000
    assert not meter.fits(*piece(1))
    assert meter.fits(*piece(0))


def test_a_time_is_over_by_the_clock_less_what_is_kept_back(clock):
    meter = Meter(Budget(100, "seconds"), started=1000.0, reserve=5.0)
    assert meter.fits(10**9, 10**9)  # nothing was measured yet, so nothing is known against it
    clock.now = 1094.9
    assert meter.fits(1, 1)
    clock.now = 1095.0
    assert not meter.fits(1, 1)


def test_what_a_piece_will_take_is_estimated_from_those_before_it_each_earlier_one_with_half_the_weight(clock):
    meter = Meter(Budget(100, "seconds"), started=1000.0, reserve=2.0)
    meter.count(300, 1, seconds=4.0)
    meter.count(200, 9, seconds=6.0)  # 4/2 + 6 seconds for 300/2 + 200 tokens: 8/350 seconds per token
    clock.now = 1010.0  # 88 are left: 3,850 tokens
    assert meter.fits(3849, 1)
    assert not meter.fits(3851, 1)
    clock.now = 1090.0  # 8 are left: 350 tokens
    assert meter.fits(349, 1)
    assert not meter.fits(351, 1)


def test_pieces_found_finished_do_not_change_the_rate(clock):
    meter = Meter(Budget(100, "seconds"), started=1000.0, reserve=0.0)
    meter.count(10**6, 10**6)
    assert meter.fits(10**9, 1)
    meter.count(100, 1, seconds=10.0)
    meter.count(10**6, 10**6)
    assert meter.fits(999, 1)  # 0.1 a token, 100 seconds are left
    assert not meter.fits(1001, 1)


def test_meters_count_apart():
    one, two = Meter(Budget(10, "passes"), 0.0), Meter(Budget(10, "passes"), 0.0)
    one.count(1, 10)
    assert not one.fits(0, 1)
    assert two.fits(0, 10)
