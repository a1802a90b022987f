"""Pages of GetMetricData answers, read straight from their bytes.

Only what CloudWatch usually sends is read here. Anything else gives None, and botocore's parser reads it instead:
NaN, nulls, messages in XML, comments, CDATA, entities where they matter, other shapes. Most series of an answer have
the same times, so lists of times that occur often are taken out of the bytes and read once.
"""

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

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

_ODD_JSON = (b"NaN", b"Infinity", b"null", b'["')
_TIMES_IN_JSON = re.compile(rb'"Timestamps"\s*:\s*\[([^\]"]*)\]')


def read_json(body: bytes) -> Page | None:
    """The page in JSON, or None where botocore has to read it. A quote inside a text is escaped, so no text is cut."""
    if any(odd in body for odd in _ODD_JSON):
        return None
    folded, lists = _fold(body, _TIMES_IN_JSON, b'"Timestamps":%d', _json_times)
    try:
        document = json.loads(folded)
        results = document["MetricDataResults"]
        given = [result["Timestamps"] for result in results]
        return Page(
            ids=[result["Id"] for result in results],
            statuses=[result.get("StatusCode", COMPLETE) for result in results],
            times=[lists[own] if own.__class__ is int else [int(at) for at in own] for own in given],
            values=[result["Values"] for result in results],
            notes=_notes(results) if b'"Value"' in folded else {},
            messages=_texts(document.get("Messages", ())),
            token=document.get("NextToken"),
        )
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return None


def _json_times(text: bytes) -> list[int]:
    return [int(at) for at in json.loads(b"[%b]" % text)]


# XML

_ODD_XML = (b"<!", b"NaN", b"INF")
_MEMBERS = rb"((?:\s*<member>[^<&]*</member>)*)\s*"
_TIMES_IN_XML = re.compile(rb"<Timestamps>" + _MEMBERS + rb"</Timestamps>")
_RESULT = re.compile(
    rb"\s*<member>(?:\s*(?:<Id>(?P<id>[^<&]*)</Id>|<Label>[^<]*</Label>|<Label/>"
    rb"|<StatusCode>(?P<status>[^<&]*)</StatusCode>|<Messages/>|<Messages>\s*</Messages>"
    rb"|<Timestamps>(?:#(?P<list>\d+)|" + _MEMBERS.replace(b"(", b"(?P<times>", 1) + rb")</Timestamps>|<Timestamps/>"
    rb"|<Values>" + _MEMBERS.replace(b"(", b"(?P<values>", 1) + rb"</Values>|<Values/>))*\s*</member>"
)
_FRAME = re.compile(
    rb'\s*(?:<\?xml[^>]*\?>\s*)?<GetMetricDataResponse(?:\s+xmlns="[^"]*")?>\s*<GetMetricDataResult>'
    rb"(?:\s*(?:<MetricDataResults>\s*</MetricDataResults>|<MetricDataResults/>|<Messages/>|<Messages>\s*</Messages>"
    rb"|<NextToken>(?P<token>[^<&]+)</NextToken>))*\s*</GetMetricDataResult>"
    rb"\s*<ResponseMetadata>\s*<RequestId>[^<]*</RequestId>\s*</ResponseMetadata>\s*</GetMetricDataResponse>\s*"
)
_OPEN, _CLOSE = b"<MetricDataResults>", b"</MetricDataResults>"


def read_xml(body: bytes) -> Page | None:
    """The page in XML, or None where botocore has to read it."""
    if any(odd in body for odd in _ODD_XML):
        return None
    before, opened, rest = body.partition(_OPEN)
    inside, closed, after = rest.rpartition(_CLOSE) if opened else (b"", b"", b"")
    frame = _FRAME.fullmatch(before + opened + closed + after)
    if frame is None:
        return None
    folded, lists = _fold(inside, _TIMES_IN_XML, b"<Timestamps>#%d</Timestamps>", _xml_times)
    matches = _every_result(folded)
    try:
        return None if matches is None else _xml_page(matches, lists, frame["token"])
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


def _xml_page(matches: Sequence[re.Match[bytes]], lists: Sequence[list[int]], token: bytes | None) -> Page | None:
    rows = [match.group("id", "status", "list", "times", "values") for match in matches]
    if any(row[0] is None for row in rows):
        return None
    return Page(
        ids=[query_id.decode() for query_id, *_ in rows],
        statuses=[(status or b"").decode() or COMPLETE for _, status, *_ in rows],
        times=[lists[int(place)] if place else _xml_times(times or b"") for _, _, place, times, _ in rows],
        values=[[float(value) for value in _members(values or b"")] for *_, values in rows],
        token=None if token is None else token.decode(),
    )


def _xml_times(text: bytes) -> list[int]:
    return [int(parse_timestamp(at.decode()).timestamp()) for at in _members(text)]


def _members(text: bytes) -> list[bytes]:
    """The texts of a list of members, which stand at every other place between the tags."""
    return text.replace(b"</member>", b"<member>").split(b"<member>")[1::2]


# Both

_FOLDS = 16
"""Different lists of times that are looked for; what is left is read series by series."""


def _fold(
    body: bytes, block: re.Pattern[bytes], stand_in: bytes, read: Callable[[bytes], list[int]]
) -> tuple[bytes, list[list[int]]]:
    """The body with a number for every list of times that occurs often, and the lists by number."""
    lists: list[list[int]] = []
    end = 0
    while len(lists) < _FOLDS and (found := block.search(body, end)):
        try:
            times = read(found[1])
        except (TypeError, ValueError):
            break
        folded = body.replace(found[0], stand_in % len(lists))
        lists.append(times)
        worth_more = len(body) - len(folded) > len(body) // 50
        body, end = folded, found.start()
        if not worth_more:
            break
    return body, lists
