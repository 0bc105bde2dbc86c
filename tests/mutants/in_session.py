"""Mutants of a module that needs a Spark session: one session for all of them."""

import signal

import pytest
from _pytest.runner import runtestprotocol


class InSession:
    """A pytest plugin: it runs what was collected again and again, each time on another mutant.

    The module's own namespace is filled anew for each: that is enough where others use what is in it
    as ``module.name``, and no classes of it live on elsewhere.
    """

    def __init__(self, module, trees, limit=600):
        self.module, self.trees, self.limit = module, trees, limit
        self.verdicts, self.at = [], None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        signal.signal(signal.SIGALRM, self._late)
        for tree in self.trees:
            self.verdicts.append(self._verdict(tree, session.items))
            print(self.verdicts[-1], end=" ", flush=True)
            if self.verdicts[0] != "survived":
                break
        return True

    def _verdict(self, tree, items):
        signal.alarm(self.limit)
        try:
            exec(compile(tree, self.module.__file__, "exec"), self.module.__dict__)
            for item in items:
                item._initrequest()
                # The next one is always of the same session, so that its fixtures stay.
                later = items[(items.index(item) + 1) % len(items)]
                if any(r.failed for r in runtestprotocol(item, nextitem=later, log=False)):
                    self.at = item.nodeid
                    return "killed"
        except TimeoutError:
            return "timeout"
        except Exception:  # it can't even be filled
            return "killed"
        finally:
            signal.alarm(0)
        return "survived"

    @staticmethod
    def _late(number, frame):
        raise TimeoutError("a mutant takes too long")
