"""Every check of the project; `nox` runs what CI runs.

The sessions share two virtual environments below .nox: `checks` for what only reads the code, and `everything`. Each is
made once, and made anew when the requirements, the distributions' metadata, Python or the folder changed.
"""

import atexit
import functools
import os
import shutil
import sys
import time
from pathlib import Path

import nox

sys.path.insert(0, os.fspath(Path(__file__).parent / ".ci"))
import environments
import figures
import tools

nox.options.sessions = ["lint", "imports", "types", "docs", "tests"]
nox.options.default_venv_backend = "none"

TIMES = {}
"""Seconds per session of this run of nox, and per environment that it made."""

RESULTS = []
"""The files with the results of every pytest of this run."""

BUILT_SITE = {}
"""Environment variables that say where the site lies which this run of nox built."""


@atexit.register
def print_times():
    """At the very end, also of a run that failed."""
    if TIMES:
        sys.stdout.write(figures.times(TIMES, RESULTS))


def timed(function):
    """Note how long a session took, without the environment that it made, which is noted by itself."""

    @functools.wraps(function)
    def session_with_time(session):
        start, noted = time.monotonic(), sum(TIMES.values())
        try:
            function(session)
        finally:
            TIMES[session.name] = time.monotonic() - start - (sum(TIMES.values()) - noted)

    return session_with_time


def environment(session, name, *steps):
    """The environment .nox/`name`, of these `pip install`; see `environments.environment`."""
    return environments.environment(session, name, *steps, own=[*tools.DISTRIBUTIONS, tools.EXAMPLE], times=TIMES)


def checks(session):
    """The environment of the checks that only read the code: a few seconds to make."""
    return environment(session, "checks", tools.CHECK_TOOLS)


def everything(session):
    """The environment with every distribution and every tool.

    torch comes first and pinned: what is built for a CPU satisfies everything that asks for torch later. The
    distributions are installed editable, so no test meets code that was installed before a change.
    """
    editable = [word for folder in (*tools.DISTRIBUTIONS, tools.EXAMPLE) for word in ("-e", f"./{folder}")]
    return environment(
        session,
        "everything",
        [tools.TORCH],
        [*environments.needed(tools.DISTRIBUTIONS), *tools.EVERY_TOOL],
        ["--no-deps", "--no-build-isolation", *editable],
    )


def threads():
    """For OpenMP as many threads as a test process has processors: more would wait for one another at full load."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return {"OMP_NUM_THREADS": str(max(1, processors // min(4, processors)))}


def pytest(session, run, *words, env=()):
    """Run pytest and keep its results for the end."""
    results = Path(".nox", f"{session.name}.xml")
    results.unlink(missing_ok=True)
    RESULTS.append(results)
    full = {"ICON_TEST_FULL": "1"} if "--full" in session.posargs else {}
    given = [word for word in session.posargs if word != "--full"]
    written = [f"--junitxml={results}", "--override-ini=junit_family=xunit1"]
    run("pytest", *written, *words, *given, env={**dict(env), **full})


def install_browser(session):
    """Chromium for the tests of the report, on a machine of its own (CI is set, Debian, root); elsewhere it is yours.

    Without one those tests skip, saying so, and so they do where it cannot be installed.
    """
    if os.environ.get("CI") and shutil.which("apt-get") and os.geteuid() == 0 and not shutil.which("chromium"):
        anyhow = {"external": True, "success_codes": range(256), "silent": True}
        session.run("apt-get", "update", **anyhow)
        session.run("apt-get", "install", "-y", "--no-install-recommends", "chromium", **anyhow)


@nox.session
@timed
def lint(session):
    """Style and formatting."""
    run = checks(session)
    run("ruff", "check", ".")
    run("ruff", "format", "--check", ".")


@nox.session
@timed
def imports(session):
    """The layers, kept by import-linter."""
    checks(session)("lint-imports")


@nox.session
@timed
def types(session):
    """Strict types."""
    everything(session)("mypy")


@nox.session
@timed
def docs(session):
    """The documentation site into site/, warnings being errors, and what can be tested of it without a model."""
    run = everything(session)
    quiet = {"NO_MKDOCS_2_WARNING": "1"}
    run("mkdocs", "build", "--strict", "--quiet", "--config-file", "docs/website/mkdocs.yml", env=quiet)
    BUILT_SITE["ICON_BUILT_SITE"] = os.path.abspath("site")  # noqa: PTH100  as text, for the environment
    pytest(session, run, "tests/docs/test_site.py", "tests/docs/test_docs.py", env=BUILT_SITE)


@nox.session
@timed
def tests(session):
    """The core, every backend and every plugin, with the real model; `-- --full` for the long tier."""
    install_browser(session)
    run = everything(session)
    if "--full" in session.posargs:
        run("python", "-m", "pip", "install", "--quiet", *tools.LONG_TOOLS)
    pytest(session, run, *tools.SIDE_BY_SIDE, env={**BUILT_SITE, **threads()})


@nox.session(default=False)
@timed
def coverage(session):
    """The tests again, and the lines and branches they reach, in child processes too; the report goes to .nox/."""
    install_browser(session)
    run = everything(session)
    run("coverage", "erase")
    pytest(
        session,
        run,
        *tools.SIDE_BY_SIDE,
        "--cov",
        "--cov-config=pyproject.toml",
        "--cov-report=",
        env={**BUILT_SITE, **threads()},
    )
    run("coverage", "json", "-q", "-o", ".nox/coverage.json")
    run("coverage", "html", "-q", "-d", ".nox/coverage-html")
    sys.stdout.write(figures.coverage(Path(".nox/coverage.json")))


@nox.session(default=False)
@timed
def lowest(session):
    """The core alone, with the lowest versions that its pyproject.toml allows; `-- backends/torch` for that one's."""
    if more := [word for word in session.posargs if word in tools.DISTRIBUTIONS]:  # pytest gets their folders
        editable = [word for folder in (".", *more) for word in ("-e", f"./{folder}")]
        pins = environments.lowest(".", *more)
        run = environment(session, f"lowest-{'-'.join(more).replace('/', '-')}", [*pins, *tools.TEST_TOOLS, *editable])
        pytest(session, run)
        return
    run = environment(session, "lowest", [*environments.lowest("."), *tools.CORE_TEST_TOOLS, "-e", "."])
    ignored = [f"--ignore=tests/{path}" for path in tools.BEYOND_CORE]
    pytest(session, run, "tests", "-m", "not model", *ignored, *tools.OTHER_BYTES)


@nox.session(default=False)
@timed
def bench(session):
    """Speeds as ratios within one process; tables go to bench-results/."""
    run = everything(session)
    folder = Path("bench-results")
    folder.mkdir(exist_ok=True)
    for script in sorted(Path("tests/benchmarks").glob("bench_*.py")):
        run("python", os.fspath(script), *session.posargs)


@nox.session(default=False)
@timed
def board(session):
    """Rules of selection against random draws, by training; takes hours, and goes on where it was stopped."""
    everything(session)("python", "tests/benchmarks/board", *session.posargs)


@nox.session(default=False)
@timed
def faults(session):
    """Kills, full disks, damaged files, two commands at once, backends that fail; then 15 minutes of fuzzing."""
    run = everything(session)
    run("python", "tests/faults", *session.posargs)
    if not session.posargs:
        run("python", "-m", "tests.fuzzing", "--minutes", "15", "--keep", ".nox/fuzzing")


@nox.session(default=False)
@timed
def gpu(session):
    """One page of speeds on a GPU: torch with a model of LLaMA-3.1-8B's shape, and llama.cpp; in bench-results/."""
    everything(session)("python", "tests/gpu/bench_llama8b.py", *session.posargs)


@nox.session(default=False)
@timed
def build(session):
    """Wheels and source distributions of every package into dist/, checked and installed, with an SBOM and an audit.

    Ours are installed from dist/ alone, by the names and extras that users type, and the demo's pool goes through them.
    A service that was not reached is no pass: the session fails, unless `-- --unaudited` says to go on without.
    """
    run = environment(session, "build", tools.SUPPLY_TOOLS)
    shutil.rmtree("dist", ignore_errors=True)  # an earlier version's files are no part of this release
    for folder in tools.DISTRIBUTIONS:
        run("python", "-m", "build", "--outdir", "dist", folder)
    run("twine", "check", "--strict", *map(os.fspath, sorted(Path("dist").glob("icon_*"))))
    shipped = environment(session, "shipped", [tools.TORCH], environments.needed(tools.DISTRIBUTIONS, every_extra=True))
    core, *others = (environments.project(folder)["project"] for folder in tools.DISTRIBUTIONS)
    own = [core["name"], *(project["name"] for project in others)]
    asked = f"{core['name']}[{','.join(core['optional-dependencies'])}]"
    shipped("python", "-m", "pip", "uninstall", "--quiet", "--yes", *own)
    shipped("python", "-m", "pip", "install", "--quiet", "--no-index", "--find-links", "dist", asked)
    shipped("python", "-m", "pip", "check")
    shipped("icon", "run", "--scorer", "length", "--baseline", "random", "--out", session.create_tmp() + "/run")
    interpreter = Path(".nox/shipped", "Scripts" if os.name == "nt" else "bin", "python").absolute()
    run("python", ".ci/supply.py", os.fspath(interpreter), "dist", *own, *session.posargs)
