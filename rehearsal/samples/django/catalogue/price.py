"""Prices, in cents."""


def with_discount(cents: int, percent: int) -> int:
    """A price after a discount, rounded in favour of whoever buys."""
    if not 0 <= percent <= 100:
        raise ValueError(f"a discount of {percent} % is none")
    return cents * (100 - percent) // 100
