"""Settings: where smtop keeps its files, and what the configuration file and the command line say."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from platformdirs import PlatformDirs

from smtop.metrics.domain.endpoint import ACCOUNT_COLORS, Account
from smtop.metrics.errors import ConfigError

if TYPE_CHECKING:  # what the first paint can do without is imported when it is asked for
    from smtop.metrics.domain.catalogue import Catalogue
    from smtop.metrics.domain.overrides import Override

_LONGEST_NAME = 255
"""Of a metric, a namespace or a dimension in CloudWatch."""


class Directories(NamedTuple):
    """Folders of this user's smtop; each is made (mode 0700) when something is first written there."""

    config: Path
    state: Path
    cache: Path
    data: Path


THEMES = ("auto", "dark", "light", "dark-safe", "light-safe", "terminal")
_KNOWN = {
    *("profile", "region", "max_usd_per_hour", "sweep", "baselines", "theme", "mouse"),
    *("accounts", "profiles", "catalogue", "keys", "rules", "notify", "views", "start_view"),
}
WRITES = ("ask", "never")
"""Whether an account or profile may be changed: when the operator opens the gate, or not at all."""


class Notify(NamedTuple):
    """How new criticals are told beyond the screen: nothing by default. `webhook` is an address, and a secret."""

    bell: bool = False
    osc9: bool = False
    webhook: str | None = None

    @property
    def is_on(self) -> bool:
        return self.bell or self.osc9 or self.webhook is not None


class SavedView(NamedTuple):
    """A way to look at the fleet that has a name: the filter in the grammar of `/`, and what else differs."""

    filter: str = ""
    view: str | None = None
    sort: str | None = None
    attention: bool = False


class Settings(NamedTuple):
    """What one run of smtop was asked to do.

    `profile` and `region` are where it looks; where several were named, `profiles` and `regions` have them all, and
    `smtop.metrics.spread` the settings of each place. `accounts` says what is known of accounts, by their number.
    `read_only_profiles` are profiles with which nothing may ever be changed. `theme` is one of THEMES. Without `mouse`
    the terminal keeps it, and its own way of selecting text. `max_usd_per_hour` bounds what polling may cost, None is
    no bound; `profile_budgets` and `account_budgets` have one of their own. `metrics_from` names, by profile, the
    profile of the monitoring account through which CloudWatch is asked. With `sweep` large fleets are swept by Metrics
    Insights. Without `baselines` it is not learned what is usual.
    `own_catalogue` is what CloudWatch is asked for, by the names that the configuration file gives, if it gives any.
    `keys` are the keys that `file`, the configuration file, gives to actions; the screen knows what they mean. `rules`
    is what it says of rules and their thresholds, which the rules know. `views` are named ways to look at the fleet, of
    which `start_view` is the one that smtop begins with.
    """

    directories: Directories
    profile: str | None = None
    region: str | None = None
    profiles: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    accounts: Mapping[str, Account] = MappingProxyType({})
    read_only_profiles: frozenset[str] = frozenset()
    theme: str = "auto"
    mouse: bool = True
    max_usd_per_hour: float | None = None
    profile_budgets: Mapping[str, float] = MappingProxyType({})
    account_budgets: Mapping[str, float] = MappingProxyType({})
    metrics_from: Mapping[str, str] = MappingProxyType({})
    sweep: bool = False
    baselines: bool = True
    own_catalogue: "Catalogue | None" = None
    keys: Mapping[str, Sequence[str]] = MappingProxyType({})
    rules: Mapping[str, Any] = MappingProxyType({})
    notify: Notify = Notify()
    views: Mapping[str, SavedView] = MappingProxyType({})
    start_view: str | None = None
    file: Path | None = None

    @property
    def is_spread(self) -> bool:
        """Whether several profiles or regions were named."""
        return len(self.profiles) > 1 or len(self.regions) > 1

    @property
    def profile_name(self) -> str:
        """The profile by the name that the configuration knows it by."""
        return self.profile or os.environ.get("AWS_PROFILE") or "default"

    @property
    def monitoring_profile(self) -> str | None:
        """With which profile CloudWatch is asked; None where it is this one."""
        return self.metrics_from.get(self.profile_name)

    @property
    def catalogue(self) -> "Catalogue":
        """What CloudWatch is asked for."""
        from smtop.metrics.domain.catalogue import STANDARD

        return self.own_catalogue or STANDARD


def user_directories() -> Directories:
    """The XDG folders, or the platform's own where XDG variables are not set."""
    dirs = PlatformDirs("smtop", appauthor=False)
    return Directories(
        config=_xdg("XDG_CONFIG_HOME", dirs.user_config_path),
        state=_xdg("XDG_STATE_HOME", dirs.user_state_path),
        cache=_xdg("XDG_CACHE_HOME", dirs.user_cache_path),
        data=_xdg("XDG_DATA_HOME", dirs.user_data_path),
    )


def _xdg(variable: str, default: Path) -> Path:
    value = os.environ.get(variable, "")
    return Path(value) / "smtop" if value.startswith("/") else default


def load_settings(
    file: Path | None = None,
    *,
    directories: Directories | None = None,
    profiles: Sequence[str] = (),
    regions: Sequence[str] = (),
    max_usd_per_hour: float | None = None,
    sweep: bool = False,
    mouse: bool = True,
) -> Settings:
    """Settings from the configuration file and the command line; the latter wins. Its bound is the only one.

    Raises ConfigError, naming file and key, for a file that cannot be read or says what smtop does not know. A file
    that was named must exist; the default one need not.
    """
    folders = directories or user_directories()
    path = file or folders.config / "config.toml"
    table = _read(path, required=file is not None)
    _refuse_unknown(path, table, _KNOWN, "")
    all_profiles, all_regions = (
        tuple(dict.fromkeys(said or _texts(path, table, key)))
        for said, key in ((profiles, "profile"), (regions, "region"))
    )
    known_accounts = _accounts(path, table.get("accounts", {}))
    known_profiles = _profiles(path, table.get("profiles", {}))
    return Settings(
        directories=folders,
        profile=next(iter(all_profiles), None),
        region=next(iter(all_regions), None),
        profiles=all_profiles,
        regions=all_regions,
        accounts={number: _account(path, number, entry) for number, entry in known_accounts.items()},
        read_only_profiles=_read_only_profiles(path, known_profiles),
        profile_budgets=_budgets(path, "profiles", known_profiles) if max_usd_per_hour is None else {},
        account_budgets=_budgets(path, "accounts", known_accounts) if max_usd_per_hour is None else {},
        metrics_from=_metrics_from(path, known_profiles),
        theme=_choice(path, table, "theme", THEMES) or "auto",
        mouse=mouse and _flag(path, table, "mouse", default=True),
        max_usd_per_hour=max_usd_per_hour if max_usd_per_hour is not None else _amount(path, table),
        sweep=sweep or _flag(path, table, "sweep"),
        baselines=_flag(path, table, "baselines", default=True),
        own_catalogue=_own_catalogue(path, table.get("catalogue", {})),
        keys=_keys(path, table.get("keys", {})),
        rules=_rules(path, table.get("rules", {})),
        notify=_notify(path, table.get("notify", {})),
        views=_views(path, table.get("views", {})),
        start_view=_start_view(path, table, _text(path, table, "start_view")),
        file=path,
    )


def _read(path: Path, *, required: bool) -> dict[str, Any]:
    try:
        return _parsed(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if required:
            raise ConfigError(f"The configuration file {path} does not exist.") from None
        return {}
    except (OSError, ValueError) as error:  # text and TOML that are none are ValueErrors
        raise ConfigError(f"The configuration file {path} cannot be read: {error}.") from error


def _parsed(text: str) -> dict[str, Any]:
    import tomllib

    return tomllib.loads(text)


def _refuse_unknown(path: Path, table: Mapping[str, Any], known: set[str], prefix: str) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        raise ConfigError(f"{path}: unknown key {prefix}{unknown[0]}. Known: {', '.join(sorted(known))}.")


def _text(path: Path, table: Mapping[str, Any], key: str) -> str | None:
    value = table.get(key)
    if value is not None and not isinstance(value, str):
        raise ConfigError(f"{path}: {key} must be a text.")
    return value


def _texts(path: Path, table: Mapping[str, Any], key: str) -> Sequence[str]:
    """A text, or a list of them."""
    value = table.get(key, [])
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) and text for text in texts):
        raise ConfigError(f"{path}: {key} must be a text or a list of texts.")
    return texts


def _choice(path: Path, table: Mapping[str, Any], key: str, choices: Sequence[str], prefix: str = "") -> str | None:
    value = table.get(key)
    if value is not None and value not in choices:
        raise ConfigError(f"{path}: {prefix}{key} must be one of {', '.join(choices)}.")
    return value


def _flag(path: Path, table: Mapping[str, Any], key: str, *, default: bool = False) -> bool:
    value = table.get(key, default)
    if not isinstance(value, bool):
        raise ConfigError(f"{path}: {key} must be true or false.")
    return value


def _amount(path: Path, table: Mapping[str, Any], prefix: str = "") -> float | None:
    value = table.get("max_usd_per_hour")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise ConfigError(f"{path}: {prefix}max_usd_per_hour must be a number above 0.")
    return float(value)


def _accounts(path: Path, accounts: object) -> Mapping[str, Mapping[str, Any]]:
    if not isinstance(accounts, dict):
        raise ConfigError(f'{path}: accounts must be tables, like [accounts."123456789012"].')
    for number, entry in accounts.items():
        if not isinstance(entry, dict):
            raise ConfigError(f'{path}: accounts.{number} must be a table, like [accounts."{number}"].')
        _refuse_unknown(path, entry, {"label", "kind", "color", "write", "max_usd_per_hour"}, f"accounts.{number}.")
    return accounts


def _account(path: Path, number: str, entry: Mapping[str, Any]) -> Account:
    prefix = f"accounts.{number}."
    color = _choice(path, entry, "color", ACCOUNT_COLORS, prefix)
    may_write = _choice(path, entry, "write", WRITES, prefix) != "never"
    return Account(_text(path, entry, "label") or None, _text(path, entry, "kind") or None, color, may_write)


def _profiles(path: Path, profiles: object) -> Mapping[str, Mapping[str, Any]]:
    if not isinstance(profiles, dict) or not all(isinstance(entry, dict) for entry in profiles.values()):
        raise ConfigError(f"{path}: profiles must be tables, like [profiles.audit].")
    for name, entry in profiles.items():
        _refuse_unknown(path, entry, {"write", "max_usd_per_hour", "metrics_from"}, f"profiles.{name}.")
    return profiles


def _budgets(path: Path, key: str, entries: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """The amounts of those that have one of their own: profiles or accounts."""
    amounts = {name: _amount(path, entry, f"{key}.{name}.") for name, entry in entries.items()}
    return {name: amount for name, amount in amounts.items() if amount is not None}


def _metrics_from(path: Path, profiles: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    told = {name: entry["metrics_from"] for name, entry in profiles.items() if "metrics_from" in entry}
    for name, other in told.items():
        if not isinstance(other, str) or not other or other == name:
            raise ConfigError(
                f"{path}: profiles.{name}.metrics_from must name another profile, that of the monitoring account."
            )
    return told


def _read_only_profiles(path: Path, profiles: Mapping[str, Mapping[str, Any]]) -> frozenset[str]:
    choices = {name: _choice(path, entry, "write", WRITES, f"profiles.{name}.") for name, entry in profiles.items()}
    return frozenset(name for name, choice in choices.items() if choice == "never")


def _keys(path: Path, entries: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(entries, dict):
        raise ConfigError(f'{path}: keys must be a table, like [keys] with pause = "z".')
    return {action: _key_names(path, action, keys) for action, keys in entries.items()}


def _notify(path: Path, entry: object) -> Notify:
    if not isinstance(entry, dict):
        raise ConfigError(f"{path}: notify must be a table, like [notify].")
    _refuse_unknown(path, entry, {"bell", "osc9", "webhook"}, "notify.")
    webhook = _text(path, entry, "webhook")
    if webhook and not _is_safe(webhook):
        raise ConfigError(f"{path}: notify.webhook must be an address that begins with https://.")
    return Notify(_flag(path, entry, "bell"), _flag(path, entry, "osc9"), webhook or None)


def _is_safe(url: str) -> bool:
    """Whether what is sent there can be read by nobody on the way: https, or http on this machine."""
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    local = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")
    return bool(parts.hostname) and (parts.scheme == "https" or local)


def _views(path: Path, entries: object) -> dict[str, SavedView]:
    if not isinstance(entries, dict):
        raise ConfigError(f"{path}: views must be tables, like [views.ads].")
    return {name: _view(path, name, entry) for name, entry in entries.items()}


def _view(path: Path, name: str, entry: object) -> SavedView:
    prefix = f"views.{name}."
    if not isinstance(entry, dict):
        raise ConfigError(f"{path}: views.{name} must be a table, like [views.{name}].")
    _refuse_unknown(path, entry, {"filter", "view", "sort", "attention"}, prefix)
    told = {key: _text(path, entry, key) for key in ("filter", "view", "sort")}
    return SavedView(told["filter"] or "", told["view"], told["sort"], _flag(path, entry, "attention"))


def beginning_with(settings: Settings, view: str) -> Settings:
    """The same settings with another view to begin with. Raises ConfigError where there is none of this name."""
    path = settings.file or settings.directories.config
    return settings._replace(start_view=_start_view(path, {"views": settings.views}, view))


def _start_view(path: Path, table: Mapping[str, Any], name: str | None) -> str | None:
    views = table.get("views", {})
    if name is not None and name not in views:
        known = f" Known: {', '.join(views)}." if views else ""
        raise ConfigError(f"There is no view {name} in {path}: write one as [views.{name}].{known}")
    return name


def _rules(path: Path, entries: object) -> dict[str, Any]:
    if not isinstance(entries, dict):
        raise ConfigError(f"{path}: rules must be a table, like [rules].")
    return entries


def _key_names(path: Path, action: str, keys: object) -> tuple[str, ...]:
    names = [keys] if isinstance(keys, str) else keys
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise ConfigError(f'{path}: keys.{action} must be a key or a list of keys, like "z" or ["z", "f8"].')
    return tuple(names)


def _own_catalogue(path: Path, entries: object) -> "Catalogue | None":
    if not isinstance(entries, dict):
        raise ConfigError(f"{path}: catalogue must be tables, like [catalogue.InvocationsProcessed].")
    if not entries:
        return None
    from smtop.metrics.domain.overrides import overridden

    overrides = {key: _override(path, key, entry) for key, entry in entries.items()}
    try:
        return overridden(overrides)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def _override(path: Path, key: str, entry: object) -> "Override":
    from smtop.metrics.domain.overrides import Override

    prefix = f"catalogue.{key}"
    if not isinstance(entry, dict):
        raise ConfigError(f"{path}: {prefix} must be a table, like [{prefix}].")
    _refuse_unknown(path, entry, {"name", "namespace", "dimensions"}, f"{prefix}.")
    dimensions = entry.get("dimensions", {})
    if not isinstance(dimensions, dict):
        raise ConfigError(f'{path}: {prefix}.dimensions must be a table, like {{ VariantName = "Variant" }}.')
    return Override(
        _name(path, entry, "name", prefix),
        _name(path, entry, "namespace", prefix),
        {own: _name(path, dimensions, own, f"{prefix}.dimensions") or own for own in dimensions},
    )


def _name(path: Path, table: Mapping[str, Any], key: str, prefix: str) -> str | None:
    """A name in CloudWatch."""
    value = table.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_NAME:
        raise ConfigError(f"{path}: {prefix}.{key} must be a text of 1 to {_LONGEST_NAME} characters.")
    return value
