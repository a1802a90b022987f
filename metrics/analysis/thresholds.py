"""When rules speak, in one table. Shares and ratios are 0..1, windows are settled minutes.

Every entry can be set for one endpoint, for all with a tag, or for all of a kind (`rulebook`).
"""

from typing import Annotated, Any, NamedTuple, get_type_hints


class Band(NamedTuple):
    """A threshold with hysteresis: bad from `fires` on, and good again only beyond `clears`.

    Where `clears` is the larger of the two, small values are the bad ones.
    """

    fires: float
    clears: float

    def is_bad(self, value: float, *, is_open: bool = False) -> bool:
        """Whether a value is bad; `is_open` where it was before."""
        limit = self.clears if is_open else self.fires
        return value <= limit if self.clears > self.fires else value >= limit


class Thresholds(NamedTuple):
    """When a rule speaks."""

    # How long
    window_minutes: Annotated[int, "settled minutes that rates and ratios are taken over"] = 5
    least_calls: Annotated[int, "calls in the window below which a ratio says nothing"] = 20
    # Errors
    server_error_ratio: Annotated[Band, "5XX per call of a variant"] = Band(0.05, 0.03)
    client_error_ratio: Annotated[Band, "4XX per call of a variant"] = Band(0.10, 0.06)
    server_errors_least: Annotated[int, "5XX in the window below which they are no news"] = 5
    client_errors_least: Annotated[int, "4XX in the window below which they are one client's trouble"] = 20
    failures_chance: Annotated[float, "chance of so many failures by accident from which on they are none"] = 0.001
    # Serverless
    provisioned_full: Annotated[Band, "provisioned concurrency in use that is all of it"] = Band(1.0, 0.95)
    exhausted_ratio: Annotated[Band, "share of a minute's calls that spill over where it is all in use"] = Band(
        0.05, 0.02
    )
    provisioned_high: Annotated[Band, "provisioned concurrency in use that is nearly all of it"] = Band(0.8, 0.7)
    provisioned_wasted: Annotated[Band, "peak use of provisioned concurrency in an hour that is waste"] = Band(0.2, 0.3)
    spill_ratio: Annotated[Band, "share of calls that spill over"] = Band(0.01, 0.005)
    least_spilled: Annotated[int, "calls that spill over below which they are no news"] = 5
    concurrency_full: Annotated[Band, "concurrent executions per maximum concurrency"] = Band(0.9, 0.8)
    refused_ratio: Annotated[float, "share of a minute's calls that are refused at full concurrency"] = 0.02
    least_refused: Annotated[int, "refused calls below which they are no news"] = 5
    least_slots: Annotated[int, "slots of which it is no news that all are in use"] = 5
    cold_start_ratio: Annotated[Band, "cold starts per call"] = Band(0.10, 0.05)
    cold_start_time: Annotated[Band, "share of the requests' time that is cold starts"] = Band(0.25, 0.1)
    cold_start_flood: Annotated[Band, "cold starts per call that are critical"] = Band(0.3, 0.2)
    cold_start_s: Annotated[float, "length of a cold start below which nobody notices"] = 1.0
    least_cold_starts: Annotated[int, "cold starts in the window below which they are no storm"] = 5
    serverless_memory: Annotated[Band, "memory of a serverless container in use"] = Band(0.85, 0.8)
    serverless_memory_out: Annotated[Band, "memory of a serverless container in use that is all of it"] = Band(
        0.97, 0.93
    )
    # Multi-model
    cache_hits: Annotated[Band, "share of calls that find their model loaded"] = Band(0.8, 0.85)
    cache_collapsed: Annotated[float, "share of calls that find their model loaded, where hardly any does"] = 0.5
    cache_warm_minutes: Annotated[int, "minutes after a change in which an empty cache is normal"] = 15
    failing_loads: Annotated[Band, "failed calls per call whose model was not loaded"] = Band(0.6, 0.4)
    # Asynchronous
    backlog_least: Annotated[float, "requests in a backlog below which it is no news"] = 20.0
    backlog_minutes: Annotated[int, "settled minutes for which a backlog must have grown"] = 8
    backlog_growth: Annotated[Band, "growth of the backlog per request that is processed"] = Band(0.1, 0.02)
    backlog_wait_s: Annotated[Band, "wait in a backlog that never drains"] = Band(1200.0, 600.0)
    backlog_drain_minutes: Annotated[Band, "minutes in which a backlog is worked off that never drains"] = Band(
        360.0, 180.0
    )
    start_allowance_minutes: Annotated[int, "minutes that the first instance may take to start"] = 10
    expired_per_minute: Annotated[Band, "requests a minute that expire in the queue"] = Band(1.0, 0.2)
    least_failures: Annotated[int, "failures in the window below which a ratio of them says nothing"] = 3
    processing_failure_ratio: Annotated[Band, "failed asynchronous requests per request"] = Band(0.05, 0.03)
    delivery_failure_ratio: Annotated[Band, "failed notifications or transfers per request"] = Band(0.05, 0.02)
    transfers_down: Annotated[float, "failed transfers per request from which on it is critical"] = 0.5
    # Latency
    latency_spread: Annotated[float, "p99 latency per upper end of what is usual at this hour"] = 1.5
    latency_least_ms: Annotated[float, "rise of p99 latency below which nobody notices"] = 20.0
    latency_limit_s: Annotated[Band, "p99 latency near the 60 s after which SageMaker gives up"] = Band(45.0, 35.0)
    # Hosts
    host_full: Annotated[Band, "CPU, GPU or memory in use"] = Band(0.9, 0.8)
    host_exhausted: Annotated[Band, "CPU, GPU or memory in use that may fail calls"] = Band(0.93, 0.9)
    disk_full: Annotated[Band, "disk in use"] = Band(0.85, 0.8)
    disk_exhausted: Annotated[Band, "disk in use that soon fails calls"] = Band(0.95, 0.93)
    hot_instance: Annotated[Band, "load of the hottest instance per average instance"] = Band(1.6, 1.4)
    hot_instance_least: Annotated[float, "load of the hottest instance below which it does not matter"] = 0.7
    container_skew: Annotated[Band, "time in one of several containers per mean of its siblings"] = Band(2.0, 1.6)
    container_growth: Annotated[float, "the same, per what it was before"] = 2.0
    # Variants
    canary_p_value: Annotated[float, "chance that a canary as bad as this one is no worse than the others"] = 0.001
    canary_least_calls: Annotated[int, "calls of a canary below which it is not judged"] = 50
    canary_server_rise: Annotated[Band, "5XX per call of a canary above those of the others"] = Band(0.02, 0.01)
    canary_client_rise: Annotated[Band, "4XX per call of a canary above those of the others"] = Band(0.05, 0.03)
    canary_latency: Annotated[Band, "median latency of a canary per that of the others"] = Band(1.5, 1.3)
    canary_new_minutes: Annotated[int, "minutes after a deployment in which a slower variant is a canary"] = 1440
    weight_drift: Annotated[Band, "share of traffic off the share that the weights ask for"] = Band(0.10, 0.06)
    weight_least_calls: Annotated[int, "calls below which the shares of variants are not judged"] = 500
    # Traffic
    traffic_gone: Annotated[Band, "requests per what is usual at this hour"] = Band(0.05, 0.2)
    traffic_least_per_minute: Annotated[float, "usual requests a minute below which silence is no news"] = 5.0
    traffic_steady_minutes: Annotated[int, "minutes of steady requests before an end without a baseline is news"] = 40
    idle_minutes: Annotated[int, "minutes without a request after which an endpoint is idle"] = 60
    silent_minutes: Annotated[int, "minutes without any metric of an endpoint that serves"] = 10
    # Deployments and scaling
    update_minutes: Annotated[int, "minutes after which an update is stuck"] = 45
    rolled_back_minutes: Annotated[int, "minutes for which a roll-back is news"] = 60
    scaling_minutes: Annotated[int, "minutes in which scaling must have brought what it wants"] = 15
    scaling_load: Annotated[Band, "load per target of the policy, at the most that scaling may have"] = Band(1.1, 1.0)
    scaling_fights: Annotated[int, "changes from outside that scaling took back within an hour"] = 1
    scaling_turns: Annotated[int, "times within an hour that policies turn each other's count around"] = 3
    quota_near: Annotated[Band, "use of a quota that scaling out may need"] = Band(0.9, 0.85)
    # Advice
    image_gb: Annotated[float, "size of a serverless image (uncompressed limit of AWS)"] = 10.0
    concurrency_often: Annotated[Band, "share of an hour's minutes near the maximum concurrency"] = Band(0.2, 0.1)
    cold_minutes: Annotated[Band, "minutes of an hour with cold starts, from which on they recur"] = Band(6, 4)
    cold_share: Annotated[float, "share of calls with a cold start from which on their p99 shows it"] = 0.01
    cold_start_times: Annotated[float, "how many times the model's own time a cold start must take"] = 3.0


STANDARD = Thresholds()


def table() -> list[tuple[str, Any, str]]:
    """Name, default and meaning of every threshold."""
    hints = get_type_hints(Thresholds, include_extras=True)
    return [(name, getattr(STANDARD, name), hint.__metadata__[0]) for name, hint in hints.items()]
