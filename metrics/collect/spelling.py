"""Names of inference components as CloudWatch spells them: in its dimension the case may differ from SageMaker's."""

from collections import defaultdict
from collections.abc import Iterable


def spellings(components: Iterable[str], listed: Iterable[str]) -> dict[str, str]:
    """CloudWatch's spelling of components that it lists in another case only.

    Nothing is guessed: a name that fits several components, or is another component's own, is nobody's other spelling.
    """
    own, there = set(components), set(listed)
    missing, unclaimed = _folded(own - there), _folded(there - own)
    return {
        names[0]: unclaimed[folded][0] for folded, names in missing.items() if len(names) == len(unclaimed[folded]) == 1
    }


def _folded(names: Iterable[str]) -> defaultdict[str, list[str]]:
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for name in names:
        groups[name.casefold()].append(name)
    return groups
