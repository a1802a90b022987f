"""Answers of GetMetricData, good ones and what may become of them on their way."""

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias
from xml.sax.saxutils import escape

from hypothesis import strategies as some

T0 = int(datetime(2026, 11, 20, 12, 0, tzinfo=UTC).timestamp())
MINUTES = 5
QUERIES = 3

Document: TypeAlias = dict[str, Any]
Path: TypeAlias = tuple[str | int, ...]

VALUES = some.one_of(
    some.sampled_from([0.0, 1.0, 3, -2.5e-7, 1e30, 5e-324]),
    some.floats(-1e12, 1e12),
    some.integers(-(2**53), 2**53),
)
TEXTS = some.text(some.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12)
STATUSES = some.sampled_from(["Complete", "Complete", "Complete", "PartialData", "InternalError", "Forbidden"])
UNTRUE = (float("nan"), float("inf"), float("-inf"), 1e39, -1e300, 10**400, "NaN", "Infinity", "-Infinity", "1.5")
ODD_TIMES = (0, -1, 1e30, 1e-5, 253_402_300_800, T0 * 1000, T0 + 0.5, T0 + 0.9999999, str(T0), "20261120", "yesterday")
WRONG_TYPES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    7,
    "",
    "12",
    "Complete",
    [],
    {},
    [[]],
    [None],
    {"a": 1},
    [{}],
    "é",
)
NONSENSE = some.sampled_from([*UNTRUE, *ODD_TIMES, *WRONG_TYPES]).map(copy.deepcopy)


@some.composite
def results(draw: some.DrawFn, query_id: str) -> Document:
    minutes = sorted(draw(some.sets(some.integers(0, MINUTES - 1), max_size=MINUTES)))
    made: Document = {"Id": query_id, "Label": draw(TEXTS), "Timestamps": [T0 + 60 * minute for minute in minutes]}
    made["Values"] = [draw(VALUES) for _ in minutes]
    made["StatusCode"] = draw(STATUSES)
    if draw(some.integers(0, 5)) == 0:
        made["Messages"] = draw(messages())
    return made


def messages() -> some.SearchStrategy[list[Document]]:
    return some.lists(some.fixed_dictionaries({"Code": some.just("c"), "Value": TEXTS}), max_size=2)


@some.composite
def documents(draw: some.DrawFn) -> Document:
    """An answer as CloudWatch gives it: queries may be missing, come twice, or in another order."""
    ids = draw(some.one_of(some.just(range(QUERIES)), some.lists(some.integers(0, QUERIES), max_size=QUERIES + 1)))
    made: Document = {"MetricDataResults": [draw(results(f"q{number}")) for number in ids]}
    if draw(some.booleans()):
        made["Messages"] = draw(messages())
    if draw(some.integers(0, 3)) == 0:
        made["NextToken"] = draw(some.text("abcXYZ019+/=", min_size=1, max_size=8))
    return made


def places(node: Any, path: Path = ()) -> Iterator[Path]:
    """The way to every value of a document, itself excepted."""
    entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, below in entries:
        yield (*path, name)
        yield from places(below, (*path, name))


@some.composite
def bent(draw: some.DrawFn, source: some.SearchStrategy[Document]) -> Document:
    """A document of which something is missing, too much, or of another kind."""
    made = copy.deepcopy(draw(source))
    for _ in range(draw(some.integers(1, 3))):
        ways = list(places(made))
        if ways:
            _bend(draw, made, draw(some.sampled_from(ways)))
    return made


def _bend(draw: some.DrawFn, document: Document, way: Path) -> None:
    holder: Any = document
    for step in way[:-1]:
        holder = holder[step]
    last, act = way[-1], draw(some.sampled_from(["replace", "replace", "remove", "repeat", "rename", "add", "lift"]))
    if act == "remove":
        del holder[last]
    elif act == "repeat" and isinstance(holder, list):
        holder.insert(int(last), copy.deepcopy(holder[int(last)]))
    elif act == "rename" and isinstance(holder, dict):
        holder[draw(some.sampled_from(["New", "id", "VALUES"]))] = holder.pop(last)
    elif act == "add" and isinstance(holder, dict):
        holder["OfNextYear"] = draw(NONSENSE)
    elif act == "lift":
        holder[last] = [holder[last]]
    else:
        holder[last] = draw(NONSENSE)


@some.composite
def torn(draw: some.DrawFn, source: some.SearchStrategy[bytes], pieces: Sequence[bytes]) -> bytes:
    """Bytes that were cut off, lost a part, got one twice, or one that does not belong there."""
    made = draw(source)
    for _ in range(draw(some.integers(1, 2))):
        first, last = sorted((draw(some.integers(0, len(made))), draw(some.integers(0, len(made)))))
        last = min(last, first + draw(some.sampled_from([1, 3, 40, 4000])))
        act = draw(some.sampled_from(["cut", "lose", "repeat", "insert", "replace", "byte"]))
        if act == "cut":
            made = made[:first]
        elif act == "lose":
            made = made[:first] + made[last:]
        elif act == "repeat":
            made = made[:last] + made[first:last] + made[last:]
        elif act == "byte":
            made = made[:first] + draw(some.binary(min_size=1, max_size=1)) + made[first + 1 :]
        else:
            piece = draw(some.sampled_from(pieces))
            found = made.find(draw(some.sampled_from(pieces)), first)
            at = found if found >= 0 else first
            made = made[:at] + piece + made[at + (len(piece) if act == "replace" else 0) :]
    return made


# JSON


JSON_PIECES = (
    *(b'"Values":', b'"Timestamps":', b'"Id":"q1",', b'"StatusCode":', b'"Messages":', b'"NextToken":"t",'),
    *(b"[", b"]", b"{", b"}", b",", b'"', b"null", b"NaN", b"1e400", b"-0", b"true", b"\\u0056", b"\\ud800", b"\xff"),
)
_FORMS = some.sampled_from([(",", ":"), (", ", ": "), (" ,\n", "\t:")])


def in_json(source: some.SearchStrategy[Document]) -> some.SearchStrategy[bytes]:
    return some.builds(
        lambda document, separators, escaped: json.dumps(
            document, separators=separators, ensure_ascii=escaped
        ).encode(),
        source,
        _FORMS,
        some.booleans(),
    )


# XML


XML_PIECES = (
    *(b"<member>", b"</member>", b"<Values>", b"</Values>", b"<Timestamps/>", b"<Id>q1</Id>", b"<StatusCode/>"),
    *(b"<Messages/>", b"<MetricDataResults/>", b"<NextToken>t</NextToken>", b"<New>1</New>", b"<!-- no -->"),
    *(b"<![CDATA[1]]>", b"&#49;", b"&amp;", b"&x;", b"nan", b"inf", b"1_0", b" 1 ", b"\n", b"\x0b", b"]]>", b"\xff"),
    *(b'<?xml version="1.0"?>', b"Z", b"+02:00", b".5", b"&", b"<", b">", "\ufffe".encode()),
)


def in_xml(source: some.SearchStrategy[Document]) -> some.SearchStrategy[bytes]:
    return some.builds(xml, source, some.sampled_from(["", "\n  "]), some.sampled_from(["Z", ".000Z", "+00:00"]))


def xml(document: Mapping[str, Any], space: str, zone: str) -> bytes:
    """A document, bent or not, as the query protocol would have it."""
    inner = "".join(_element(name, value, space, zone) for name, value in document.items())
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{space}<GetMetricDataResponse xmlns="http://x/">{space}'
        f"<GetMetricDataResult>{inner}{space}</GetMetricDataResult>{space}<ResponseMetadata><RequestId>r</RequestId>"
        f"</ResponseMetadata></GetMetricDataResponse>{space}"
    ).encode()


def _element(name: str, value: Any, space: str, zone: str) -> str:
    if isinstance(value, list):
        inner = "".join(_element("member", _told(name, one, zone), space, zone) for one in value)
    elif isinstance(value, dict):
        inner = "".join(_element(below, one, space, zone) for below, one in value.items())
    else:
        return f"{space}<{name}>{escape(str(value))}</{name}>"
    return f"{space}<{name}>{inner}{space if inner else ''}</{name}>" if inner else f"{space}<{name}/>"


def _told(name: str, value: Any, zone: str) -> Any:
    """Good times are written down as the query protocol has them."""
    if name == "Timestamps" and isinstance(value, int) and T0 <= value < T0 + 86400:
        return f"{datetime.fromtimestamp(value, UTC):%Y-%m-%dT%H:%M:%S}{zone}"
    return value
