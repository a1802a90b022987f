"""Whoever sits in front of the screen: keys by chance through the table of actions, and changes all the while."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from textual import events
from textual.keys import _character_to_key

from smtop.metrics.domain.change import Bounds, Change, Delete, Resize, Rollback, Suspend, Undo, Weights
from smtop.metrics.domain.endpoint import IN_SERVICE, Endpoint, Variant
from smtop.metrics.errors import SmtopError
from smtop.tui.app import SmtopApp
from smtop.tui.desk import view_of
from smtop.tui.keymap import Action, Scope, of_view

_NEVER: Final = frozenset({"q", "f10", "ctrl+c", "ctrl+q", "ctrl+z"})
"""Keys that would end or suspend the app; where they only close something, escape does so too."""

_LINES: Final = (
    *("sort traffic", "fleet", "problems", "changes", "watch", "interval 1m", "view-serverless", "muted", "help"),
    *("filter prod", "filter", "range 1h", "range 3h", "export csv", "export json", "theme dark", "theme light"),
    *("resize count=2", "resize count=3", "weights AllTraffic=1", "scaling min=1 max=6", "rollback", "write 8h"),
    *("ack seen", "mute 1h noise", "unmute", "nonsense", "undo", "serverless max-concurrency=30", "refresh"),
)
_TYPED: Final = ("a", "e", "r", "1", "backspace", "enter", "enter", "escape")
_LINE_SHARE: Final = 0.06
_GATE_S: Final = 8 * 3600.0
_REOPEN_S: Final = 1800.0


class Keys:
    """Presses one key after the other; which ones is decided by chance and by the view in front."""

    def __init__(self, app: SmtopApp, rng: random.Random) -> None:
        self._app = app
        self._rng = rng
        self.pressed = 0
        self.actions: Counter[str] = Counter()

    async def press_until(self, is_over: Callable[[], bool], pause_s: float) -> None:
        """Goes on until it is over, or the app is."""
        while not is_over() and self._app.is_running:
            await self.press()
            await asyncio.sleep(pause_s)

    async def press(self) -> None:
        """One key, or a whole line."""
        for key in self._next():
            self.pressed += 1
            _send(self._app, key)
            await asyncio.sleep(0)

    def _next(self) -> Sequence[str]:
        if self._app.screen.focused is not None:
            return [self._rng.choice(_TYPED)]
        if self._rng.random() < _LINE_SHARE:
            line = self._rng.choice(_LINES)
            return [":", *("space" if one == " " else one for one in line), "enter"]
        action, key = self._rng.choice(list(_keyed(view_of(self._app.screen))))
        self.actions[action.id] += 1
        return [key]


def _send(app: SmtopApp, key: str) -> None:
    """As the pilot does it, which would then wait until nothing works: here something always does."""
    name = _character_to_key(key) if len(key) == 1 and not key.isalnum() else key
    character = key if len(key) == 1 else _TEXTS.get(key)
    event = events.Key(name, character)
    event.set_sender(app)
    assert app._driver is not None
    app._driver.send_message(event)


_TEXTS: Final = {"space": " ", "enter": "\r", "tab": "\t", "escape": "\x1b", "backspace": "\x7f"}


def _keyed(view: Scope) -> Iterator[tuple[Action, str]]:
    for action in of_view(view):
        if action.scope is not Scope.ALWAYS:
            yield from ((action, key) for key in action.keys if key not in _NEVER)


class Operator:
    """Changes endpoints by chance, through the port that the dialogs use: planned, written down, sent, followed."""

    def __init__(self, app: SmtopApp, rng: random.Random) -> None:
        self._app = app
        self._rng = rng
        self._under_way: set[asyncio.Task[None]] = set()

    async def change_until(self, is_over: Callable[[], bool], pause_s: float, at_once: int = 6) -> None:
        """Begins a change every so often, and waits for the last of them no longer than it takes to look away."""
        while not is_over() and self._app.is_running:
            if len(self._under_way) < at_once:
                task = asyncio.ensure_future(self._change())
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)
            await asyncio.sleep(pause_s)

    async def settle(self, patience_s: float) -> None:
        """Waits for what is under way; whatever takes longer goes on without anybody who looks."""
        if self._under_way:
            await asyncio.wait(list(self._under_way), timeout=patience_s)
        left = list(self._under_way)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _change(self) -> None:
        feed, change = self._app._follower.feed, self._choice()
        if feed is None or change is None:
            return
        try:
            if (await feed.changes.leave()).left_s < _REOPEN_S:
                await feed.changes.open(_GATE_S)
            plan = await feed.changes.plan(change)
            if plan.blockers:
                return
            async for _ in feed.changes.apply(plan):
                pass
        except SmtopError:
            pass  # refused, denied, or not to be reached: the journal is looked at afterwards

    def _choice(self) -> Change | None:
        snapshot = self._app._newest
        described = [view.endpoint for view in snapshot.endpoints if view.endpoint.described] if snapshot else []
        steady = [endpoint for endpoint in described if endpoint.status == IN_SERVICE]
        wish = self._rng.random()
        if wish < _UNDO_SHARE:
            return Undo(None)
        return _change_of(self._rng.choice(steady), wish, self._rng) if steady else None


_UNDO_SHARE: Final = 0.1
_DELETE_SHARE: Final = 0.03
_ROLLBACK_SHARE: Final = 0.03


def _change_of(endpoint: Endpoint, wish: float, rng: random.Random) -> Change:
    """Something that an endpoint of its kind can bear."""
    own = [variant for variant in endpoint.variants if not variant.shadow]
    if wish < _UNDO_SHARE + _DELETE_SHARE:
        return Delete(endpoint.name)
    if not own or wish > 1.0 - _ROLLBACK_SHARE:
        return Rollback(endpoint.name)
    if len(own) > 1 and wish < 0.6:
        return Weights(endpoint.name, {one.name: float(rng.randint(1, 9)) for one in own})
    if endpoint.components and wish < 0.5:
        return Resize(endpoint.name, component=rng.choice(endpoint.components).name, copies=rng.randint(1, 4))
    return _capacity_of(endpoint.name, rng.choice(own), wish, rng)


def _capacity_of(endpoint: str, variant: Variant, wish: float, rng: random.Random) -> Change:
    if variant.serverless is not None:
        return Resize(endpoint, variant.name, max_concurrency=rng.randint(5, 60))
    if wish < 0.75:
        return Resize(endpoint, variant.name, count=rng.randint(1, 5))
    if wish < 0.9:
        least = rng.randint(1, 2)
        return Bounds(endpoint, variant.name, None, least, least + rng.randint(1, 4))
    return Suspend(endpoint, variant.name, what=("in",), resume=rng.random() < 0.5)
