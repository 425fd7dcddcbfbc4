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
TORCH = "torch==2.13.0"
HARNESS = "lm-eval>=0.4.9"
"""An independent computation of the same log-likelihoods."""

TEST_TOOLS = ["pytest>=8", "hypothesis>=6.100"]


def install(session, *tools):
    """Install the project's distributions as a user would, and the session's tools.

    torch comes first and pinned: what is built for a CPU satisfies everything that asks for torch later.
    """
    session.install(TORCH)
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
    install(session, *TEST_TOOLS, HARNESS)
    session.run("pytest", *session.posargs)


@nox.session
def docs(session):
    """Links and commands of the documentation, which `tests` covers too."""
    install(session, *TEST_TOOLS)
    session.run("pytest", "tests/docs", *session.posargs)


@nox.session
def bench(session):
    """Speeds as ratios within one process; tables go to bench-results/."""
    install(session, *TEST_TOOLS, HARNESS)
    folder = Path("bench-results")
    folder.mkdir(exist_ok=True)
    for script in sorted(Path("tests/benchmarks").glob("bench_*.py")):
        session.run("python", os.fspath(script), *session.posargs)


@nox.session
def gpu(session):
    """Speeds with a model of LLaMA-3.1-8B's shape, on a machine with a GPU; tables go to bench-results/."""
    install(session, *TEST_TOOLS)
    session.run("python", "tests/gpu/bench_llama8b.py", *session.posargs)


@nox.session
def build(session):
    """Wheels and source distributions of every package."""
    session.install("build")
    for package in (".", "backends/llamacpp", "backends/torch", "plugins/ifd"):
        session.run("python", "-m", "build", "--outdir", "dist", package)
