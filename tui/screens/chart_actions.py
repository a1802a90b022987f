"""The keys of the charts."""

from smtop.tui.screens.metrics import MetricsPane


class ChartActions:
    """The actions of the charts, for the screen that has a pane of them."""

    metrics: MetricsPane

    def action_range(self, short: str | None = None) -> None:
        self.metrics.choose_range(short)

    def action_compare(self) -> None:
        self.metrics.compare()

    def action_choose(self, place: int) -> None:
        self.metrics.choose(place)

    def action_step(self, points: int) -> None:
        self.metrics.step(points)

    def action_seek(self, text: str | None = None) -> None:
        """Goes to a time, or lets it be typed. Raises SeekError."""
        if text is None:
            self.metrics.ask_for_time()
        else:
            self.metrics.go_to(text)

    def action_by_variant(self) -> None:
        self.metrics.split()

    def action_utc(self) -> None:
        self.metrics.turn_utc()

    def action_zoom(self) -> None:
        self.metrics.zoom()

    def action_scroll(self, rows: int) -> None:
        self.metrics.scroll_charts(rows)
