"""Every option of the built-in strategies of stages 1 and 3 says what it does."""


def test_every_option_is_described():
    from icon.pipeline.builtin import builder_strategies, selector_strategies

    fields = [
        field
        for strategy in [*builder_strategies(), *selector_strategies()]
        for field in strategy.options.model_fields.values()
    ]
    assert fields
    assert all(field.description for field in fields)
