"""Write down the classes that Spark's Java loads, so that each Java of the suite starts with them.

python tests/archive.py .venv/spark.jsa

The suite starts some forty Javas. One that maps the classes (Java's own class data sharing) instead
of unpacking jars needs about half the CPU for its first queries. Where no archive can be made none
is, and all goes as without.
"""

import os
import subprocess
import sys
from pathlib import Path

# Every Java that a test starts, itself or through a program, lives for seconds to minutes: compiled
# a second time, optimised, its code never pays that back, and it halves the suite's CPU. Room for
# what is compiled saves sweeping it, and Spark's classes need no proof that they are well-formed: a
# sixth of a start.
JAVA = (
    "-XX:+IgnoreUnrecognizedVMOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    " -XX:ReservedCodeCacheSize=256m -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote"
    " -Djdk.lang.Process.launchMechanism=VFORK"
)
# Java says on stdout, where Spark's start script reads, that it can't use an archive.
QUIET = "-Xlog:disable -Xlog:all=error:stderr"
PLACE = Path(sys.prefix) / "spark.jsa"


def options():
    """JDK_JAVA_OPTIONS of the suite."""
    return f'{JAVA} {QUIET} "-XX:SharedArchiveFile={PLACE}"' if PLACE.exists() else JAVA


def main(path):
    made = path.with_suffix(".partial")  # beside its place: a temporary folder may be another disk
    env = {**os.environ, "PYSPARK_PYTHON": sys.executable}
    env["JDK_JAVA_OPTIONS"] = f'{JAVA} {QUIET} "-XX:ArchiveClassesAtExit={made}"'
    work = [sys.executable, str(Path(__file__).with_name("archived.py"))]
    try:
        subprocess.run(work, env=env, capture_output=True, text=True, check=True, timeout=300)
        made.replace(path)
    except (subprocess.SubprocessError, OSError) as error:
        said = getattr(error, "stderr", None) or ""
        print("no archive of Spark's classes:", error, said[-1000:], file=sys.stderr)
        made.unlink(missing_ok=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
