"""Faults that change nothing anybody could see: module -> (fault, line) -> why."""

_FALSY = "None is as false as False is"
_SHORT_CUT = "a short cut: the loop behind it ends with the same answer"
_ONCE = "if settings.max_attempts == 1 or not _again(first, request, settings):"
_LATER = "and not (jvm and _metadata_is_read(adapted, flat[at + 1 :], steps, nominal))"
_IN_THE_RUN = "what stands before is in the run, and reads no metadata"
_ZIPPED = "for step, wanted in zip(steps, _wanted(steps, keep), strict=True):"
_AS_LONG = "both are as long as there are steps"
_BEFORE = "before any run, as 0 is"
_LIMIT = "a limit on what hangs, in seconds"

EQUIVALENT = {
    "planning": {
        ("another operator: at + 1", _LATER): _IN_THE_RUN,
        ("one less: 1", _LATER): _IN_THE_RUN,
        ("returns None: return False", "return False"): _FALSY,
    },
    "fusion": {
        ("left out: strict=True", _ZIPPED): _AS_LONG,
        ("flipped: True", _ZIPPED): _AS_LONG,
        ("removed: settle()", "settle()"): "speed alone; test_settled.py sees it in workers",
        (
            "another text: '.`'",
            'if any(mark in name for name in columns for mark in ".`"):',
        ): "one mark more, of names that are changed on the way and changed back",
    },
    "http/retry": {
        ("returns None: return False", "return False"): _FALSY,
        ("one less: 1", _ONCE): _SHORT_CUT,
        (
            "another operator: settings.max_attempts == 1 or not _again(first, request, settings)",
            _ONCE,
        ): _SHORT_CUT,
    },
    "serving/mailbox": {
        ("one less: 0", "self.run = 0"): _BEFORE,
        ("one less: 0", "item.run = 0"): _BEFORE,
        (
            "removed: del value",
            "del value  # read again from the request, where the query runs",
        ): "says that an argument is not used",
        ("returns None: return offset", "return offset"): "the search by request finds it too",
        ("one less: 0", "offset, item = again[0]"): "a list of one",
        (
            "one less: 0.001",
            "self.timer = self.loop.call_later(max(at, 0.001), self._expire)",
        ): "whoever is late was answered: the oldest has time left",
    },
    "serving/exchange": {
        ("one more: 30.0", "_TIMEOUT = 30.0"): _LIMIT,
        ("one less: 30.0", "_TIMEOUT = 30.0"): _LIMIT,
        (
            "one less: 0",
            "return int(self.server.sockets[0].getsockname()[1])",
        ): "a list of one",
        (
            "another text: ''",
            'if not hmac.compare_digest(str(head.get("secret", "")).encode(), self.secret):',
        ): "no secret is a question mark",
        ("removed: await writer.drain()", "await writer.drain()"): "close writes what is left",
    },
}
