import pytest

from catalogue.price import with_discount


def test_a_discount_is_rounded_in_favour_of_whoever_buys() -> None:
    assert with_discount(999, 10) == 899


def test_a_discount_over_all_is_refused() -> None:
    with pytest.raises(ValueError):
        with_discount(999, 101)
