"""Every check of the project; `nox` runs what CI runs."""

import os
from pathlib import Path

import nox

nox.options.sessions = ["lint", "imports", "types", "tests"]
nox.options.default_venv_backend = "venv"
nox.options.reuse_existing_virtualenvs = True
nox.options.error_on_missing_interpreters = True

PACKAGES = [".", "./backends/llamacpp[embedded]", "./backends/torch[embedded]", "./plugins/ifd"]
EXAMPLE = "./tests/example_plugin"
TEST_TOOLS = ["pytest>=8", "hypothesis>=6.100"]


def install(session, *tools):
    """Install the project's distributions as a user would, and the session's tools."""
    session.install(*PACKAGES, EXAMPLE, *tools)


@nox.session
def lint(session):
    """Style and formatting."""
    session.install("ruff==0.17.6")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def imports(session):
    """The layers, kept by import-linter."""
    session.install(".", "import-linter>=2.1")
    session.run("lint-imports")


@nox.session
def types(session):
    """Strict types."""
    install(session, "mypy==2.4.1", "pandas-stubs", *TEST_TOOLS)
    session.run("mypy")


@nox.session
def tests(session):
    """The core, every backend and every plugin, with the real model."""
    install(session, *TEST_TOOLS)
    session.run("pytest", *session.posargs)


@nox.session
def docs(session):
    """Links and commands of the documentation, which `tests` covers too."""
    install(session, *TEST_TOOLS)
    session.run("pytest", "tests/docs", *session.posargs)


@nox.session
def bench(session):
    """Speeds as ratios within one process; tables go to bench-results/."""
    install(session, *TEST_TOOLS)
    folder = Path("bench-results")
    folder.mkdir(exist_ok=True)
    for script in sorted(Path("tests/benchmarks").glob("bench_*.py")):
        session.run("python", os.fspath(script), *session.posargs)


@nox.session
def build(session):
    """Wheels and source distributions of every package."""
    session.install("build")
    for package in (".", "backends/llamacpp", "plugins/ifd"):
        session.run("python", "-m", "build", "--outdir", "dist", package)
