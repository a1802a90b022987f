"""What a warm `smtop` finds parsed already: the SDK's models, which every process reads for a quarter of a second."""

import botocore.loaders
import botocore.session

SERVICES = ("sagemaker", "cloudwatch", "sts", "application-autoscaling")

_loader = botocore.loaders.create_loader()
botocore.session.create_loader = lambda _: _loader
_session = botocore.session.Session()
for _service in SERVICES:
    _client = _session.create_client(
        _service, region_name="us-east-1", aws_access_key_id="nobody", aws_secret_access_key="nothing"
    )
    _loader.load_service_model(_service, "paginators-1")
    _client.close()
