"""Which failures may be asked again: botocore's own judgement, whose parts are no documented interface."""

from typing import Any

try:
    from botocore.retries import standard
except ImportError:  # nothing is sent again then
    standard = None


class Repeats:
    """botocore's checks of failures. `missing` says what of them this botocore does not have; None where all is there.

    Without them no call is sent again: the next poll asks anyway, and a change must not be made twice.
    """

    def __init__(self) -> None:
        self.missing: str | None = None
        try:
            self._contexts = standard.RetryEventAdapter()
            self._was_too_much = standard.ThrottledRetryableChecker()
            self._can_be_repeated = standard.OrRetryChecker(
                [
                    standard.TransientRetryableChecker(),
                    standard.ThrottledRetryableChecker(),
                    standard.ModeledRetryableChecker(),
                ]
            )
        except (AttributeError, TypeError) as error:
            self.missing = f"botocore.retries.standard: {error}"

    def may_follow(self, changing: bool, event: dict[str, Any]) -> bool:
        """Whether the call that this `needs-retry` event is about may be sent again; `changing` only if it was too
        many."""
        if self.missing is not None:
            return False
        try:
            failure = self._contexts.create_retry_context(**event)
            return bool((self._was_too_much if changing else self._can_be_repeated).is_retryable(failure))
        except (AttributeError, LookupError, TypeError) as error:
            self.missing = f"botocore.retries.standard: {error}"
            return False
