"""The plugin's hooks; importing them is light, the selector is imported when it is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icon.plugins import hookimpl

if TYPE_CHECKING:
    from icon.plugins import Strategy


@hookimpl
def icon_selectors() -> list[Strategy]:
    """The selector `balanced`."""
    from icon.plugins import Strategy
    from icon_balanced.options import BalancedOptions

    return [Strategy("balanced", "the best scored candidates of each group, by quotas", _balanced, BalancedOptions)]


def _balanced(options: Any) -> Any:
    from icon_balanced.selector import BalancedSelector

    return BalancedSelector(options)
