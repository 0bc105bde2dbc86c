"""Faults that change nothing anybody could see: module -> (fault, line) -> why."""

_FALSY = "None is as false as False is"
_SHORT_CUT = "a short cut: the loop behind it ends with the same answer"
_ONCE = "if settings.max_attempts == 1 or not _again(first, request, settings):"

EQUIVALENT = {
    "http/retry": {
        ("returns None: return False", "return False"): _FALSY,
        ("one less: 1", _ONCE): _SHORT_CUT,
    },
}
