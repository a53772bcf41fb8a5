import pytest

from catalogue.price import with_discount


@pytest.mark.parametrize(
    ("cents", "percent", "wanted"),
    [
        (999, 10, 899),
        (0, 10, 0),
        (1, 1, 0),
        (100, 0, 100),
        (100, 1, 99),
        (100, 50, 50),
        (100, 99, 1),
        (100, 100, 0),
        (950, 5, 902),
        (950, 20, 760),
        (1, 50, 0),
        (10, 33, 6),
    ],
)
def test_a_discount_is_rounded_in_favour_of_whoever_buys(
    cents: int, percent: int, wanted: int
) -> None:
    assert with_discount(cents, percent) == wanted


@pytest.mark.parametrize("percent", [101, 1_000])
def test_a_discount_over_all_is_refused(percent: int) -> None:
    with pytest.raises(ValueError):
        with_discount(999, percent)
