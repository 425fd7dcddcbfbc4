"""What transformers shows is a setting of the whole process, which loads in several threads share."""

from __future__ import annotations

import pytest
from transformers.utils import logging

from icon_torch.quiet import quiet


@pytest.mark.parametrize("first_out", [0, 1])
def test_settings_are_restored_whichever_of_two_loads_ends_first(first_out):
    usual, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_info()
    logging.enable_progress_bar()
    try:
        loads = [quiet(), quiet()]
        for load in loads:
            load.__enter__()
        loads[first_out].__exit__(None, None, None)
        assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == (logging.ERROR, False)
        loads[1 - first_out].__exit__(None, None, None)
        assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == (logging.INFO, True)
    finally:
        logging.set_verbosity(usual)
        (logging.enable_progress_bar if bars else logging.disable_progress_bar)()
