"""Hook specs, the plugin manager and strategies: what plugin authors import."""

from icon.hooks.specs import hookimpl
from icon.hooks.strategies import Options, Strategy

__all__ = ["Options", "Strategy", "hookimpl"]
