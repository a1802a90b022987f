"""What a plan prints as commands of the AWS CLI does, run as printed, what smtop does itself."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from smtop.metrics.domain.change import Bounds, Change, Deployment, Policy, Update, Weights
from tests.contract.leaping import Local

CHANGES: dict[str, Change] = {
    "weights": Weights("Fraud-Scorer", {"B": 0.75}),
    "model": Update("Fraud-Scorer", config="search-2", deployment=Deployment(policy="canary", bake_s=0)),
    "bounds": Bounds("batch", least=0, most=3),
    "policy": Policy("batch", step=True),
}


def run(command: str, local: Local) -> None:
    """Runs a printed line in a shell that knows the AWS CLI and this AWS."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    environment = {"PATH": path, "HOME": os.devnull, "AWS_DEFAULT_REGION": "us-east-1", **local.aws.environment}
    done = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", CHANGES)
async def test_a_printed_command_works_as_it_is_printed(local: Local, name: str) -> None:
    if name == "model":
        variants = [
            {"VariantName": variant, "ModelName": "search", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
            for variant in "AB"
        ]
        local.sagemaker.create_endpoint_config(EndpointConfigName="search-2", ProductionVariants=variants)
    made = await local.operator.plan(CHANGES[name])
    assert made.blockers == ()
    for call in made.calls:
        run(call.cli, local)
        local.aws.pass_time(3600)
    again = await local.operator.plan(CHANGES[name])
    assert "already" in " ".join(again.blockers)
