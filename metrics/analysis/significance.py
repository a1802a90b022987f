"""How likely a share of failures is by accident. Exact tests on counts: nothing is approximated, however small."""

from collections.abc import Callable
from math import comb, exp, lgamma, log

_NEGLIGIBLE = 1e-12


def chance_of_failures(failed: float, calls: float, ratio: float) -> float:
    """Probability of `failed` or more failures in `calls` calls of which each fails with probability `ratio` (0..1).

    The upper tail of the binomial distribution; 1.0 where no more failed than was to be expected.
    """
    many, total = round(failed), max(round(calls), round(failed))
    if many <= total * ratio:
        return 1.0
    if ratio <= 0.0:
        return 0.0
    first = _log_comb(total, many) + many * log(ratio) + (total - many) * log(1.0 - ratio)
    return _tail(first, many, total, lambda k: (total - k) / (k + 1) * ratio / (1.0 - ratio))


def chance_of_worse(failed: float, calls: float, others_failed: float, others_calls: float) -> float:
    """Probability that so many or more of all failures hit these calls, were they as good as the others.

    Fisher's exact test, one-sided: the upper tail of the hypergeometric distribution. 1.0 where they are no worse.
    """
    many, total = round(failed), max(round(calls), round(failed))
    rest = max(round(others_calls), round(others_failed))
    failures, everything = many + round(others_failed), total + rest
    if not everything or many * everything <= failures * total:
        return 1.0
    first = _log_comb(total, many) + _log_comb(rest, failures - many) - _log_comb(everything, failures)
    return _tail(
        first,
        many,
        min(total, failures),
        lambda k: (total - k) / (k + 1) * (failures - k) / (rest - failures + k + 1),
    )


def _tail(log_first: float, first: int, last: int, growth: Callable[[int], float]) -> float:
    """Sum of terms that shrink from the first on; `growth` is the ratio of the term after `k` to that of `k`."""
    term = total = exp(log_first)
    for k in range(first, last):
        term *= growth(k)
        total += term
        if term < total * _NEGLIGIBLE:
            break
    return min(total, 1.0)


def _log_comb(n: int, k: int) -> float:
    if n < 60:
        return log(comb(n, k))
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
