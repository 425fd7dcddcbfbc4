"""Listing the strategies of stages 1 and 3 imports nothing heavy."""

import subprocess
import sys

import pytest

HEAVY = "numpy scipy sklearn datasets pyarrow"


@pytest.mark.parametrize("listing", ["assessment import builder_strategies", "selection import selector_strategies"])
def test_listing_imports_nothing_heavy(listing):
    code = (
        f"import sys; from icon.{listing} as listed; named = [strategy.name for strategy in listed()]; "
        f"print(len(named), [name for name in '{HEAVY}'.split() if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split(maxsplit=1)[1] == "[]\n"


def test_every_option_is_described():
    from icon.assessment import builder_strategies
    from icon.selection import selector_strategies

    fields = [
        field
        for each in [*builder_strategies(), *selector_strategies()]
        for field in each.options.model_fields.values()
    ]
    assert fields
    assert all(field.description for field in fields)
