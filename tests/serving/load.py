"""Clients that ask all the time, and what became of each request."""

import contextlib
import http.client
import select
import threading
import time
import urllib.request
from urllib.parse import urlsplit


def post(url, body, timeout=90):
    request = urllib.request.Request(url, body, method="POST")
    with urllib.request.urlopen(request, timeout=timeout) as reply:
        return reply.read()


class Load:
    """Clients that ask without a pause, and what became of each request.

    Each keeps its connection, and no two bodies are the same: a second answer to one request would be
    taken for the answer to the next.
    """

    def __init__(self, url, clients=4, timeout=90):
        self.url, self.timeout, self.ending = urlsplit(url), timeout, threading.Event()
        #: Of each request: what became of it, when it was sent, and how long it took.
        self.outcomes = []
        self.threads = [threading.Thread(target=self.run, args=(n,)) for n in range(clients)]

    def run(self, client):
        link = http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=self.timeout)
        count = 0
        while not self.ending.is_set():
            count += 1
            sent, began = f"{client}-{count}".encode(), time.monotonic()
            try:
                link.request("POST", self.url.path, sent)
                reply = link.getresponse()
                said = reply.read()
                if reply.status == 200:
                    outcome = "answered" if said == sent else "another's answer"
                else:
                    outcome = str(reply.status)
            except (ConnectionError, http.client.HTTPException):
                outcome = "refused or cut"
                link.close()
            except OSError as error:
                outcome = f"other: {error!r}"
                link.close()
            self.outcomes.append((outcome, began, time.monotonic() - began))
            if outcome != "answered":
                time.sleep(0.02)
        if link.sock is not None and select.select([link.sock], [], [], 0.2)[0]:
            with contextlib.suppress(ConnectionError):
                if more := link.sock.recv(100):
                    self.outcomes.append((f"a second answer: {more!r}", began, 0.0))
        link.close()

    @property
    def answered(self):
        return sum(outcome == "answered" for outcome, _, _ in self.outcomes)

    def answered_since(self, moment):
        """Answers to what was sent after a moment."""
        return sum(o == "answered" and began > moment for o, began, _ in self.outcomes)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        for thread in self.threads:
            thread.join()
