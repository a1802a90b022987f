"""The formulas under the telemetry, against values that are known otherwise."""

import numpy as np
import pytest

from smtop.metrics.simulator import noise, queueing
from smtop.metrics.simulator.instances import spec_of
from smtop.metrics.simulator.noise import Array

MINUTES = np.arange(29_000_000, 29_040_000, dtype=np.int64)


def _array(*values: float) -> Array:
    return np.array(values, dtype=np.float64)


@pytest.mark.parametrize(("load", "servers", "loss"), [(1.0, 1, 0.5), (5.0, 10, 0.01838), (20.0, 20, 0.15889)])
def test_loss_share_is_erlangs_table(load: float, servers: int, loss: float) -> None:
    assert queueing.loss_share(_array(load), servers)[0] == pytest.approx(loss, rel=1e-3)


@pytest.mark.parametrize("load", [0.1, 0.5, 0.9])
def test_wait_of_one_server_is_pollaczek_and_khinchines(load: float) -> None:
    wait_s = queueing.mean_wait_s(_array(load), 1, 2.0, 0.5)
    assert wait_s[0] == pytest.approx(load * 2.0 * 1.5 / (2.0 * (1.0 - load)))


def test_wait_of_ten_servers_is_near_erlang_c() -> None:
    wait_s = queueing.mean_wait_s(_array(0.9), 10, 1.0, 1.0)
    assert wait_s[0] == pytest.approx(0.6687, rel=0.1)


def test_fluid_queue_conserves_calls_and_drains() -> None:
    arrivals = _array(50, 200, 200, 20, 20, 20)
    queue = queueing.fluid_queue(arrivals, np.full(6, 100.0), room=np.full(6, 120.0))
    assert queue.served.sum() + queue.refused.sum() + queue.waiting[-1] == arrivals.sum()
    assert queue.waiting.tolist() == [0, 100, 120, 40, 0, 0]
    assert queue.refused.tolist() == [0, 0, 80, 0, 0, 0]


def test_backlog_conserves_requests_and_ages() -> None:
    arrivals, capacity = np.full(30, 4.0), np.where(np.arange(30) < 10, 0.0, 9.0)
    queue = queueing.backlog(arrivals, capacity, lifetime_min=60)
    assert (np.cumsum(arrivals) == np.cumsum(queue.served) + np.cumsum(queue.expired) + queue.waiting).all()
    assert queue.age_min[:10].tolist() == list(range(10))
    assert queue.waiting[9] == 40
    assert queue.waiting[-1] == 0
    assert queue.age_min[-1] == 0


def test_backlog_drops_what_waited_too_long() -> None:
    queue = queueing.backlog(np.full(30, 4.0), np.zeros(30), lifetime_min=20)
    assert queue.expired.tolist() == [0.0] * 20 + [4.0] * 10
    assert queue.waiting.max() == 80


@pytest.mark.parametrize(("models", "places"), [(10, 10), (10, 50)])
def test_cache_that_holds_everything_always_hits(models: int, places: int) -> None:
    assert queueing.cache_hit_share(models, places, 0.9) == 1.0


def test_cache_of_equally_popular_models_hits_by_its_size() -> None:
    assert queueing.cache_hit_share(1000, 250, 0.0) == pytest.approx(0.25, rel=1e-3)


def test_cache_hits_more_with_more_places_and_more_skew() -> None:
    by_size = [queueing.cache_hit_share(500, places, 0.9) for places in (20, 50, 100, 250, 400)]
    by_skew = [queueing.cache_hit_share(500, 100, zipf) for zipf in (0.2, 0.6, 1.0, 1.4)]
    assert by_size == sorted(by_size)
    assert by_skew == sorted(by_skew)


def test_containers_start_cold_stay_warm_for_a_while_and_start_again() -> None:
    pause = [0.0] * (queueing.KEEP_WARM_MIN - 1)
    calls = _array(60, 60, *pause, 60, *pause, 0, 60)
    wanted = np.where(calls > 0, 2.0, 0.0)
    in_use, started = queueing.warm_pool(wanted, wanted, calls, setup_s=0.0, limit=10)
    assert np.flatnonzero(started).tolist() == [0, len(calls) - 1]
    assert in_use.max() == 2


def test_slow_setup_makes_a_cold_burst_worse() -> None:
    calls, wanted = _array(600, 600), _array(3, 3)
    quick = queueing.warm_pool(wanted, wanted, calls, setup_s=0.0, limit=50)[1].sum()
    slow = queueing.warm_pool(wanted, wanted, calls, setup_s=2.0, limit=50)[1].sum()
    assert quick == 3
    assert slow == 23


@pytest.mark.parametrize("mean", [0.1, 3.0, 11.9, 12.1, 400.0])
def test_poisson_counts_have_the_mean_and_the_variance(mean: float) -> None:
    counts = noise.poisson(noise.key("test", mean), MINUTES, np.full(len(MINUTES), mean))
    assert counts.mean() == pytest.approx(mean, rel=0.05)
    assert counts.var() == pytest.approx(mean, rel=0.05)
    assert (counts == np.floor(counts)).all()
    assert counts.min() >= 0


def test_uniforms_of_a_minute_do_not_depend_on_its_neighbours() -> None:
    whole = noise.uniforms(5, MINUTES, 3)
    assert (noise.uniforms(5, MINUTES[700:703], 3) == whole[700:703]).all()
    assert whole.mean() == pytest.approx(0.5, abs=0.01)
    assert abs(np.corrcoef(whole[:-1, 0], whole[1:, 0])[0, 1]) < 0.02
    assert 0.0 < whole.min() < whole.max() < 1.0


def test_key_tells_its_parts_apart() -> None:
    assert noise.key("a", "bc") != noise.key("ab", "c")
    assert noise.key(1, "x") == 0xFFFFFFFFFFFFFFFF & noise.key("1", "x")


@pytest.mark.parametrize(
    ("instance_type", "vcpus", "gpus"),
    [("ml.m5.xlarge", 4, 0), ("ml.c6i.4xlarge", 16, 0), ("ml.g5.12xlarge", 48, 4), ("ml.t2.medium", 2, 0)],
)
def test_instance_types_have_their_cores(instance_type: str, vcpus: int, gpus: int) -> None:
    spec = spec_of(instance_type)
    assert (spec.vcpus, spec.gpus) == (vcpus, gpus)
