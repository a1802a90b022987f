"""What can be done to endpoints, for the screens that show some."""

from collections.abc import Sequence

from textual.screen import Screen

from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.snapshot import EndpointView
from smtop.tui.messages import ActWanted, MuteWanted, RuleWanted, Said
from smtop.tui.view_models.speaking import in_order, proposal
from smtop.tui.view_state import FeedState


class Acting(Screen[None]):
    """Says which endpoints are meant; who plans and applies is elsewhere. Commands raise CommandError."""

    feed_state: FeedState

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

    # What the verdict proposes

    def action_fix(self) -> None:
        """Plans the change of the first finding that has one."""
        views = self.targets()[:1]
        found = [finding for view in views for finding in in_order(view) if finding.muted is None]
        proposed = next((proposal(view) for view in views), None)
        if proposed is not None and proposed.change is not None:
            from smtop.metrics.domain.change import aimed

            self.post_message(ActWanted([views[0].endpoint], changes=[aimed(proposed.change, views[0].key)]))
        elif found and found[0].next:
            self.post_message(Said(f"There is no change to plan for it. {found[0].next}"))
        else:
            self.post_message(Said(f"{self._nothing_wrong}."))

    def action_rule(self, rule: str | None = None) -> None:
        """Opens the page about the rule of the first finding, or the one that is named. Raises CommandError."""
        from smtop.tui.view_models.rule_page import rule_of

        found = [finding.id for view in self.targets()[:1] for finding in in_order(view)]
        if rule is None and not found:
            self.post_message(Said(f"{self._nothing_wrong}; :rule NAME tells about any rule."))
        else:
            self.post_message(RuleWanted(rule_of(rule or found[0]).id))

    @property
    def _nothing_wrong(self) -> str:
        hidden = bool(self.feed_state.drill)
        return "What smtop finds is hidden in a drill" if hidden else "Nothing is known to be wrong with it"

    # What somebody knows of

    def action_ack(self, text: str) -> None:
        """Acknowledges what is found on the endpoints that are meant. Raises CommandError."""
        from smtop.tui.view_models.muting import acknowledgement

        self.post_message(MuteWanted([acknowledgement(text, view) for view in self.targets()]))

    def action_mute(self, text: str) -> None:
        """Mutes a rule, or what is found, on the endpoints that are meant. Raises CommandError."""
        from smtop.tui.view_models.muting import mute

        self.post_message(MuteWanted([mute(text, view) for view in self.targets()]))

    def action_unmute(self) -> None:
        self.post_message(MuteWanted(endpoints=[view.key for view in self.targets()]))

    @property
    def _endpoints(self) -> list[Endpoint]:
        return [view.endpoint for view in self.targets()]

    def _order(self, word: str, text: str | None) -> None:
        """Plans what was typed, or opens the form."""
        from smtop.metrics.actions.allowed import Act
        from smtop.tui.view_models.orders import changes_of

        act, endpoints = Act(word), self._endpoints
        self.post_message(ActWanted(endpoints, act, changes_of(act, text, endpoints) if text else ()))
