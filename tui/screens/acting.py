"""What can be done to endpoints, for the screens that show some."""

from collections.abc import Sequence

from textual.screen import Screen

from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.snapshot import EndpointView
from smtop.tui.messages import ActWanted


class Acting(Screen[None]):
    """Says which endpoints are meant; who plans and applies is elsewhere. Commands raise CommandError."""

    def targets(self) -> Sequence[EndpointView]:
        """The endpoints that are marked, or the one that is pointed at."""
        raise NotImplementedError

    def action_act(self) -> None:
        self.post_message(ActWanted(self._endpoints))

    def action_edit(self) -> None:
        from smtop.tui.view_models.acts import usual

        endpoints = self._endpoints
        self.post_message(ActWanted(endpoints, usual(endpoints[0]) if endpoints else None))

    def action_weights(self, text: str | None = None) -> None:
        self._order("weights", text)

    def action_resize(self, text: str | None = None) -> None:
        self._order("resize", text)

    def action_serverless(self, text: str | None = None) -> None:
        self._order("serverless", text)

    def action_scaling(self, text: str | None = None) -> None:
        self._order("scaling", text)

    def action_update(self, text: str | None = None) -> None:
        self._order("update", text)

    def action_rollback(self, text: str | None = None) -> None:
        self._order("rollback", text)

    def action_invoke(self, text: str | None = None) -> None:
        self._order("invoke", text)

    def action_delete(self, text: str | None = None) -> None:
        self._order("delete", text)

    @property
    def _endpoints(self) -> list[Endpoint]:
        return [view.endpoint for view in self.targets()]

    def _order(self, word: str, text: str | None) -> None:
        """Plans what was typed, or opens the form."""
        from smtop.metrics.actions.allowed import Act
        from smtop.tui.view_models.orders import changes_of

        act, endpoints = Act(word), self._endpoints
        self.post_message(ActWanted(endpoints, act, changes_of(act, text, endpoints) if text else ()))
