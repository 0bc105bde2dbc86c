"""Processes of a cluster on this machine are killed while a service is asked. Reads Linux's /proc."""

import os
import signal
import time
from pathlib import Path

from load import Load
from processes import wait_for

DEADLINE = 40
# The bound. It is the one time that is asserted: a service that stays away is what is tested.
BACK_WITHIN = 15.0


def processes():
    """Processes below this one: the parent and the command line of each that lives."""
    known = {}
    for each in Path("/proc").iterdir():
        if each.name.isdigit():
            try:
                state = (each / "stat").read_text().rpartition(")")[2].split()
                line = (each / "cmdline").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if state[0] != "Z":
                known[int(each.name)] = int(state[1]), line
    found, last = {}, {os.getpid()}
    while last:
        last = {pid for pid, (over, _) in known.items() if over in last} - set(found)
        found |= {pid: known[pid] for pid in last}
    return found


def executor_of(pid):
    """The JVM above a Python worker."""
    known = processes()
    while pid in known and "ExecutorBackend" not in known[pid][1]:
        pid = known[pid][0]
    return pid


def workers():
    """Python workers of executors, without the daemons that fork them."""
    known = processes()

    def above(pid):
        over = known[pid][0]
        return known.get(over, (0, ""))

    def forked(pid):
        over, line = above(pid)
        in_executor = "ExecutorBackend" in known.get(over, (0, ""))[1]
        return "pyspark.daemon" in line and in_executor

    return [p for p, (_, line) in known.items() if "pyspark.daemon" in line and forked(p)]


def front(query):
    return query._control.progress()[0]["pid"]


def kill(pids):
    """Kill, and wait until nothing is left of them; returns when that was."""
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    assert wait_for(lambda: not set(pids) & set(processes()), 10)
    return time.monotonic()


def survives(spark, mode):
    """Kill a worker and an executor under load: each request is answered, or cut at once."""
    frame = getattr(spark.readStream, mode)().address("127.0.0.1", 0, "text")
    frame = frame.option("requestDeadline", DEADLINE).load().parseRequest("string")
    query = frame.makeReply("value").writeStream.server().replyTo("text").start()
    in_driver = mode == "server"
    try:
        with Load(query.address, clients=4) as load:
            for what in ("worker", "executor"):
                assert wait_for(lambda: load.answered > 5, 60), load.outcomes[-5:]
                if in_driver:  # those that compute: all workers, or an executor that has some
                    assert wait_for(workers, 20)
                    killed = workers() if what == "worker" else [executor_of(workers()[0])]
                else:
                    killed = [front(query)]
                    killed = killed if what == "worker" else [executor_of(killed[0])]
                moment = kill(killed)
                assert wait_for(lambda at=moment: load.answered_since(at) > 0, 60), load.outcomes[
                    -5:
                ]
                away = time.monotonic() - moment
                print(f"{mode}: answers {away:.1f} s after a {what} was killed")
                assert away < BACK_WITHIN
                until = load.answered_since(moment) + 20
                assert wait_for(lambda n=until, at=moment: load.answered_since(at) > n, 60)
    finally:
        query.stop()
    kinds = {outcome for outcome, _, _ in load.outcomes}
    # Only a process that held the socket may cut a connection.
    assert kinds <= {"answered", "503"} | (set() if in_driver else {"refused or cut"}), kinds
    longest = max(took for _, _, took in load.outcomes)
    print(f"{mode}: {len(load.outcomes)} requests, {kinds}, the longest took {longest:.1f} s")
    assert longest < DEADLINE + 1
    assert all(took < 5 for outcome, _, took in load.outcomes if outcome == "refused or cut")
