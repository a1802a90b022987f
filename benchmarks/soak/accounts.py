"""Whether the journal of changes and what AWS saw are the same story: nothing unwritten, nothing twice."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

_SLACK_S: Final = 3.0
"""Between a line of the journal and the call that follows it, in simulated seconds."""

_OF_A_CALL: Final = ("called", "turned-away")


@dataclass
class Send:
    """A line of the journal that says that a call is being made, and the writes of AWS's that belong to it.

    `request_id` is the one under which AWS has answered, if the journal has it.
    """

    change: str
    key: str
    operation: str
    params: Any
    from_s: float
    until_s: float = float("inf")
    request_id: str | None = None
    writes: list[Mapping[str, Any]] = field(default_factory=list)

    def owns(self, write: Mapping[str, Any]) -> bool:
        in_time = self.from_s - _SLACK_S <= write["at"] <= self.until_s + _SLACK_S
        return in_time and write["operation"] == self.operation and _agree(self.params, write["request"])


@dataclass
class Audit:
    """`changes` by what came of them; `breaches` are sentences.

    `sends` are lines that announce a call, `writes` what AWS saw, `never_arrived` calls that it did not see. `found`
    are calls whose effect was there without AWS having carried them out, and `repeated` those that it did twice.
    """

    changes: Counter[str] = field(default_factory=Counter)
    sends: int = 0
    writes: int = 0
    never_arrived: int = 0
    found: int = 0
    repeated: int = 0
    breaches: list[str] = field(default_factory=list)


def audit(folder: Path, writes: Sequence[Mapping[str, Any]]) -> Audit:
    """Holds the journal's files against the writes of the simulated AWS; test invocations change nothing."""
    journals = {path.stem: _lines(path) for path in sorted(folder.glob("*.jsonl"))}
    result = Audit()
    sends = [send for change, lines in journals.items() for send in _sends(change, lines)]
    result.sends = len(sends)
    for write in writes:
        if ":Invoke" not in write["operation"]:
            result.writes += 1
            _assign(result, sends, write)
    calls: dict[tuple[str, str], list[Send]] = defaultdict(list)
    for send in sends:
        calls[send.change, send.key].append(send)
    for (change, key), made in calls.items():
        _check(result, journals[change], f"{change} call {key}", key, made)
    result.changes.update(_outcome(lines) for lines in journals.values())
    return result


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def _sends(change: str, lines: Sequence[Mapping[str, Any]]) -> Iterator[Send]:
    plan = lines[0]["plan"]
    for place, line in enumerate(lines):
        if line["event"] == "calling":
            call = _call(plan, line["call"])
            after = next(iter(lines[place + 1 :]), {})
            name = f"{_IAM.get(call['service'], call['service'])}:{call['operation']}"
            until = after.get("at", float("inf"))
            yield Send(change, line["call"], name, call["params"], line["at"], until, after.get("request_id"))


_IAM: Final = {"service-quotas": "servicequotas"}


def _call(plan: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The call at a place: `1`, `1.0` for otherwise, `back.1.0` for the way back."""
    is_back, places = key.startswith("back."), key.removeprefix("back.").split(".")
    call: Mapping[str, Any] = plan["calls"][int(places[0])]
    if is_back:
        *inner, last = places[1:]
        for place in inner:
            call = call["otherwise"][int(place)]
        back: Mapping[str, Any] = call["back"][int(last)]
        return back
    for place in places[1:]:
        call = call["otherwise"][int(place)]
    return call


def _assign(result: Audit, sends: Sequence[Send], write: Mapping[str, Any]) -> None:
    """To the line that names it, else to the last that may have announced it: two changes may want the same at once."""
    owners = [send for send in sends if send.owns(write)]
    if owners:
        named = (send for send in owners if send.request_id == write["request_id"])
        next(named, owners[-1]).writes.append(write)
    else:
        told = json.dumps(write["request"])
        result.breaches.append(f"AWS saw {write['operation']} {told} at {write['at']:.0f}; no line announces it.")


def _check(result: Audit, lines: Sequence[Mapping[str, Any]], name: str, key: str, made: Sequence[Send]) -> None:
    arrived = [write for send in made for write in send.writes]
    carried_out = [write for write in arrived if write["carried_out"]]
    if not arrived:
        result.never_arrived += 1
    if len(carried_out) > 1:
        result.repeated += 1
        result.breaches.append(f"{name} was carried out {len(carried_out)} times.")
    said = next((line for line in lines if line["event"] == "called" and line["call"] == key), None)
    if said is None:
        return
    if not carried_out:
        result.found += 1
        if said["request_id"] is not None:
            result.breaches.append(
                f"{name} is written down as made, and AWS has not carried it out: {said}, {arrived}."
            )
    elif said["request_id"] is not None and said["request_id"] not in {write["request_id"] for write in carried_out}:
        result.breaches.append(f"{name} has the id of another request.")


def _outcome(lines: Sequence[Mapping[str, Any]]) -> str:
    events = [line["event"] for line in lines]
    ends = [event for event in events if event in ("applied", "refused", "failed")]
    return ends[-1] if ends else "interrupted" if "interrupted" in events else "under way"


def _agree(planned: Any, sent: Any) -> bool:
    """Whether a request is what was planned; what a plan left to be looked up may be anything."""
    if isinstance(planned, Mapping):
        if any(str(name).startswith("$") for name in planned):
            return True
        return isinstance(sent, Mapping) and all(_agree(value, sent.get(name)) for name, value in planned.items())
    if isinstance(planned, list | tuple):
        return isinstance(sent, list) and len(sent) == len(planned) and all(map(_agree, planned, sent))
    if isinstance(planned, int | float) and isinstance(sent, int | float):
        return float(planned) == float(sent)
    return str(planned) == str(sent)
