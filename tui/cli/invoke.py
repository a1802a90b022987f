"""`smtop invoke`: one payload to an endpoint, and how long it took to answer."""

import asyncio
import base64
import json
import sys
from pathlib import Path
from typing import Any

import click

from smtop.metrics.clock import CorrectedClock, SystemClock
from smtop.metrics.config import Settings
from smtop.tui.cli.exits import Exit, narrate
from smtop.tui.cli.options import common_of, common_options

_EXAMPLE = "\b\nExample: what does the canary say?\n  smtop invoke fraud --payload one.json --variant canary --write"
_ASYNC_WAIT_S = 900.0


@click.command(epilog=_EXAMPLE)
@click.argument("endpoint")
@click.option("--payload", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
@click.option("--content-type", metavar="T", default="application/json", show_default=True)
@click.option("--variant", metavar="V", help="Production variant.")
@click.option("--target-model", metavar="M", help="Model of a multi-model endpoint, as its artefact is called.")
@click.option("--target-container", "container", metavar="C", help="Container that is invoked directly.")
@click.option("--component", metavar="C", help="Inference component.")
@click.option("--upload-to", metavar="S3", help="Folder for the payload of an asynchronous endpoint.")
@click.option("--timeout", "wait_s", metavar="S", type=float, default=_ASYNC_WAIT_S, help="For an asynchronous answer.")
@click.option("--write", is_flag=True, help="Allow it: a model answers, and that counts and costs.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@common_options
@click.pass_context
def invoke(
    context: click.Context, /, endpoint: str, payload: Path, wait_s: float, write: bool, form: str, **options: Any
) -> int:
    """Sends one payload and prints the answer; how long it took goes to standard error."""
    own = {name: options.pop(name) for name in ("content_type", "variant", "target_model", "container", "component")}
    own["upload_to"] = options.pop("upload_to")
    settings = common_of(context, **options).settings()
    return asyncio.run(
        _invoke(settings, {"endpoint": endpoint, "payload": payload.read_bytes(), **own}, wait_s, write, form)
    )


async def _invoke(settings: Settings, wanted: dict[str, Any], wait_s: float, write: bool, form: str) -> int:
    from smtop.metrics.actions.invoke import Answer, Invocation
    from smtop.metrics.operator import operating

    async with operating(settings, CorrectedClock(SystemClock())) as operator:
        if write:
            operator.gate.open()
        answer: Answer = await operator.invoke(Invocation(**wanted), wait_s)
    _print(answer, form)
    return Exit.FINE if answer.body is not None else Exit.FINDINGS


def _print(answer: Any, form: str) -> None:
    told = {"seconds": answer.seconds, "variant": answer.variant, "where": answer.where}
    if form == "json":
        body = base64.b64encode(answer.body).decode() if answer.body is not None else None
        document = {"schema": 1, **told, "content_type": answer.content_type, "body_base64": body}
        click.echo(json.dumps(document))
    elif answer.body is not None:
        sys.stdout.buffer.write(answer.body)
        sys.stdout.buffer.flush()
    by = f" by {answer.variant}" if answer.variant else ""
    if answer.body is None:
        narrate(f"There is no answer after {answer.seconds:,.0f} s. It will lie in {answer.where}.")
    else:
        narrate(f"Answered{by} after {answer.seconds * 1000:,.0f} ms, the way there and back included.")
