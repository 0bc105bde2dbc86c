"""`irbis services`, started as a user starts it."""

import os
import signal
import subprocess
import sys

from irbis.samples import PETS


def test_it_says_where_and_what_it_serves_and_ends_on_ctrl_c(ask):
    command = [sys.executable, "-m", "irbis.cli", "services", "--port", "0", "--images", str(PETS)]
    environment = {**os.environ, "IRBIS_SERVICES_KEY": "s3cret"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        where = process.stdout.readline().split()[-1]
        key = process.stdout.readline()
        assert "Ocp-Apim-Subscription-Key" in key
        assert "s3cret" not in key
        asked = "/v7.0/images/search?q=pug"
        assert ask(asked, base=where)[0] == 401
        assert ask(asked, base=where, **{"Ocp-Apim-Subscription-Key": "s3cret"})[0] == 200
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
        assert "Bing Image Search v7" in process.stdout.read()
    finally:
        process.kill()
        process.stdout.close()
