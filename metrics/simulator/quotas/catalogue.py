"""Every quota that the account has, by name. The ones on hosting are those that SageMaker enforces here."""

import hashlib
from collections.abc import Iterator

from smtop.metrics.simulator.sagemaker.account import Account
from smtop.metrics.simulator.sagemaker.quotas import BASE, Quotas

ENDPOINT_USAGE = " for endpoint usage"
# Nothing here trains or transforms; AWS lists these beside the ones that matter, and a client has to tell them apart.
OTHER_USAGES = (" for training job usage", " for processing job usage", " for transform job usage")
OTHER_LIMIT = 4
SIZES = {
    "t2": ("medium", "large", "xlarge", "2xlarge"),
    "m5": ("large", "xlarge", "2xlarge", "4xlarge", "12xlarge", "24xlarge"),
    "m6i": ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge"),
    "c5": ("large", "xlarge", "2xlarge", "4xlarge", "9xlarge", "18xlarge"),
    "c6i": ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge"),
    "r5": ("large", "xlarge", "2xlarge", "4xlarge"),
    "g4dn": ("xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge"),
    "g5": ("xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "24xlarge", "48xlarge"),
    "g6": ("xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "24xlarge", "48xlarge"),
    "p3": ("2xlarge", "8xlarge", "16xlarge"),
    "p4d": ("24xlarge",),
    "p5": ("48xlarge",),
    "inf2": ("xlarge", "8xlarge", "24xlarge", "48xlarge"),
}
# Codes that public reports name. AWS publishes no rule for the others, which have a digest of the name here.
_CODES = {
    "ml.g5.xlarge for endpoint usage": "L-1928E07B",
    "Total concurrency across all serverless endpoints": "L-96300102",
}


def code_of(name: str) -> str:
    """The stable code of a quota, e.g. L-1928E07B."""
    return _CODES.get(name) or f"L-{hashlib.sha256(name.encode()).hexdigest()[:8].upper()}"


def limits(account: Account, quotas: Quotas) -> dict[str, int]:
    """Quota -> value, in the order of their names."""
    hosting = {name: quotas.limit(name) for name in _hosting(account)}
    others = {f"{kind}{usage}": OTHER_LIMIT for kind in _offered() for usage in OTHER_USAGES}
    return dict(sorted((hosting | others).items()))


def _hosting(account: Account) -> set[str]:
    variants = (variant for endpoint in account.endpoints.values() for variant in endpoint.variants)
    in_use = {str(variant.settings["InstanceType"]) for variant in variants if "InstanceType" in variant.settings}
    return {*BASE, *(f"{kind}{ENDPOINT_USAGE}" for kind in in_use | set(_offered()))}


def _offered() -> Iterator[str]:
    return (f"ml.{family}.{size}" for family, sizes in SIZES.items() for size in sizes)
