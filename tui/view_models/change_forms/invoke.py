"""The form of a test invocation."""

from collections.abc import Sequence
from dataclasses import dataclass

from smtop.metrics.domain.endpoint import Endpoint, Kind
from smtop.tui.view_models.change_forms.common import about_whom, changed, the_only
from smtop.tui.view_models.forms import Entering, Field, Form, Values

ANY = "any"
_JSON = "application/json"


@dataclass(frozen=True)
class Trial:
    """What is sent to an endpoint: the payload in the file at `path`. The rest as in Invocation."""

    endpoint: str
    path: str
    content_type: str = _JSON
    variant: str | None = None
    target_model: str | None = None
    container: str | None = None
    component: str | None = None
    upload_to: str | None = None


def invoke_form(endpoints: Sequence[Endpoint]) -> Form[Trial]:
    """Asks only for what the kind can be told. Raises RefusedError for several endpoints."""
    endpoint = the_only(endpoints, "A test invocation")
    fields = [
        Field("path", "payload file", "", Entering.TEXT),
        Field("type", "content type", "", Entering.TEXT, (_JSON, "text/csv", "application/octet-stream"), _JSON),
        *_targets(endpoint),
    ]

    def calls(values: Values) -> Sequence[Trial]:
        chosen = {name: _chosen(values, name) for name in ("variant", "target_model", "container", "component")}
        path, kind = values["path"].strip(), values["type"].strip() or _JSON
        return [Trial(endpoint.key, path, kind, **chosen, upload_to=changed(values, "upload_to"))]

    return Form(
        about_whom("test invocation of", endpoints),
        tuple(fields),
        calls,
        lambda _: ("A model answers, and that counts and costs as any request does.",),
        lambda values: None if values["path"].strip() else "Name the file that has the payload.",
    )


def _targets(endpoint: Endpoint) -> Sequence[Field]:
    """Whom the kind can be told to ask."""
    if endpoint.kind is Kind.ASYNC:
        return (Field("upload_to", "S3 folder for the payload", "", Entering.TEXT, note="empty: beside the answers"),)
    fields = []
    if len(endpoint.production) > 1:
        fields.append(_one_of("variant", "variant", [variant.name for variant in endpoint.production]))
    if endpoint.kind is Kind.MULTI_MODEL:
        fields.append(Field("target_model", "model artefact", "", Entering.TEXT, note="model.tar.gz"))
    containers = [name for variant in endpoint.production for name in variant.containers]
    if endpoint.kind is Kind.MULTI_CONTAINER:
        fields.append(_one_of("container", "container", containers))
    if endpoint.components:
        fields.append(_one_of("component", "component", [component.name for component in endpoint.components]))
    return fields


def _one_of(name: str, label: str, names: Sequence[str]) -> Field:
    return Field(name, label, ANY, Entering.CHOICE, (ANY, *names))


def _chosen(values: Values, name: str) -> str | None:
    return changed(values, name, ANY)
