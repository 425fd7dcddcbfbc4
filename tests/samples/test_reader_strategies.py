"""The readers that are offered are those that read."""

from __future__ import annotations

from icon.samples import builtin_readers, reader_strategies


def test_strategies_build_the_readers_they_name():
    readers = builtin_readers()
    strategies = reader_strategies()
    assert [strategy.name for strategy in strategies] == list(readers)
    for strategy in strategies:
        assert type(strategy.make({})) is type(readers[strategy.name])
        assert strategy.summary
