"""A folder of installed plugins, and the command line beside them."""

import pytest

from support.plugin_site import PluginSite


@pytest.fixture
def site(tmp_path):
    return PluginSite(tmp_path / "site")


@pytest.fixture
def icon(command_line, site):
    """Runs `icon` with what is installed in `site`."""

    def run(*words, **more):
        return command_line(*words, paths=[site.folder], **more)

    return run
