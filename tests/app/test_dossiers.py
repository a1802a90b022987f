"""All that is known of an endpoint as a text, and what AWS answers about it."""

import asyncio
import json
from pathlib import Path

from smtop.metrics.domain.details import EndpointDetails, Note, Topic
from smtop.metrics.domain.documents import Described, Document
from smtop.metrics.domain.finding import Severity
from smtop.tui.clipboard import Clipboard
from smtop.tui.messages import Said
from smtop.tui.screens.pages import PageScreen
from smtop.tui.terminal import Terminal
from smtop.tui.view_models.fmt import cells
from tests.support.fleet import NOW_S, FakeFeed, endpoint, snapshot
from tests.support.hostile import TEXTS
from tests.support.stage import Line, Stage, stage

FLEET = snapshot(endpoint("fraud", Severity.CRITICAL, tags={"team": "risk"}), endpoint("geo"))
ANSWERS = [
    Document(Described.ENDPOINT, "fraud", {"EndpointName": "fraud", "Novel": {"Member": 1}}),
    Document(Described.MODEL, "m1", why="sagemaker:DescribeModel is denied; ask for this permission."),
]


async def shows(it: Stage, words: str) -> None:
    await it.until(lambda: any(words in line for line in it.text))


async def test_describe_opens_with_what_is_known_and_adds_what_is_read() -> None:
    async with stage(FLEET) as it:
        it.feed.known_details["fraud"] = EndpointDetails(
            "fraud", NOW_S, notes=(Note(Topic.SCALING, "Scaling is denied."),)
        )
        await it.press("d")
        await shows(it, "Scaling is denied.")
        assert "reading" not in it.text
        assert it.text[0].strip().startswith("fraud")
        assert any("team=risk" in line for line in it.text)
        assert it.feed.asked_details == [("fraud", False)]
        await it.press("/", *"arn:aws", "enter")
        assert "/arn:aws  1 of" in it.text[0]
        await it.press("escape")
        assert it.names == ["fraud", "geo"]


async def test_the_page_of_an_endpoint_describes_its_own() -> None:
    async with stage(FLEET) as it:
        await it.press("j", "enter", "d")
        await shows(it, "There is no endpoint geo any more.")
        assert it.text[0].strip().startswith("geo")
        await it.press("d", "q")
        assert it.app.endpoint is not None and it.app.screen is it.app.endpoint


async def test_raw_shows_every_answer_and_why_one_is_missing() -> None:
    async with stage(FLEET) as it:
        it.feed.known_documents["fraud"] = ANSWERS
        await it.press("y")
        await shows(it, '"EndpointName": "fraud",')
        assert "DescribeEndpoint fraud" in it.text
        assert '    "Member": 1' in it.text
        place = it.text.index("DescribeModel m1")
        assert it.text[place + 1].startswith("sagemaker:DescribeModel is denied")


async def test_copying_gives_json_that_can_be_read_again(tmp_path: Path) -> None:
    file = tmp_path / "copied.txt"
    async with stage(FLEET, size=(60, 20), terminal=Terminal(clipboard=Clipboard({}, file))) as it:
        it.feed.known_documents["fraud"] = ANSWERS
        await it.press("y")
        await shows(it, "DescribeEndpoint fraud")
        await it.press("c")
        await it.until(file.exists)
        assert json.loads(file.read_text()) == {
            "DescribeEndpoint": {"fraud": {"EndpointName": "fraud", "Novel": {"Member": 1}}},
            "DescribeModel": {"m1": None},
        }


async def test_before_there_is_a_connection_it_says_so() -> None:
    async with stage(first=FLEET, connect=Line([ConnectionError("no"), FakeFeed()])) as it:
        await it.press("y")
        assert any("Not connected to AWS yet" in line for line in it.text)
        await it.press("q", "d")
        assert any("Not connected to AWS yet" in line for line in it.text)
        assert any("team=risk" in line for line in it.text)


async def test_a_fault_of_our_own_does_not_read_for_ever() -> None:
    class Broken(FakeFeed):
        async def documents(self, endpoint: str) -> list[Document]:
            raise ZeroDivisionError(endpoint)

    async with stage(connect=Line([Broken(FLEET)])) as it:
        await it.press("y")
        await shows(it, "ZeroDivisionError('fraud')")


async def test_hostile_answers_stay_text() -> None:
    async with stage(FLEET, size=(60, 30)) as it:
        body = {"Environment": {f"K{number}": text for number, text in enumerate(TEXTS)}}
        it.feed.known_documents["fraud"] = [Document(Described.MODEL, "m\x1b[2J", body)]
        await it.press("y")
        await shows(it, "Environment")
        assert "DescribeModel m\\x1b[2J" in it.text
        assert all(character.isprintable() for line in it.text for character in line)
        assert all(cells(line) <= 60 for line in it.text)


async def test_a_page_hears_what_comes_before_it_stands_and_after_it_has_gone() -> None:
    """A sentence may come while it is opened, and what is read for it when it is closed already."""
    async with stage(FLEET) as it:
        it.app.action_problems()
        it.app.post_message(Said("Nothing was changed."))
        await it.settle()
        await shows(it, "Nothing was changed.")
        page = it.app.screen
        assert isinstance(page, PageScreen)
        await it.press("escape")
        await it.until(lambda: not page.is_attached)
        page.redo()
        page.say("Too late.")
        assert it.names == ["fraud", "geo"]


async def test_what_was_read_in_vain_for_a_closed_page_harms_nobody() -> None:
    async with stage(FLEET) as it:
        may_fail = asyncio.Event()

        async def failing(*_: object, **__: object) -> EndpointDetails:
            await may_fail.wait()
            raise RuntimeError("lost")

        it.feed.details = failing  # type: ignore[method-assign]
        await it.press("d")
        page = it.app.screen
        await it.press("escape")
        await it.until(lambda: not page.is_attached)
        may_fail.set()
        await it.until_quiet()
        assert it.names == ["fraud", "geo"]
