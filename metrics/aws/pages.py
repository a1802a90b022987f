"""Pages of GetMetricData answers, read straight from their bytes.

Only what CloudWatch usually sends is read here. Anything else gives None, and botocore's parser reads it instead:
NaN, nulls, messages in XML, comments, CDATA, entities where they matter, other shapes. orjson agrees with botocore's
parser wherever it does not refuse; it only makes floats of integers beyond 64 bits, which values are anyway. Most
series of an answer have the same times; these share one list, which is made once.
"""

import gc
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

from smtop.metrics.aws.timestamps import parse_timestamp

COMPLETE = "Complete"
"""What a result without a status is."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page, column by column: ids, statuses, epoch seconds and values of its results, in CloudWatch's order.

    `notes` are the messages about single results by position, `messages` those about the request.
    """

    ids: Sequence[str]
    statuses: Sequence[str]
    times: Sequence[Sequence[int]]
    values: Sequence[Sequence[float]]
    notes: Mapping[int, str] = field(default_factory=dict)
    messages: Sequence[str] = ()
    token: str | None = None


def page_of(parsed: Mapping[str, Any]) -> Page:
    """The page as botocore has parsed it. A value that is NaN is a gap."""
    results = parsed.get("MetricDataResults", ())
    pairs = [_pairs(result) for result in results]
    return Page(
        ids=[str(result.get("Id")) for result in results],
        statuses=[str(result.get("StatusCode") or COMPLETE) for result in results],
        times=[[at for at, _ in own] for own in pairs],
        values=[[value for _, value in own] for own in pairs],
        notes=_notes(results),
        messages=_texts(parsed.get("Messages", ())),
        token=parsed.get("NextToken"),
    )


def _pairs(result: Mapping[str, Any]) -> list[tuple[int, float]]:
    pairs = zip(result.get("Timestamps", ()), result.get("Values", ()), strict=False)
    points = ((int(moment.timestamp()), float(value)) for moment, value in pairs)
    return [(at, value) for at, value in points if not math.isnan(value)]


def _notes(results: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """What is said last about each result."""
    said = ((place, _texts(result.get("Messages") or ())) for place, result in enumerate(results))
    return {place: texts[-1] for place, texts in said if texts}


def _texts(messages: Sequence[Mapping[str, Any]]) -> list[str]:
    return [text for message in messages if (text := str(message.get("Value", "")))]


# JSON


_END_OF_TIME = 253_402_300_800
"""The first second that no datetime can hold."""


class _Times(dict[tuple[float, ...], list[int]]):
    """Lists of times by what was sent."""

    def __missing__(self, sent: tuple[float, ...]) -> list[int]:
        made = self[sent] = list(map(int, sent))
        if sent and not 0 <= min(made) <= max(made) < _END_OF_TIME:
            raise ValueError("such times are left to botocore")
        return made


def _times(told: Sequence[list[float]]) -> list[list[int]]:
    """The times of each result; most have those of the first, and comparing costs less than looking up."""
    known = _Times()
    usual = known[tuple(told[0])] if told else []
    return [usual if sent == usual else known[tuple(sent)] for sent in told]


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keeps the garbage collector off: it would look for cycles among thousands of new objects that have none."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@_uncollected()
def read_json(body: bytes) -> Page | None:
    """The page in JSON, or None where botocore has to read it."""
    try:
        document = orjson.loads(body)
        results = document["MetricDataResults"]
        values = [result["Values"] for result in results]
        sum(map(sum, values))  # a TypeError for anything that is no number
        return Page(
            ids=[result["Id"] for result in results],
            statuses=[result.get("StatusCode") or COMPLETE for result in results],
            times=_times([result["Timestamps"] for result in results]),
            values=values,
            notes=_notes(results) if b'"Value"' in body else {},
            messages=_texts(document.get("Messages") or ()),
            token=document.get("NextToken"),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


# XML

_ODD_XML = (b"<!", b"NaN", b"INF")
_MEMBERS = rb"((?:\s*<member>[^<&]*</member>)*)\s*"
_RESULT = re.compile(
    rb"\s*<member>(?:\s*(?:<Id>(?P<id>[^<&]*)</Id>|<Label>[^<]*</Label>|<Label/>"
    rb"|<StatusCode>(?P<status>[^<&]*)</StatusCode>|<Messages/>|<Messages>\s*</Messages>"
    rb"|<Timestamps>" + _MEMBERS.replace(b"(", b"(?P<times>", 1) + rb"</Timestamps>|<Timestamps/>"
    rb"|<Values>" + _MEMBERS.replace(b"(", b"(?P<values>", 1) + rb"</Values>|<Values/>))*\s*</member>"
)
_FRAME = re.compile(
    rb'\s*(?:<\?xml[^>]*\?>\s*)?<GetMetricDataResponse(?:\s+xmlns="[^"]*")?>\s*<GetMetricDataResult>'
    rb"(?:\s*(?:<MetricDataResults>\s*</MetricDataResults>|<MetricDataResults/>|<Messages/>|<Messages>\s*</Messages>"
    rb"|<NextToken>(?P<token>[^<&]+)</NextToken>))*\s*</GetMetricDataResult>"
    rb"\s*<ResponseMetadata>\s*<RequestId>[^<]*</RequestId>\s*</ResponseMetadata>\s*</GetMetricDataResponse>\s*"
)
_OPEN, _CLOSE = b"<MetricDataResults>", b"</MetricDataResults>"


@_uncollected()
def read_xml(body: bytes) -> Page | None:
    """The page in XML, or None where botocore has to read it."""
    if any(odd in body for odd in _ODD_XML):
        return None
    before, opened, rest = body.partition(_OPEN)
    inside, closed, after = rest.rpartition(_CLOSE) if opened else (b"", b"", b"")
    frame = _FRAME.fullmatch(before + opened + closed + after)
    if frame is None:
        return None
    matches = _every_result(inside)
    try:
        return None if matches is None else _xml_page(matches, frame["token"])
    except ValueError:
        return None


def _every_result(text: bytes) -> list[re.Match[bytes]] | None:
    """The results, if the text consists of nothing else."""
    matches = []
    end = 0
    while found := _RESULT.match(text, end):
        matches.append(found)
        end = found.end()
    return None if text[end:].strip() else matches


def _xml_page(matches: Sequence[re.Match[bytes]], token: bytes | None) -> Page | None:
    rows = [match.group("id", "status", "times", "values") for match in matches]
    if any(row[0] is None for row in rows):
        return None
    times = _XmlTimes()
    return Page(
        ids=[query_id.decode() for query_id, *_ in rows],
        statuses=[(status or b"").decode() or COMPLETE for _, status, _, _ in rows],
        times=[times[sent or b""] for _, _, sent, _ in rows],
        values=[[float(value) for value in _members(sent or b"")] for *_, sent in rows],
        token=None if token is None else token.decode(),
    )


class _XmlTimes(dict[bytes, list[int]]):
    """Lists of times by what was sent."""

    def __missing__(self, sent: bytes) -> list[int]:
        made = self[sent] = [int(parse_timestamp(at.decode()).timestamp()) for at in _members(sent)]
        return made


def _members(text: bytes) -> list[bytes]:
    """The texts of a list of members, which stand at every other place between the tags."""
    return text.replace(b"</member>", b"<member>").split(b"<member>")[1::2]
