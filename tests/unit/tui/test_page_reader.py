"""What the page of an endpoint and the inspector ask for, when they ask faster than anything can begin."""

import gc
from typing import Any, cast

import pytest
from textual.app import App

from smtop.tui.messages import KnownWanted
from smtop.tui.page_reader import PageReader


class Feedless:
    """A follower that is not connected."""

    feed = None


@pytest.mark.filterwarnings("error")
async def test_a_look_up_that_gives_way_before_it_began_leaves_nothing_unawaited() -> None:
    app: App[None] = App()
    nobody = cast("Any", None)
    async with app.run_test() as pilot:
        reader = PageReader(app, cast("Any", Feedless()), nobody, nobody, lambda: None)
        reader.read(KnownWanted("fraud"))
        reader.read(KnownWanted("chat"))
        await pilot.pause()
        assert [worker.is_finished for worker in app.workers] == [True] * len(app.workers)
        gc.collect()
