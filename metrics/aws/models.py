"""The SDK's data without what smtop never asks: a few operations of hundreds, the shapes that they need, the endpoints.

SageMaker alone has 371 operations and 2,681 shapes, some 8 MB as botocore reads them, and a client a method for each;
where every service of Amazon is to be found takes as much.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from botocore.loaders import Loader, create_loader

from smtop.metrics.aws.operations import ALLOWED, CHANGING, iam_prefix

ITS_OWN = frozenset({"sts", "s3"})
"""Services that the SDK itself asks too: for credentials, and for the region of a bucket."""

_ASKED = frozenset(
    {
        *("api.sagemaker", "runtime.sagemaker", "monitoring", "sts", "application-autoscaling", "api.ecr", "iam", "s3"),
        *("servicequotas", "oidc", "portal.sso", "signin"),
    }
)
"""Services by the names that the SDK's endpoints have; the last are asked by the SDK itself, for credentials."""

_MADE = ALLOWED | CHANGING
_OURS = frozenset(action.partition(":")[0] for action in _MADE)


class OwnModels:
    """botocore's loader of models for sessions that make the operations of `metrics.aws.operations` and no others."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        """As botocore's; what is left out is left out of what that loader keeps, too."""
        model = self._loader.load_service_model(service_name, type_name, api_version)
        prefix = iam_prefix(service_name)
        if type_name == "service-2" and prefix in _OURS and service_name not in ITS_OWN:
            _lighten(model, prefix)
        return model

    def load_data_with_path(self, name: str) -> Any:
        """As botocore's; of the endpoints only those of services that are asked."""
        data, path = self._loader.load_data_with_path(name)
        if name == "endpoints":
            for partition in data["partitions"]:
                for service in partition["services"].keys() - _ASKED:
                    del partition["services"][service]
        return data, path


@cache
def own_models(data_path: str | None) -> OwnModels:
    """Read once for all sessions."""
    return OwnModels(create_loader(data_path))


def _lighten(model: dict[str, Any], prefix: str) -> None:
    operations, shapes = model["operations"], model["shapes"]
    left_out = [name for name in operations if f"{prefix}:{name}" not in _MADE]
    if not left_out:  # another session has read it before
        return
    for name in left_out:
        del operations[name]
    needed = _reached(operations, shapes)
    for name in [name for name in shapes if name not in needed]:
        del shapes[name]


def _reached(operations: Mapping[str, Any], shapes: Mapping[str, Any]) -> set[str]:
    """The shapes that operations name, and those that these name."""
    reached: set[str] = set()
    waiting = list(_named(operations))
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += _named(shapes[name])
    return reached


def _named(part: Any) -> Iterator[str]:
    """Every shape that is referred to somewhere in a part of a model."""
    if isinstance(part, list):
        part = dict(enumerate(part))
    if isinstance(part, Mapping):
        for key, value in part.items():
            if key == "shape" and isinstance(value, str):
                yield value
            else:
                yield from _named(value)
