"""Has findings muted, and says what came of it."""

from collections.abc import Sequence

from textual.app import App

from smtop.metrics.errors import SmtopError
from smtop.tui.follower import Follower
from smtop.tui.teller import Teller
from smtop.tui.view_models.muting import Muting

_OFFLINE = "Not connected to AWS yet: nothing can be muted."


class Muter:
    """Writes nothing by itself: the feed keeps the operator's word."""

    def __init__(self, app: App[None], follower: Follower, teller: Teller) -> None:
        self._app = app
        self._follower = follower
        self._teller = teller

    def mute(self, wanted: Sequence[Muting]) -> None:
        self._app.run_worker(self._mute(wanted), exit_on_error=False, group="mute", description="mute findings")

    def unmute(self, endpoints: Sequence[str]) -> None:
        self._app.run_worker(self._unmute(endpoints), exit_on_error=False, group="mute", description="lift mutes")

    async def _mute(self, wanted: Sequence[Muting]) -> None:
        feed = self._follower.feed
        if feed is None:
            self._teller.say(_OFFLINE)
            return
        try:
            for one in wanted:
                for rule in one.rules:
                    await feed.mute(one.endpoint, rule, one.reason, one.seconds, until_over=one.until_over)
        except SmtopError as error:
            self._teller.say(str(error))
            return
        rules = ", ".join(dict.fromkeys(rule for one in wanted for rule in one.rules))
        ends = " or until it is over" if wanted[0].until_over else ""
        self._teller.say(f"{rules}: quiet for {_words(wanted[0].seconds)}{ends}; :unmute lifts it.")

    async def _unmute(self, endpoints: Sequence[str]) -> None:
        feed = self._follower.feed
        if feed is None:
            self._teller.say(_OFFLINE)
            return
        try:
            lifted = [name for name in endpoints if await feed.unmute(name)]
        except SmtopError as error:
            self._teller.say(str(error))
            return
        self._teller.say(f"Counts again: {', '.join(lifted)}." if lifted else "Nothing was muted there.")


def _words(seconds: float) -> str:
    unit, size = next((unit, size) for unit, size in (("d", 86_400), ("h", 3600), ("m", 60)) if seconds % size == 0)
    return f"{seconds / size:.0f}{unit}"
