"""`icon --help` is light, and a plugin that is broken does not bring it down."""

import subprocess
import sys

import pytest

HEAVY = (
    "torch",
    "transformers",
    "datasets",
    "sklearn",
    "scipy",
    "llama_cpp",
    "numpy",
    "pyarrow",
    "pandas",
    "jinja2",
    "plotly",
)


def icon(*arguments, **more):
    command = [sys.executable, "-m", "icon", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, **more)


def test_help_imports_nothing_heavy():
    code = (
        "import sys; sys.argv = ['icon', '--help']\n"
        "from icon.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"print('LOADED', [name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert "Usage" in done.stdout
    assert done.stdout.strip().endswith("LOADED []")


def test_importing_the_package_imports_nothing_heavy():
    code = f"import sys, icon; print([name for name in {('pydantic', *HEAVY)} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "command",
    ["run", "assess", "score", "select", "compare", "explain", "verify", "show-prompt", "backends", "plugins"],
)
def test_every_command_has_help(command):
    done = icon(command, "--help")
    assert done.returncode == 0
    assert "Usage" in done.stdout


def test_a_plugin_that_raises_at_import_is_a_warning_and_a_line(tmp_path):
    package = tmp_path / "icon_broken-9.9.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: icon-broken\nVersion: 9.9\n")
    (package / "entry_points.txt").write_text("[icon]\nicon-broken = icon_broken\n")
    (tmp_path / "icon_broken.py").write_text("raise RuntimeError('not today')\n")
    environment = {"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin", "COLUMNS": "200"}
    helped = icon("--help", env=environment)
    assert helped.returncode == 0
    assert "Usage" in helped.stdout
    assert "icon-broken 9.9: RuntimeError: not today" in helped.stderr
    listed = icon("plugins", env=environment)
    assert listed.returncode == 0
    assert "not today" in listed.stdout


def test_two_plugins_with_one_entry_point_name_are_both_seen(tmp_path):
    for name in ("icon-one", "icon-two"):
        package = tmp_path / f"{name.replace('-', '_')}-1.dist-info"
        package.mkdir()
        (package / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        (package / "entry_points.txt").write_text("[icon]\nicon-one = icon_empty\n")
    (tmp_path / "icon_empty.py").write_text("")
    listed = icon("plugins", env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin", "COLUMNS": "200"})
    assert "icon-two" in listed.stdout
    assert "must bear its distribution's name" in listed.stdout


def test_the_example_plugin_is_listed_with_its_distribution():
    pytest.importorskip("icon_example", reason="tests/example_plugin is not installed")
    listed = icon("plugins", "icon-example", env={"PATH": "/usr/bin:/bin", "COLUMNS": "200"})
    assert "vowels" in listed.stdout
