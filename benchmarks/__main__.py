"""`python -m benchmarks [NAME...]`: figures, ratios and the bars that they must meet.

Every contender runs in a process of its own against the same canned CloudWatch on loopback, which is another process.
They take turns, and the median of their turns counts: ratios of one run can be compared, figures of different
machines cannot.
"""

import itertools
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.demo import minutes_of_the_demo
from benchmarks.keys import Pressed, keys_and_minutes
from benchmarks.rows import Row, part, within
from benchmarks.start import SMTOP, starts_ms
from benchmarks.terminal import terminal

PROJECT = Path(__file__).resolve().parent.parent
LATENCY_S = 0.04
NAIVE_METRICS = 100
TICKS_MINUTES, TICKS_SPEED = 10, 5
SCREEN_ROWS, SCREEN_ROUNDS = 5_000, 3
START_ROUNDS = 15
DEMO_ENDPOINTS, DEMO_MINUTES, DEMO_SPEED = 40, 10, 10
MINUTES_WATCHED = 10
SCALE_ENDPOINTS, SCALE_SECONDS, SCROLLED_ROWS = 5_000, 120, 20_000
SCALE_COLD_S, SCALE_WARM_S = 20, 10


@dataclass(frozen=True)
class Turn:
    """One contender with the size of its fleet and how often it polls each time."""

    name: str
    metrics: int
    polls: int


def environment(url: str) -> dict[str, str]:
    """Only this AWS, and only our code."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nothing = str(PROJECT / "benchmarks" / "no-such-file")
    nowhere = {"AWS_CONFIG_FILE": nothing, "AWS_SHARED_CREDENTIALS_FILE": nothing}
    access = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_EC2_METADATA_DISABLED": "true"}
    region = {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}
    paths = {"PYTHONPATH": f"{PROJECT / '.dev'}{os.pathsep}{PROJECT}"}
    return kept | nowhere | access | region | paths | {"AWS_ENDPOINT_URL": url}


@contextmanager
def cloudwatch(points: int, latency_s: float = 0, *, protocol: str = "json") -> Iterator[str]:
    """The canned CloudWatch; gives its URL."""
    command = [sys.executable, "-m", "benchmarks.server", str(points), str(latency_s), protocol]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment("")
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def run(module: str, *arguments: object, url: str = "") -> dict[str, Any]:
    """What a module of the benchmarks prints."""
    command = [sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments)]
    printed = subprocess.run(command, env=environment(url), check=True, stdout=subprocess.PIPE, text=True).stdout
    return dict(json.loads(printed))


def in_turns(turns: Sequence[Turn], points: int, url: str, rounds: int, figure: str) -> dict[str, float]:
    """The median of a figure by contender; each has had a poll that does not count."""
    taken: dict[str, list[float]] = {turn.name: [] for turn in turns}
    for _ in range(rounds):
        for turn in turns:
            used = run("contenders", turn.name, turn.metrics, points, turn.polls, "warm", url=url)
            taken[turn.name].append(used[figure])
    return {name: median(figures) for name, figures in taken.items()}


NAMES = {
    "smtop": "smtop, wire to store",
    "aiobotocore": "aiobotocore as it comes",
    "boto3": "boto3, 16 threads",
    "aiohttp-orjson": "aiohttp + orjson, nothing else",
    "one-by-one": "GetMetricStatistics one by one",
}


def cpu(points: int, sizes: Mapping[str, Turn], bar: float) -> Iterator[Row]:
    with cloudwatch(points) as url:
        used = in_turns(list(sizes.values()), points, url, 3, "cpu_ms_per_1k")
    with cloudwatch(points, protocol="query") as url:
        in_query = in_turns([sizes["smtop"]], points, url, 3, "cpu_ms_per_1k")["smtop"]
    own = used.pop("smtop")
    yield Row(f"CPU of 1,000 metrics at {points}: {NAMES['smtop']}", f"{own:.2f} ms")
    yield Row("  smtop where JSON is not spoken", f"{in_query:.2f} ms", used["boto3"] / in_query)
    for name, figure in used.items():
        if name == "aiohttp-orjson":
            yield Row(f"  {NAMES[name]} (smtop costs ... of it)", f"{figure:.2f} ms", own / figure, 4, at_most=True)
        else:
            yield Row(f"  {NAMES[name]}", f"{figure:.2f} ms", figure / own, bar)


def cpu_of_one_point() -> Iterator[Row]:
    sizes = [Turn("smtop", 10_000, 30), Turn("aiobotocore", 10_000, 1), Turn("boto3", 10_000, 1)]
    yield from cpu(1, {turn.name: turn for turn in [*sizes, Turn("aiohttp-orjson", 10_000, 30)]}, 30)


def cpu_of_sixty_points() -> Iterator[Row]:
    sizes = [Turn("smtop", 10_000, 5), Turn("aiobotocore", 2_000, 1), Turn("boto3", 2_000, 1)]
    yield from cpu(60, {turn.name: turn for turn in [*sizes, Turn("aiohttp-orjson", 10_000, 5)]}, 80)


def wall() -> Iterator[Row]:
    metrics = 10_000
    turns = [Turn("smtop", metrics, 10), Turn("aiobotocore", metrics, 1), Turn("boto3", metrics, 1)]
    with cloudwatch(1, LATENCY_S) as url:
        taken = in_turns([*turns, Turn("one-by-one", NAIVE_METRICS, 1)], 1, url, 3, "wall_s")
    own = taken["smtop"]
    naive = taken["one-by-one"] * metrics / NAIVE_METRICS
    yield Row(f"Poll of 1,000 endpoints x 10 metrics at {LATENCY_S * 1000:g} ms: {NAMES['smtop']}", f"{own:.3f} s")
    yield Row(f"  {NAMES['aiobotocore']}", f"{taken['aiobotocore']:.3f} s", taken["aiobotocore"] / own)
    yield Row(f"  {NAMES['boto3']}", f"{taken['boto3']:.3f} s", taken["boto3"] / own, 6)
    yield Row(f"  {NAMES['one-by-one']} (from {NAIVE_METRICS} metrics)", f"{naive:.0f} s", naive / own, 1000)


def memory() -> Iterator[Row]:
    metrics = 10_000
    with cloudwatch(60) as url:
        held = {
            name: run("contenders", name, metrics, 60, 1, "cold", url=url)["peak_mib"] for name in ("smtop", "boto3")
        }
    ratio = held["boto3"] / held["smtop"]
    yield Row(f"Peak memory, sixty points of 10,000 metrics: {NAMES['smtop']}", f"{held['smtop']:.0f} MiB")
    yield Row(f"  {NAMES['boto3']}", f"{held['boto3']:.0f} MiB", ratio, 4)


def triage() -> Iterator[Row]:
    used = run("triage")
    yield Row(f"A picture of 1,000 endpoints by {used['rules']:.0f} rules: CPU", f"{used['judged_ms']:.0f} ms")
    yield Row("  without any rule", f"{used['bare_ms']:.0f} ms", used["judged_ms"] / used["bare_ms"])
    yield within("  one step of it, p99 of CPU", used["step_ms"], "ms", 16)


def store() -> Iterator[Row]:
    used = run("store")
    yield within("Store, 50,000 series x 24 h: memory", used["memory_mib"] * 1.048576, "MB", 400)
    yield within("  append of a minute, from arrays", used["append_ms"], "ms", 1)
    yield Row("  record of a minute, from 100 answers", f"{used['record_ms']:.1f} ms")
    yield within("  ranking of the fleet over an hour", used["rank_ms"], "ms", 10)


def ticks() -> Iterator[Row]:
    """Ten minutes of the fleet's time in two of ours: the same polls, closer together."""
    runs = [_longest_ms("smtop") for _ in range(3)]
    with cloudwatch(1) as url:
        stock = _longest_ms("stock", url)[2]
    own = sorted(itertools.chain(*runs), reverse=True)[2]
    each = ", ".join(f"{run[0]:.0f}" for run in runs)
    yield within(f"Third longest tick of the screen's loop in 3 x 10 min (longest: {each})", own, "ms", 16)
    yield Row("  botocore as it comes in the same loop", f"{stock:.0f} ms", stock / own)


def _longest_ms(contender: str, url: str = "") -> list[float]:
    found: list[float] = run("ticks", contender, TICKS_MINUTES, TICKS_SPEED, url=url)["longest_ms"]
    return found


def screen() -> Iterator[Row]:
    """The table in a terminal, beside a DataTable of the same size and texts, by turns."""
    own, stock = [], []
    for _ in range(SCREEN_ROUNDS):
        own.append(keys_and_minutes("smtop", SCREEN_ROWS))
        stock.append(keys_and_minutes("datatable", SCREEN_ROWS, lines=own[-1].used["table_lines"]))
    yield Row(f"Screen of {SCREEN_ROWS:,} rows beside a DataTable of the same size", f"{SCREEN_ROUNDS} rounds")
    yield from _keys("a key", [run.moves for run in own], [run.moves for run in stock])
    yield from _keys("a key that scrolls", [run.scrolls for run in own], [run.scrolls for run in stock])
    yield within("  CPU of a sort", median(run.used["sort_ms"] for run in own), "ms", 50)
    yield within("  CPU of a filter", median(run.used["filter_ms"] for run in own), "ms", 50)
    written, theirs = (median(itertools.chain(*(run.minute_bytes for run in runs))) for runs in (own, stock))
    yield Row("  a minute in which everything changes: bytes", f"{written:,.0f}")
    yield Row("    DataTable", f"{theirs:,.0f}", theirs / written, 4)
    used, theirs = (median(itertools.chain(*(run.used["cpu_ms"] for run in runs))) for runs in (own, stock))
    yield Row("  a poll in which everything changes: CPU", f"{used:.0f} ms")
    yield Row("    DataTable", f"{theirs:.0f} ms", theirs / used, 5)


def _keys(what: str, own: Sequence[Pressed], stock: Sequence[Pressed]) -> Iterator[Row]:
    """Keys that another program held up say nothing of smtop; how many there are is told."""
    free_ms, theirs_ms = (sorted(itertools.chain(*(keys.free_ms for keys in runs))) for runs in (own, stock))
    pressed = sum(len(keys.first_ms) for keys in own)
    yield Row(f"  {what}: found the machine free", f"{len(free_ms)} of {pressed}")
    if free_ms and theirs_ms:
        yield from _beside("    first byte, p50", part(free_ms, 0.5), part(theirs_ms, 0.5), "ms")
        yield from _beside("    first byte, p95", part(free_ms, 0.95), part(theirs_ms, 0.95), "ms", 5)
    used, theirs = (median(keys.cpu_ms_a_key for keys in runs) for runs in (own, stock))
    yield from _beside("    CPU until nothing more comes", used, theirs, "ms")
    written, theirs = (median(keys.bytes_a_key for keys in runs) for runs in (own, stock))
    yield from _beside("    bytes", written, theirs, "bytes", 800)


def _beside(what: str, own: float, theirs: float, unit: str, most: float | None = None) -> Iterator[Row]:
    yield Row(what, f"{own:,.1f} {unit}") if most is None else within(what, own, unit, most)
    yield Row("      DataTable", f"{theirs:,.1f} {unit}", theirs / own)


def start() -> Iterator[Row]:
    taken = {name: median(figures) for name, figures in starts_ms(START_ROUNDS).items()}
    yield Row("Start to first rows, from the cache", f"{taken['smtop']:.0f} ms")
    ratio = taken["smtop"] / taken["bare"]
    yield Row("  a bare Textual app (smtop takes ... of it)", f"{taken['bare']:.0f} ms", ratio, 1.15, at_most=True)


def minute() -> Iterator[Row]:
    """The demo with the inspector open, a poll in each minute, on a clock that is moved by hand."""
    minutes = minutes_of_the_demo(DEMO_ENDPOINTS, MINUTES_WATCHED)
    cells = median(one.seen["cells"] for one in minutes)
    written = [len(one.written) for one in minutes]
    yield Row(f"A minute of the demo, inspector open, {cells:.0f} cells change: bytes", f"{median(written):,.0f}")
    yield within(f"  the most of {MINUTES_WATCHED} minutes", max(written), "bytes", 24_000)
    moves = median(len(one.before) for one in minutes[1:])
    yield Row("  a few rows down, with the charts of another endpoint: bytes", f"{moves:,.0f}")


def demo() -> Iterator[Row]:
    """Ten minutes of the fleet's time in one of ours."""
    with terminal([SMTOP, "demo", f"--endpoints={DEMO_ENDPOINTS}", f"--speed={DEMO_SPEED}"]) as screen:
        screen.watch(DEMO_MINUTES * 60 / DEMO_SPEED)
        held = Path(f"/proc/{screen.pid}/status").read_text(encoding="utf-8")
    peak_kib = next(int(line.split()[1]) for line in held.splitlines() if line.startswith("VmHWM"))
    yield within(
        f"Peak memory, {DEMO_MINUTES} min of the demo with {DEMO_ENDPOINTS} endpoints", peak_kib * 1024 / 1e6, "MB", 150
    )


def scale() -> Iterator[Row]:
    """Thousands of endpoints, from the start on, behind a latency and a throttle."""
    for contender, bar_s in (("cold", SCALE_COLD_S), ("warm", SCALE_WARM_S)):
        used = run("scale", contender, SCALE_ENDPOINTS, SCALE_SECONDS)
        yield from _at_scale(contender, used, bar_s)
    seen = keys_and_minutes("smtop", SCROLLED_ROWS).scrolls
    scrolled_ms = sorted(seen.first_ms)
    yield Row(
        f"Scrolling {SCROLLED_ROWS:,} rows, a key: first byte p50, p95",
        f"{part(scrolled_ms, 0.5):.1f}, {part(scrolled_ms, 0.95):.1f} ms",
    )
    yield Row("  rows a second, by the CPU of a key", f"{1000 / seen.cpu_ms_a_key:.0f}")


def _at_scale(contender: str, used: Mapping[str, Any], bar_s: float) -> Iterator[Row]:
    figure = "not within the time" if used["ranked_s"] is None else f"{used['ranked_s']:.1f} s"
    met = used["ranked_s"] is not None and used["ranked_s"] <= bar_s
    what = f"{SCALE_ENDPOINTS:,} endpoints, {contender}: first ranked list"
    yield Row(what, f"{figure} (at most {bar_s:g} s: {'met' if met else 'MISSED'})")
    yield Row("  CPU until then, the start included", f"{used['ranked_cpu_s'] or used['cpu_s']:.1f} s")
    yield Row(f"  of its worst {len(used['top_first'])}, still among the worst at the end", f"{used['top_kept']}")
    yield within("  datapoints in the worst second", used["worst_second"], "", 180_000)
    yield Row("  calls that CloudWatch refused", f"{used['refused_by_cloudwatch']}")
    yield Row("  metrics asked", f"{used['metrics']:,}")
    yield within("  peak memory", used["rss_mb"], "MB", 600)
    yield within("  longest tick of the screen's loop", used["longest_ms"][0], "ms", 50)
    yield within("  the same, CPU of it", used["busiest_ms"][0], "ms", 50)
    yield Row("  from a key to its picture, p95", f"{used['key_p95_ms']:.0f} ms")


BENCHES: Mapping[str, Callable[[], Iterator[Row]]] = {
    "cpu1": cpu_of_one_point,
    "cpu60": cpu_of_sixty_points,
    "wall": wall,
    "memory": memory,
    "store": store,
    "triage": triage,
    "ticks": ticks,
    "screen": screen,
    "start": start,
    "minute": minute,
    "demo": demo,
    "scale": scale,
}


def _processor() -> str:
    """Its name where Linux tells it."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


def main(names: Sequence[str]) -> None:
    unknown = set(names) - set(BENCHES)
    if unknown:
        sys.exit(f"There is no benchmark {', '.join(sorted(unknown))}. There are: {', '.join(BENCHES)}.")
    _say(f"{_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}, client CPU only, loopback")
    for name in names or BENCHES:
        for row in BENCHES[name]():
            ratio = "" if row.ratio is None else f"{row.ratio:,.1f}x"
            _say(f"{row.what:<68} {row.figure:>14} {ratio:>9}  {row.verdict}".rstrip())


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
