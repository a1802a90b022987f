"""The account's limits on hosting: serverless endpoints, their total concurrency, instances of one type.

Quotas are adjustable: an account that opens with much in use has been given room above it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from smtop.metrics.simulator.sagemaker.account import Account
from smtop.metrics.simulator.sagemaker.resources import Variant
from smtop.metrics.simulator.wire.errors import limit_exceeded

SERVERLESS_ENDPOINTS = "Number of serverless endpoints"
SERVERLESS_CONCURRENCY = "Total concurrency across all serverless endpoints"
BASE = {SERVERLESS_ENDPOINTS: 50, SERVERLESS_CONCURRENCY: 1000}
INSTANCES_OF_A_TYPE = 20


@dataclass
class Quotas:
    """What an account may use: what it was `granted`, else the usual; `opening` is what it used when it opened."""

    opening: Counter[str] = field(default_factory=Counter)
    granted: Mapping[str, int] = field(default_factory=dict)

    def limit(self, name: str) -> int:
        """The quota called `name`."""
        if name in self.granted:
            return self.granted[name]
        base = BASE.get(name, INSTANCES_OF_A_TYPE)
        return base if self.opening[name] == 0 else max(base, self.opening[name] + base)

    def check(self, account: Account, replaced: Iterable[Variant], wanted: Iterable[Variant]) -> None:
        """Raise ResourceLimitExceeded if `wanted` instead of `replaced` goes above a quota."""
        before, after = usage(replaced), usage(wanted)
        grown = {name: after[name] - before[name] for name in after if after[name] > before[name]}
        if not grown:
            return
        used = account_usage(account)
        for name, delta in grown.items():
            if used[name] + delta > self.limit(name):
                raise limit_exceeded(_refusal(name, self.limit(name), used[name], delta))


def usage(variants: Iterable[Variant]) -> Counter[str]:
    """What variants take of each quota, at what they are meant to be."""
    used: Counter[str] = Counter()
    for variant in variants:
        if variant.desired_serverless is not None:
            used[SERVERLESS_ENDPOINTS] += 1
            used[SERVERLESS_CONCURRENCY] += variant.desired_serverless["MaxConcurrency"]
        else:
            used[f"{variant.settings['InstanceType']} for endpoint usage"] += variant.desired_count
    return used


def account_usage(account: Account) -> Counter[str]:
    """What the account's endpoints take together, rollouts on their way included."""
    total: Counter[str] = Counter()
    for endpoint in account.endpoints.values():
        total += usage(endpoint.rollout.variants if endpoint.rollout else endpoint.variants)
    return total


def _refusal(name: str, limit: int, used: int, delta: int) -> str:
    unit = " Instances" if name.endswith("endpoint usage") else ""
    return (
        f"The account-level service limit '{name}' is {limit}{unit}, with current utilization of {used}{unit} "
        f"and a request delta of {delta}{unit}. Please use AWS Service Quotas to request an increase for this quota. "
        "If AWS Service Quotas is not available, contact AWS support to request an increase for this quota."
    )
