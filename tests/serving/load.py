"""Clients that ask all the time, and what became of each request."""

import http.client
import threading
import time
import urllib.error
import urllib.request


def post(url, body, timeout=90):
    request = urllib.request.Request(url, body, method="POST")
    with urllib.request.urlopen(request, timeout=timeout) as reply:
        return reply.read()


class Load:
    """Clients that ask without a pause, and what became of each request."""

    def __init__(self, url, clients=4):
        self.url, self.ending, self.outcomes = url, threading.Event(), []
        self.threads = [threading.Thread(target=self.run, args=(n,)) for n in range(clients)]

    def run(self, client):
        count = 0
        while not self.ending.is_set():
            count += 1
            sent, began = f"{client}-{count}".encode(), time.monotonic()
            try:
                outcome = "answered" if post(self.url, sent) == sent else "another's answer"
            except urllib.error.HTTPError as error:
                outcome = str(error.code)
            except (ConnectionError, http.client.HTTPException):
                outcome = "refused or cut"
            except urllib.error.URLError as error:
                cut = isinstance(error.reason, ConnectionError)
                outcome = "refused or cut" if cut else f"other: {error}"
            self.outcomes.append((outcome, time.monotonic() - began))
            if outcome != "answered":
                time.sleep(0.02)

    @property
    def answered(self):
        return sum(outcome == "answered" for outcome, _ in self.outcomes)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        for thread in self.threads:
            thread.join()
