"""A command of a plugin of this project that is not installed says what to install."""

from icon.cli import _app
from icon.pipeline import builtin
from icon.plugins.manager import Plugins


def test_validate_says_what_to_install(command_line, monkeypatch):
    monkeypatch.setattr(_app, "load_plugins", lambda: Plugins([builtin], entry_points=False))
    told = " ".join(command_line("validate", "run", "--draws", "3", "--help", code=2).stderr.split())
    assert 'Install it with: pip install "icon-validate[all]"' in told
    assert "validate" not in command_line("--help", code=0).stdout
