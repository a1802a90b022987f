"""Who else keeps an endpoint as it is written down: a change by hand drifts from that, and may be taken back.

Told from tags. CloudFormation sets its own (its user guide, resource tags), and so do the controllers in Kubernetes
(ACK's default tags, Crossplane's external tags). SageMaker's project templates tag what they deploy. Terraform, Pulumi
and CDK set none: theirs are people's habits, such as `managed-by: terraform`. A lone `tf-...` tag may well mean
TensorFlow, so only those count that name a part of Terraform.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Tags = Mapping[str, str]

_DEPLOY = "its next deploy of the endpoint takes it back"
_APPLY = "its next apply takes it back"
_UPDATE = "its next update takes it back"
_CONTROLLER = "its controller takes it back by itself"


@dataclass(frozen=True)
class Keeper:
    """A tool that keeps the endpoint, under which name it does (`stack X`), and what follows for a change by hand."""

    tool: str
    place: str | None
    takes_back: str

    @property
    def name(self) -> str:
        return f"{self.tool} {self.place}" if self.place else self.tool

    def warning(self, endpoint: str) -> str:
        """One sentence for whoever is about to change the endpoint by hand."""
        return f"{endpoint} is managed by {self.name}: this change will drift, and {self.takes_back}."


def managed_by(tags: Tags) -> Keeper | None:
    """Who keeps a resource with these tags, None where no tag tells of anybody."""
    return next((keeper for keeper in (kept(tags) for kept in _KEEPERS) if keeper is not None), None)


def _cloudformation(tags: Tags) -> Keeper | None:
    if not any(key.startswith("aws:cloudformation:") for key in tags):
        return None
    by_cdk = _says(tags, "cdk") or any(key.startswith(("aws:cdk:", "aws-cdk:")) for key in tags)
    name = tags.get("aws:cloudformation:stack-name") or _stack_of(tags.get("aws:cloudformation:stack-id", ""))
    return Keeper("CDK" if by_cdk else "CloudFormation", _place("stack", name), _DEPLOY)


def _stack_of(arn: str) -> str | None:
    match = re.search(r":stack/([^/]+)", arn)
    return match[1] if match else None


def _ack(tags: Tags) -> Keeper | None:
    if tags.keys() & {"services.k8s.aws/controller-version", "eks:eks-capability-arn"}:
        return Keeper("Kubernetes (ACK)", _place("namespace", tags.get("services.k8s.aws/namespace")), _CONTROLLER)
    return None


def _crossplane(tags: Tags) -> Keeper | None:
    if tags.keys() & {"crossplane-kind", "crossplane-name"}:
        return Keeper("Crossplane", _place("resource", tags.get("crossplane-name")), _CONTROLLER)
    return None


_OF_TERRAFORM = re.compile(r"(terraform|opentofu|terragrunt)|tf[-_:](workspace|module|state|stack|managed)")
_WORKSPACE = re.compile(r"(terraform|tf)[-_:]workspace")


def _terraform(tags: Tags) -> Keeper | None:
    tagged = any(_OF_TERRAFORM.match(key.lower()) and not _is_no(value) for key, value in tags.items())
    if not tagged and not _says(tags, "terraform", "opentofu", "terragrunt"):
        return None
    workspaces = [value for key, value in tags.items() if _WORKSPACE.fullmatch(key.lower())]
    return Keeper("Terraform", _place("workspace", *workspaces[:1]), _APPLY)


_HABITS = (
    ("cdk", "CDK", _DEPLOY),
    ("cloudformation", "CloudFormation", _DEPLOY),
    ("crossplane", "Crossplane", _CONTROLLER),
    ("pulumi", "Pulumi", _UPDATE),
)
"""What people write for a tool, in small letters; the tool; what follows."""


def _as_said(tags: Tags) -> Keeper | None:
    return next((Keeper(tool, None, follows) for word, tool, follows in _HABITS if _says(tags, word)), None)


def _project(tags: Tags) -> Keeper | None:
    project = tags.get("sagemaker:project-name") or tags.get("sagemaker:project-id")
    return Keeper("SageMaker project", project, "its pipeline's next deploy takes it back") if project else None


_KEEPERS: tuple[Callable[[Tags], Keeper | None], ...] = (
    _cloudformation,
    _ack,
    _crossplane,
    _terraform,
    _as_said,
    _project,
)
"""The surest first: what a tool sets itself comes before what people set."""

_MANAGER = re.compile(r"(managed|provisioned|deployed|created)[-_ :]?(by|with)|provisioner|iac|iac[-_ ]?tool")


def _says(tags: Tags, *words: str) -> bool:
    """Whether a tag such as `managed-by` has one of the words in its value."""
    said = [value.lower() for key, value in tags.items() if _MANAGER.fullmatch(key.strip().lower())]
    return any(word in value for word in words for value in said)


def _is_no(value: str) -> bool:
    return value.strip().lower() in {"false", "no", "0", "off", "none"}


def _place(word: str, name: str | None = None) -> str | None:
    return f"{word} {name}" if name else None
