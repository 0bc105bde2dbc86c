"""A page of the deck, quoted: its code as printed, what is changed in it and why, and a run of it."""


def run(printed, changes, names):
    """Run a page's code in a namespace, each change made once; returns the namespace.

    A change that the page does not ask for is an error: the list in a test is all there is.
    """
    for old, new in changes:
        assert printed.count(old) == 1, f"{old!r}: {printed.count(old)} times on the page"
        printed = printed.replace(old, new)
    exec(compile(printed, "page of the deck", "exec"), names)
    return names
