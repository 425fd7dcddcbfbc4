"""What a user installs is whole: wheels hold every file of their packages, and run where they were unpacked."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from types import SimpleNamespace

import pytest

from support.distributions import FOLDERS, ROOT, contents, sdist, wheel

pytest.importorskip("hatchling", reason="hatchling is not installed")


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    """The unpacked wheels by the folder of their project."""
    return {project: wheel(project, tmp_path_factory.mktemp("wheel")) for project in FOLDERS}


@pytest.mark.parametrize("project", FOLDERS, ids=lambda project: project.name)
def test_a_wheel_holds_every_file_of_its_package_and_none_besides(project, wheels):
    (package,) = (path for path in project.glob("icon*") if path.is_dir())
    packed = contents(wheels[project])
    expected = {f"{package.name}/{name}": data for name, data in contents(package).items()}
    assert {name: data for name, data in packed.items() if ".dist-info/" not in name} == expected


def test_data_scripts_and_styles_are_among_them(wheels):
    """The list above cannot be empty of them: the demo, the page's assets and the marks of typed packages."""
    packed = contents(wheels[ROOT])
    assert "icon/samples/demo/demo_pool.jsonl" in packed
    assert {name.rpartition(".")[2] for name in packed} >= {"jsonl", "css", "js", "typed"}


@pytest.fixture(scope="module")
def installed(wheels, tmp_path_factory):
    """Runs a program of an environment into which pip installed the wheels, asking no index.

    What they need from elsewhere is that of the tests' own environment: a path in a .pth file, which does not follow
    the .pth files over there, so nothing of the checkout comes along.
    """
    pytest.importorskip("pip", reason="pip is not installed")
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, symlinks=os.name != "nt")
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    own = sysconfig.get_path("purelib", vars={"base": os.fspath(folder), "platbase": os.fspath(folder)})
    Path(own, "elsewhere.pth").write_text(sysconfig.get_path("purelib") + "\n")
    links = [f"--find-links={unpacked.parent / 'wheels'}" for unpacked in wheels.values()]
    names = ["icon-select", *(f"icon-{project.name}" for project in FOLDERS if project != ROOT)]
    environment = {name: text for name, text in os.environ.items() if name not in ("PYTHONPATH", "PIP_FIND_LINKS")}
    given = {"capture_output": True, "text": True, "check": False, "timeout": 180}

    def pip(*words):
        line = [sys.executable, "-m", "pip", "--isolated", "--disable-pip-version-check", *words]
        return subprocess.run([*line[:4], f"--python={programs / 'python'}", *line[4:]], env=environment, **given)

    done = pip("install", "--quiet", "--no-index", "--no-deps", "--force-reinstall", "--no-compile", *links, *names)
    assert done.returncode == 0, done.stderr

    def run(program, *words, **more):
        quiet = {**environment, "HF_HUB_OFFLINE": "1", "COLUMNS": "200"}
        return subprocess.run([programs / program, *words], env=quiet, **given, **more)

    return SimpleNamespace(run=run, pip=pip, folder=folder)


def test_the_wheels_run_where_no_checkout_is(installed, tmp_path):
    """As a user installs them: the demo's files, the report's page and every plugin come from the wheels alone."""
    where = installed.run("python", "-c", "import icon; print(icon.__file__)", cwd=tmp_path)
    assert Path(where.stdout.strip()).is_relative_to(installed.folder), where
    fast = ["--scorer", "length", "--baseline", "random", "--assessment-size", "3"]  # they need no model
    ran = installed.run("icon", "run", *fast, "--keep", "2", "--out", "run", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert len((tmp_path / "run/selected.jsonl").read_bytes().splitlines()) == 2
    assert "<script" in (tmp_path / "run/report.html").read_text(encoding="utf-8")
    listed = installed.run("python", "-m", "icon", "plugins", "--json", cwd=tmp_path)
    found = {plugin["distribution"]: plugin for plugin in json.loads(listed.stdout)["plugins"]}
    own = [f"icon-{project.name}" for project in FOLDERS if project != ROOT]
    assert [found[name]["faults"] for name in own] == [[]] * len(own)


def test_what_the_wheels_require_of_one_another_is_installed_with_them(installed):
    """pip's own check of the installed metadata; what the tests' environment lacks of other packages is not ours."""
    said = installed.pip("check").stdout.splitlines()
    assert [line for line in said if line.startswith("icon-") and " icon-" in line] == []


@pytest.mark.parametrize("project", FOLDERS, ids=lambda project: project.name)
def test_an_sdist_builds_the_same_wheel_by_itself(project, wheels, tmp_path):
    rebuilt = wheel(sdist(project, tmp_path / "source"), tmp_path)
    before, after = contents(wheels[project]), contents(rebuilt)
    assert before.keys() == after.keys()
    assert {name for name in before if before[name] != after[name]} == set()
