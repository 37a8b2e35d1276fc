"""Figures in words: one way to write a share, a shape, an interval and a duration, on every page."""

from collections.abc import Sequence
from decimal import Decimal
from math import ceil, floor, log10

from coursekit.evidence.statistics import Interval


def number(value: float) -> str:
    """A count with thousands separated, or four significant digits of anything else.

    Examples
    --------
    >>> number(62730), number(0.356789), number(12345.6)
    ('62,730', '0.3568', '12,346')
    """
    if isinstance(value, int) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def digits(value: float) -> str:
    """Three significant digits of a measurement that is not negative, whole numbers from a hundred up.

    Examples
    --------
    >>> digits(0.32198), digits(16.7255), digits(104.6), digits(1234.5)
    ('0.322', '16.7', '105', '1,234')
    """
    return f"{value:,.0f}" if value >= 99.95 else f"{value:.3g}"


def percent(share: float, *, decimals: int = 1) -> str:
    """A share in [0, 1] as a percentage.

    Examples
    --------
    >>> percent(0.8729, decimals=2)
    '87.29 %'
    """
    return f"{100 * share:.{decimals}f} %"


def shape(sizes: Sequence[int]) -> str:
    """Sizes joined by a times sign.

    Examples
    --------
    >>> shape((28, 28, 32))
    '28×28×32'
    """
    return "×".join(map(str, sizes))


def decimals(value: float) -> int:
    """Digits after the point that a figure states.

    Examples
    --------
    >>> decimals(87.29), decimals(62720), decimals(1e-05)
    (2, 0, 5)
    """
    exponent = Decimal(str(value)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def is_share(metric: str) -> bool:
    """Whether a metric of that name is a share that pages write as a percentage.

    Examples
    --------
    >>> is_share("test_accuracy"), is_share("test_error_rate"), is_share("test_loss")
    (True, True, False)
    """
    return metric.endswith(("accuracy", "error_rate"))


def figure(value: float, *, metric: str) -> str:
    """One value of a metric: a percentage for a share, else four significant digits."""
    return percent(value, decimals=2) if is_share(metric) else number(value)


def interval_text(interval: Interval, *, metric: str) -> str:
    """Mean and interval of a metric, with as many digits as the interval's width supports.

    Examples
    --------
    >>> interval_text(Interval(mean=0.87512, low=0.87101, high=0.87923, n=5), metric="test_accuracy")
    '87.51 % [87.10, 87.92], 5 seeds'
    >>> interval_text(Interval(mean=0.35, low=-1e999, high=1e999, n=1), metric="test_loss")
    '0.35, one seed: no interval'

    A share's interval is cut at 0 and 100 %.

    >>> interval_text(Interval(mean=0.9, low=0.7, high=1.1, n=2), metric="test_accuracy")
    '90 % [70, 100], 2 seeds'
    """
    if not interval.finite:
        return f"{figure(interval.mean, metric=metric)}, one seed: no interval"
    scale, unit = (100, " %") if is_share(metric) else (1, "")
    width = scale * (interval.high - interval.low) / 2
    if width == 0:
        return f"{figure(interval.mean, metric=metric)}, the same for {interval.n} seeds"
    digits = min(6, max(0, 1 - floor(log10(width))))
    ends = (interval.low, interval.high)
    if is_share(metric):
        ends = (max(0.0, interval.low), min(1.0, interval.high))
    form = ".2g" if max(map(abs, ends)) < 1e-5 else f".{digits}f"
    mean, low, high = (f"{scale * x:{form}}" for x in (interval.mean, *ends))
    return f"{mean}{unit} [{low}, {high}], {interval.n} seeds"


def duration(seconds: float) -> str:
    """Time in the two largest units that matter.

    Examples
    --------
    >>> duration(0.42), duration(35.2), duration(200), duration(7260)
    ('0.4 s', '36 s', '3 min 20 s', '2 h 1 min')
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = ceil(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
