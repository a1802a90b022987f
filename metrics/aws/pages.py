"""Pages of GetMetricData answers, read straight from their bytes.

Only what CloudWatch usually sends is read here. Anything else gives None, and botocore's parser reads it instead:
NaN, nulls, messages in XML, comments, CDATA, entities where they matter, other shapes. orjson agrees with botocore's
parser wherever it does not refuse; it only makes floats of integers beyond 64 bits, which values are anyway. Most
series of an answer have the same times; these share one list, which is made once.

botocore takes what no CloudWatch would send, as a text where a list belongs, letter by letter. What it has read is
looked at again in `page_of`: of numbers that cannot be true none is shown.
"""

import gc
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import starmap
from typing import Any, TypeVar

import orjson

from smtop.metrics.aws.faults import understood
from smtop.metrics.aws.timestamps import parse_timestamp

V = TypeVar("V")

COMPLETE = "Complete"
"""What a result without a status is."""

UNREADABLE = "Unreadable"
"""The status of a result that was taken for none: its points were not believed, and its note says why."""

MOST = 3e38
"""The most that a value may be, either way: the store keeps float32. Source for what is no value at all: the API
reference of MetricDatum, by which CloudWatch has no NaN and no infinity."""

NO_NUMBERS = "CloudWatch answered a value that no metric can have"


@dataclass(frozen=True, slots=True)
class Page:
    """One page, column by column: ids, statuses, epoch seconds and values of its results, in CloudWatch's order.

    No value is beyond MOST, infinite or NaN; there may be fewer or more than times. `notes` are the messages about
    single results by position, `messages` those about the request.
    """

    ids: Sequence[str]
    statuses: Sequence[str]
    times: Sequence[Sequence[int]]
    values: Sequence[Sequence[float]]
    notes: Mapping[int, str] = field(default_factory=dict)
    messages: Sequence[str] = ()
    token: str | None = None


@understood()
def page_of(parsed: Mapping[str, Any]) -> Page:
    """The page as botocore has parsed it. Raises ResponseParserError where that makes no sense."""
    results = parsed.get("MetricDataResults", ())
    values = [result.get("Values", ()) for result in results]
    unreadable = [place for place, told in enumerate(values) if not _are_numbers(told)]
    return Page(
        ids=[_text(result["Id"]) for result in results],
        statuses=_but(unreadable, [_text(result.get("StatusCode", COMPLETE)) for result in results], UNREADABLE),
        times=_but(unreadable, [_seconds(result.get("Timestamps", ())) for result in results], []),
        values=[[] if place in unreadable else list(map(float, told)) for place, told in enumerate(values)],
        notes=_notes(results) | dict.fromkeys(unreadable, NO_NUMBERS),
        messages=_texts(parsed.get("Messages")),
        token=_text(parsed["NextToken"]) if "NextToken" in parsed else None,
    )


def _but(places: Sequence[int], column: Sequence[V], instead: V) -> list[V]:
    """The column with something else in these places."""
    return [instead if place in places else one for place, one in enumerate(column)]


def _seconds(moments: Sequence[datetime]) -> list[int]:
    return [int(moment.timestamp()) for moment in moments]


def _are_numbers(values: Sequence[object]) -> bool:
    return all(isinstance(value, int | float) and abs(value) <= MOST for value in values)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _notes(results: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """What is said last about each result."""
    said = ((place, _texts(result.get("Messages"))) for place, result in enumerate(results))
    return {place: texts[-1] for place, texts in said if texts}


def _texts(messages: Sequence[Mapping[str, Any]] | None) -> list[str]:
    if messages is None:
        return []
    if not isinstance(messages, list):
        raise TypeError(f"{messages!r} is no list of messages")
    return [text for message in messages if (text := _text(message.get("Value") or ""))]


# JSON


_END_OF_TIME = 253_402_300_800
"""The first second that no datetime can hold."""


class _Times(dict[tuple[float, ...], list[int]]):
    """Lists of times by what was sent."""

    def __missing__(self, sent: tuple[float, ...]) -> list[int]:
        made = self[sent] = list(map(int, sent))
        if sent and not (tuple(made) == sent and 0 <= min(made) <= max(made) < _END_OF_TIME):
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
        values, times = [result["Values"] for result in results], [result["Timestamps"] for result in results]
        ids, said = [result["Id"] for result in results], [result.get("StatusCode") for result in results]
        token = document.get("NextToken")
        if not (
            {type(results), *map(type, values), *map(type, times)} == {list}
            and {type(token), *map(type, said)} <= {str, type(None)}
            and set(map(type, ids)) <= {str}
            and _are_small(values)
        ):
            return None
        return Page(
            ids=ids,
            statuses=[COMPLETE if status is None else status for status in said],
            times=_times(times),
            values=values,
            notes=_notes(results) if any("Messages" in result for result in results) else {},
            messages=_texts(document.get("Messages")),
            token=token,
        )
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
        return None


def _are_small(values: Sequence[Sequence[float]]) -> bool:
    """Whether all are numbers and none is beyond MOST, infinite or NaN; a TypeError for what is no number."""
    return sum(starmap(math.hypot, values)) <= MOST


# XML

_SPACE = rb"[ \t\r\n]*"
_TEXT = rb"[^<>&\x00-\x1f]"
_LABEL = _TEXT + rb"*(?:&(?:amp|lt|gt|quot|apos);" + _TEXT + rb"*)*"
_MEMBERS = rb"(?P<%b>(?:_<member>[-+.:0-9A-Za-z]*</member>)*)_"


def _pattern(written: bytes) -> re.Pattern[bytes]:
    """A pattern in which `_` stands for white space."""
    return re.compile(written.replace(b"_", _SPACE))


_RESULT = _pattern(
    rb"_<member>(?:_(?:<Id>(?P<id>" + _TEXT + rb"*)</Id>|<Label>" + _LABEL + rb"</Label>|<Label/>"
    rb"|<StatusCode>(?P<status>" + _TEXT + rb"*)</StatusCode>|<Messages/>|<Messages>_</Messages>"
    rb"|<Timestamps>" + _MEMBERS % b"times" + rb"</Timestamps>|<Timestamps/>"
    rb"|<Values>" + _MEMBERS % b"values" + rb"</Values>|<Values/>))*_</member>"
)
_FRAME = _pattern(
    rb'(?:<\?xml version="1\.0"(?: encoding="(?:UTF|utf)-8")?_\?>)?'
    rb'_<GetMetricDataResponse(?: xmlns="[^"<&\x00-\x1f]*")?>_<GetMetricDataResult>'
    rb"(?:_(?:<MetricDataResults>_</MetricDataResults>|<MetricDataResults/>|<Messages/>|<Messages>_</Messages>"
    rb"|<NextToken>(?P<token>" + _TEXT + rb"+)</NextToken>))*_</GetMetricDataResult>"
    rb"_<ResponseMetadata>_<RequestId>" + _TEXT + rb"*</RequestId>_</ResponseMetadata>_</GetMetricDataResponse>_"
)
_ONCE_IN_RESULT = (b"<Id", b"<Label", b"<StatusCode", b"<Messages", b"<Timestamps", b"<Values")
_ONCE_IN_FRAME = (b"<MetricDataResults", b"<Messages", b"<NextToken")
"""What botocore makes nonsense of where it comes twice."""
_OPEN, _CLOSE = b"<MetricDataResults>", b"</MetricDataResults>"


@_uncollected()
def read_xml(body: bytes) -> Page | None:
    """The page in XML, or None where botocore has to read it."""
    if not _is_xml_text(body):
        return None
    before, opened, rest = body.partition(_OPEN)
    inside, closed, after = rest.rpartition(_CLOSE) if opened else (b"", b"", b"")
    frame = _FRAME.fullmatch(before + opened + closed + after)
    if frame is None or not _are_once(_ONCE_IN_FRAME, frame[0]):
        return None
    matches = _every_result(inside)
    try:
        return None if matches is None else _xml_page(matches, frame["token"])
    except ValueError:
        return None


def _is_xml_text(body: bytes) -> bool:
    """Whether the bytes are UTF-8 of characters that XML may have; those below space are left to the patterns."""
    try:
        text = body.decode()
    except ValueError:
        return False
    return text.isascii() or not ("\ufffe" in text or "\uffff" in text)


def _every_result(text: bytes) -> list[re.Match[bytes]] | None:
    """The results, if the text consists of nothing else."""
    matches = []
    end = 0
    while found := _RESULT.match(text, end):
        if not _are_once(_ONCE_IN_RESULT, found[0]):
            return None
        matches.append(found)
        end = found.end()
    return None if text[end:].strip() else matches


def _are_once(tags: Sequence[bytes], text: bytes) -> bool:
    return all(text.count(tag) <= 1 for tag in tags)


def _xml_page(matches: Sequence[re.Match[bytes]], token: bytes | None) -> Page | None:
    rows = [match.group("id", "status", "times", "values") for match in matches]
    if any(row[0] is None for row in rows):
        return None
    times = _XmlTimes()
    values = [[float(value) for value in _members(sent or b"")] for *_, sent in rows]
    if not _are_small(values):
        return None
    return Page(
        ids=[query_id.decode() for query_id, *_ in rows],
        statuses=[COMPLETE if status is None else status.decode() for _, status, _, _ in rows],
        times=[times[sent or b""] for _, _, sent, _ in rows],
        values=values,
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
