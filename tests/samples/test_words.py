"""Words of texts in any script."""

from icon.samples import words


def test_words_are_in_lower_case_and_in_order():
    assert words("The Cat's 2 hats, naïve_Ünïcode!") == ["the", "cat", "s", "2", "hats", "naïve_ünïcode"]
    assert words("the cat s 2", shortest=2) == ["the", "cat"]
    assert words("... !") == []


def test_of_scripts_without_blanks_each_character_is_a_word_however_long_words_must_be():
    assert words("我爱GPU。", shortest=2) == ["我", "爱", "gpu"]
    assert words("すしA") == ["す", "し", "a"]
    assert words("ไทย", shortest=2) == ["ไ", "ท", "ย"]
