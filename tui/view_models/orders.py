"""What a command line says of a change: `A=90 B=10`, `count=4 type=ml.m5.xlarge`, `config=fraud-v7`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from smtop.metrics.actions.allowed import Act
from smtop.metrics.domain.change import Bounds, Change, Delete, Deployment, Resize, Rollback, Update, Weights
from smtop.metrics.domain.endpoint import Endpoint
from smtop.tui.commands import CommandError
from smtop.tui.view_models.change_forms import Asked
from smtop.tui.view_models.change_forms.invoke import Trial
from smtop.tui.view_models.forms import number_of

_Maker: TypeAlias = Callable[[str, Sequence[str]], Asked]


def changes_of(act: Act, text: str, endpoints: Sequence[Endpoint]) -> tuple[Asked, ...]:
    """The change that is meant, for each endpoint. Raises CommandError."""
    return tuple(_MAKERS[act](endpoint.key, text.split()) for endpoint in endpoints)


def _pairs(words: Sequence[str], known: Sequence[str] | None = None) -> list[tuple[str, str]]:
    """NAME=VALUE, a word each. Raises CommandError for what is none, and for a name that is not known."""
    found = []
    for word in words:
        name, equals, value = word.rpartition("=")
        if not (equals and name and value):
            raise CommandError(f"{word} is no NAME=VALUE.")
        if known is not None and name not in known:
            raise CommandError(f"There is nothing called {name} here. Known: {', '.join(known)}.")
        found.append((name, value))
    return found


def _number(name: str, text: str) -> float:
    number = number_of(text)
    if number is None:
        raise CommandError(f"{name}={text}: {text} is no number.")
    return number


def _count(name: str, text: str) -> int:
    number = _number(name, text)
    if number != int(number) or number < 0:
        raise CommandError(f"{name}={text}: give a whole number from 0 on.")
    return int(number)


def _weights(endpoint: str, words: Sequence[str]) -> Change:
    return Weights(endpoint, {name: _number(name, value) for name, value in _pairs(words)})


_TEXTS: Mapping[str, str] = {"variant": "variant", "component": "component", "type": "type"}
_COUNTS: Mapping[str, str] = {
    "count": "count",
    "memory": "memory_mb",
    "max-concurrency": "max_concurrency",
    "provisioned-concurrency": "provisioned_concurrency",
    "async-concurrency": "async_concurrency",
    "copies": "copies",
}
_ROLLOUT = ("policy", "alarm")


def _resize(endpoint: str, words: Sequence[str]) -> Change:
    pairs = _pairs(words, (*_TEXTS, *_COUNTS, *_ROLLOUT))
    told: dict[str, Any] = {_TEXTS[name]: value for name, value in pairs if name in _TEXTS}
    told |= {_COUNTS[name]: _count(name, value) for name, value in pairs if name in _COUNTS}
    return Resize(endpoint, **told, deployment=_deployment(pairs))


def _deployment(pairs: Sequence[tuple[str, str]]) -> Deployment:
    policies = [value for name, value in pairs if name == "policy"]
    return Deployment(next(iter(policies), None), tuple(value for name, value in pairs if name == "alarm"))


def _update(endpoint: str, words: Sequence[str]) -> Change:
    pairs = _pairs(words, ("config", "model", *_ROLLOUT))
    named = dict(pairs)
    if ("config" in named) == ("model" in named):
        raise CommandError("Give config=NAME or model=NAME.")
    return Update(endpoint, named.get("config"), named.get("model"), deployment=_deployment(pairs))


def _rollback(endpoint: str, words: Sequence[str]) -> Change:
    if len(words) > 1:
        raise CommandError("Give the name of one config.")
    return Rollback(endpoint, words[0])


def _delete(endpoint: str, words: Sequence[str]) -> Change:
    unknown = next((word for word in words if word not in ("with-config", "with-models")), None)
    if unknown is not None:
        raise CommandError(f"{unknown} is not known here. Known: with-config, with-models.")
    return Delete(endpoint, "with-config" in words, "with-models" in words)


def _scaling(endpoint: str, words: Sequence[str]) -> Change:
    named = dict(_pairs(words, ("min", "max", "variant", "component")))
    least, most = (_count(name, named[name]) if name in named else None for name in ("min", "max"))
    return Bounds(endpoint, named.get("variant"), named.get("component"), least, most)


_CALL = ("content-type", "variant", "target-model", "container", "component", "upload-to")


def _invoke(endpoint: str, words: Sequence[str]) -> Asked:
    path, *rest = words
    told = {name.replace("-", "_"): value for name, value in _pairs(rest, _CALL)}
    return Trial(endpoint, path, **told)


_MAKERS: Mapping[Act, _Maker] = {
    Act.WEIGHTS: _weights,
    Act.RESIZE: _resize,
    Act.SERVERLESS: _resize,
    Act.SCALING: _scaling,
    Act.UPDATE: _update,
    Act.ROLLBACK: _rollback,
    Act.INVOKE: _invoke,
    Act.DELETE: _delete,
}
