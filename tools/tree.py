# SPDX-License-Identifier: EUPL-1.2
"""The files of the project, for the rule checks: what git holds or would
hold, else (an export without .git) everything but what builds leave."""
import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LEFT = {".git", "node_modules", "__pycache__"}


def files():
    os.chdir(ROOT)
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others",
             "--exclude-standard"], check=True, capture_output=True).stdout
        paths = [os.fsdecode(path) for path in listed.split(b"\0") if path]
        return sorted(path for path in paths if os.path.isfile(path))
    except (OSError, subprocess.CalledProcessError):
        pass
    paths = []
    for where, folders, names in os.walk("."):
        folders[:] = [f for f in folders if f not in LEFT
                      and not f.startswith("build")]
        paths += [os.path.normpath(os.path.join(where, n)) for n in names]
    return sorted(paths)


def is_data(path):
    """Inputs of tests: they are what they are."""
    return path.startswith(("test/fuzz/seeds/", "test/data/",
                            "test/vectors/data/", "test/e2e/data/"))
