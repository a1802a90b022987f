"""The inventory on disk: it comes back as it was, for the same way of reaching AWS only, or not at all."""

import json
import random
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smtop.metrics.cache import CachedInventory, InventoryCache
from smtop.metrics.config import Directories, Settings
from smtop.metrics.domain.endpoint import Endpoint, Kind
from tests.support.engine import component, hosted, variant_of
from tests.support.fleet import IDENTITY, NOW_S

ENVIRONMENT = ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_ENDPOINT_URL")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)


def settings(tmp_path: Path, profile: str | None = None, region: str | None = None) -> Settings:
    folders = Directories(*(tmp_path / name for name in ("config", "state", "cache", "data")))
    return Settings(folders, profile=profile, region=region)


def cache(tmp_path: Path, profile: str | None = None, region: str | None = None) -> InventoryCache:
    return InventoryCache(settings(tmp_path, profile, region))


FLEET = (
    *(hosted(kind.value, kind) for kind in Kind),
    hosted("components", Kind.INFERENCE_COMPONENT, components=(component("a"), component("b"))),
    hosted("ab", variants=(variant_of(name="A"), variant_of(name="B", instance_type=None), variant_of(shadow=True))),
    hosted("broken", status="Failed", status_reason="The container does not answer /ping."),
    hosted("tagged")._replace(tags={"team": "fraud", "größe": "µ"}),
    hosted("bare")._replace(config=None, variants=()),
    hosted("listed")._replace(described=False, kind=Kind.UNKNOWN, variants=()),
)


@pytest.mark.parametrize("endpoint", FLEET, ids=lambda endpoint: endpoint.name)
def test_an_endpoint_comes_back_as_it_was(endpoint: Endpoint, tmp_path: Path) -> None:
    assert cache(tmp_path).save(IDENTITY, [endpoint], NOW_S)
    assert cache(tmp_path).load() == CachedInventory(IDENTITY, NOW_S, (endpoint,))


def test_there_is_nothing_before_the_first_run(tmp_path: Path) -> None:
    assert cache(tmp_path).load() is None


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "cache").iterdir())


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    cache(tmp_path).save(IDENTITY, FLEET, NOW_S)
    [path] = files(tmp_path)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_saving_again_replaces_the_file_and_leaves_no_draft(tmp_path: Path) -> None:
    cache(tmp_path).save(IDENTITY, FLEET, NOW_S)
    cache(tmp_path).save(IDENTITY, FLEET[:1], NOW_S + 60)
    assert len(files(tmp_path)) == 1
    loaded = cache(tmp_path).load()
    assert loaded is not None
    assert (loaded.saved_at, loaded.endpoints) == (NOW_S + 60, FLEET[:1])


@pytest.mark.parametrize(("profile", "region"), [("other", None), (None, "us-east-1")])
def test_another_profile_or_region_never_sees_it(tmp_path: Path, profile: str | None, region: str | None) -> None:
    cache(tmp_path).save(IDENTITY, FLEET, NOW_S)
    assert cache(tmp_path, profile, region).load() is None
    assert cache(tmp_path).load() is not None


@pytest.mark.parametrize("variable", ENVIRONMENT)
def test_another_environment_never_sees_it(tmp_path: Path, variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cache(tmp_path).save(IDENTITY, FLEET, NOW_S)
    monkeypatch.setenv(variable, "other")
    assert cache(tmp_path).load() is None


def test_a_folder_that_cannot_be_made_is_said_and_not_raised(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be", encoding="utf-8")
    assert cache(tmp_path).save(IDENTITY, FLEET, NOW_S) is False
    assert cache(tmp_path).load() is None


def damaged(content: Any, rng: random.Random) -> Any:
    """The same structure with one value somewhere replaced by another type, or a key gone."""
    node = content
    path: list[Any] = []
    while isinstance(node, dict | list) and node and (not path or rng.random() < 0.8):
        path.append(rng.choice(list(node)) if isinstance(node, dict) else rng.randrange(len(node)))
        node = node[path[-1]]
    holder = content
    for step in path[:-1]:
        holder = holder[step]
    if isinstance(holder, dict) and rng.random() < 0.3:
        del holder[path[-1]]
    else:
        holder[path[-1]] = rng.choice([None, 5, "text", [], {}, [None], {"x": 1}])
    return content


def corruptions(whole: str) -> Iterator[str]:
    rng = random.Random(11)
    yield from ("", "null", "[]", "3", '{"schema": 1}', '{"schema": 2}', "\x00")
    yield from (whole[: rng.randrange(len(whole))] for _ in range(20))
    yield from (json.dumps(damaged(json.loads(whole), rng)) for _ in range(300))


def test_a_damaged_file_is_no_inventory_and_no_error(tmp_path: Path) -> None:
    cache(tmp_path).save(IDENTITY, FLEET[:4], NOW_S)
    [path] = files(tmp_path)
    read = []
    for text in corruptions(path.read_text(encoding="utf-8")):
        path.write_text(text, encoding="utf-8")
        read.append(cache(tmp_path).load())
    assert read.count(None) > 100
    path.write_bytes(b"\xff\xfe")
    assert cache(tmp_path).load() is None


def test_a_file_of_another_version_is_left_alone(tmp_path: Path) -> None:
    cache(tmp_path).save(IDENTITY, FLEET, NOW_S)
    [path] = files(tmp_path)
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(content | {"schema": 99}), encoding="utf-8")
    assert cache(tmp_path).load() is None
