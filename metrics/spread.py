"""Several profiles in several regions: the settings of each place, and what each may spend."""

from collections.abc import Iterator

from smtop.metrics.config import Settings


def places(settings: Settings) -> tuple[Settings, ...]:
    """The settings of every profile in every region; where nothing was named, of the one place that the shell names.

    A budget is for all places together, in equal shares; that of a profile for its regions.
    """
    return tuple(_with_budget(settings, one) for one in _each(settings))


def _each(settings: Settings) -> Iterator[Settings]:
    for profile in settings.profiles or (settings.profile,):
        for region in settings.regions or (settings.region,):
            yield settings._replace(profile=profile, region=region, profiles=(), regions=())


def _with_budget(settings: Settings, one: Settings) -> Settings:
    regions = max(len(settings.regions), 1)
    own = settings.profile_budgets.get(one.profile_name)
    if own is not None:
        return one._replace(max_usd_per_hour=own / regions)
    if settings.max_usd_per_hour is None:
        return one
    sharers = sum(other.profile_name not in settings.profile_budgets for other in _each(settings))
    return one._replace(max_usd_per_hour=settings.max_usd_per_hour / sharers)
