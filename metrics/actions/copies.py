"""Plans other copies of an inference component: one call, while its endpoint stays as it is."""

from collections.abc import Iterator

from smtop.metrics.actions.draft import Draft, blocked
from smtop.metrics.actions.fights import fights
from smtop.metrics.actions.ground import Ground
from smtop.metrics.actions.growth import confirm_for
from smtop.metrics.actions.ports import Document
from smtop.metrics.actions.sizes import asked
from smtop.metrics.domain.change import Deployment, Resize
from smtop.metrics.domain.endpoint import BROKEN, TRANSITIONAL
from smtop.metrics.domain.names import name_complaint
from smtop.metrics.domain.plan import Call, Until
from smtop.metrics.domain.scaling import COPIES


def plan_copies(change: Resize, ground: Ground) -> Draft:
    named = {str(one["InferenceComponentName"]): one for one in ground.components}
    name = change.component if change.component or len(named) != 1 else next(iter(named))
    complaints = tuple(_complaints(change, name, named, ground))
    if complaints or name is None or change.copies is None:
        return blocked(*complaints)
    path = f"{name}.copies"
    before, after = ground.fields.get(path), {path: change.copies}
    params = {"InferenceComponentName": name, "DesiredRuntimeConfig": {"CopyCount": change.copies}}
    return Draft(
        after,
        (Call("sagemaker", "UpdateInferenceComponentRuntimeConfig", params, until=Until.COMPONENTS_IN_SERVICE),),
        confirm_for({path: before}, after),
        tuple(_warnings(change, name, ground)),
        undo=Resize(ground.name, component=name, copies=before) if before is not None else None,
        variant=named[name].get("VariantName"),
    )


def _complaints(change: Resize, name: str | None, named: dict[str, Document], ground: Ground) -> Iterator[str]:
    if change.copies is None:
        yield "An inference component has copies, and nothing else that can be resized: name how many."
    elif change.copies < 0:
        yield f"{change.copies} is no number of copies: it cannot be below 0."
    if asked(change) or change.variant is not None or change.deployment != Deployment():
        yield "Copies are changed by themselves: change what is the variant's or the endpoint's in another step."
    if not named:
        yield f"{ground.name} hosts no inference components: there are no copies, but a count of instances."
    elif name is None:
        yield f"{ground.name} has several inference components ({', '.join(named)}): name one."
    elif name not in named:
        yield name_complaint("a component", name) or (
            f"{ground.name} has no inference component {name}; it has {', '.join(named)}."
        )
    else:
        yield from _standing(name, named[name], change.copies, ground)


def _standing(name: str, component: Document, copies: int | None, ground: Ground) -> Iterator[str]:
    status = str(component.get("InferenceComponentStatus", ""))
    if status in TRANSITIONAL:
        yield f"{name} is {status}, and AWS takes no change of it until that has ended. Wait for it."
    elif status in BROKEN:
        yield f"{name} is {status}: AWS lets it be deleted or updated, but not resized."
    if copies is not None and copies == ground.fields.get(f"{name}.copies"):
        yield f"{name} has {copies} copies already."


def _warnings(change: Resize, name: str, ground: Ground) -> Iterator[str]:
    yield from fights(name, {COPIES: change.copies or 0}, ground)
    if change.copies == 0:
        yield f"{name} answers nobody while it has no copy; the instances below it go on costing."
    elif (change.copies or 0) > (ground.fields.get(f"{name}.copies") or 0):
        yield "Copies need room on the variant's instances: where there is none, AWS gives up after a while."
