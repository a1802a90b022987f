"""Single things of SageMaker, described in full."""

from collections.abc import Mapping

from smtop.metrics.aws.as_sent import AS_SENT, keep, kept_as_sent
from smtop.metrics.aws.faults import translated
from smtop.metrics.aws.session import AwsSession
from smtop.metrics.domain.documents import Body, Described

_PARAMETERS: Mapping[Described, str] = {
    Described.ENDPOINT: "EndpointName",
    Described.CONFIG: "EndpointConfigName",
    Described.MODEL: "ModelName",
    Described.COMPONENT: "InferenceComponentName",
}


class SageMakerDocuments:
    """The DocumentSource port over one session."""

    def __init__(self, session: AwsSession) -> None:
        self._session = session

    async def document(self, described: Described, name: str) -> Body:
        client = self._session.client("sagemaker")
        keep(client, described.value)
        call = getattr(client, _METHODS[described])
        with translated(f"sagemaker:{described.value}", self._session.profile), kept_as_sent():
            answer = await call(**{_PARAMETERS[described]: name})
        body: Body = answer.get(AS_SENT) or {key: value for key, value in answer.items() if key != "ResponseMetadata"}
        return body


_METHODS: Mapping[Described, str] = {
    Described.ENDPOINT: "describe_endpoint",
    Described.CONFIG: "describe_endpoint_config",
    Described.MODEL: "describe_model",
    Described.COMPONENT: "describe_inference_component",
}
