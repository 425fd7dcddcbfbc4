"""Loaded by every Python that has this folder on PYTHONPATH; without the campaign's variable it does nothing."""

import os

if "ICON_FAULTS" in os.environ:
    import faults_hook

    faults_hook.install()
