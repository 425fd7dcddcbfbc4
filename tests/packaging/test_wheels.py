"""What a user installs is whole: wheels hold every file of their packages, and run where they were unpacked."""

import json
import os
import subprocess
import sys

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


def test_the_wheels_run_where_no_checkout_is(wheels, tmp_path):
    """As installed: the demo's files, the report's page and every plugin come from the wheels alone."""
    paths = os.pathsep.join(map(str, wheels.values()))
    environment = {**os.environ, "PYTHONPATH": paths, "HF_HUB_OFFLINE": "1", "COLUMNS": "200"}
    code = (
        "import sys, importlib.resources as r, icon; print(icon.__file__)\n"
        "open('pool.jsonl', 'wb').write(r.files('icon.samples.demo').joinpath('demo_pool.jsonl').read_bytes())\n"
        "sys.argv = 'icon run pool.jsonl --scorer length --baseline random --keep 2 --out run'.split()\n"
        "from icon.cli import main; main()"
    )
    given = {"cwd": tmp_path, "env": environment, "capture_output": True, "text": True, "check": False, "timeout": 120}
    ran = subprocess.run([sys.executable, "-c", code], **given)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[0] == str(wheels[ROOT] / "icon/__init__.py")
    assert len((tmp_path / "run/selected.jsonl").read_bytes().splitlines()) == 2
    assert "<script" in (tmp_path / "run/report.html").read_text(encoding="utf-8")
    listed = subprocess.run([sys.executable, "-m", "icon", "plugins", "--json"], **given)
    found = {plugin["distribution"]: plugin for plugin in json.loads(listed.stdout)["plugins"]}
    own = [f"icon-{project.name}" for project in FOLDERS if project != ROOT]
    assert [found[name]["faults"] for name in own] == [[]] * len(own)


@pytest.mark.parametrize("project", FOLDERS, ids=lambda project: project.name)
def test_an_sdist_builds_the_same_wheel_by_itself(project, wheels, tmp_path):
    rebuilt = wheel(sdist(project, tmp_path / "source"), tmp_path)
    before, after = contents(wheels[project]), contents(rebuilt)
    assert before.keys() == after.keys()
    assert {name for name in before if before[name] != after[name]} == set()
