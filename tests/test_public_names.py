"""The public names are those that are documented, and each can be imported."""

import icon
from icon import _HOME


def test_public_names_are_listed_and_importable():
    assert icon.__all__ == sorted(_HOME)
    for name in icon.__all__:
        assert getattr(icon, name) is not None


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(icon, "scores")
