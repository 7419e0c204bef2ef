"""Becomes a program of any language, after asking Linux to end it with the runner. Arguments: the runner's id, PROGRAM ARGS.

What cannot be started is told in the protocol's own words.
"""

import contextlib
import ctypes
import json
import os
import signal
import sys


def main(runner: int, words: list[str]) -> None:
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    if os.getppid() != runner:
        sys.exit("the runner is gone")
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(ignored, signal.SIG_DFL)  # Python ignores them, and an ignored signal stays ignored
    try:
        os.execvp(words[0], words)
    except OSError as error:
        print(json.dumps({"failed": "usage", "message": f"the program {words[0]} cannot be started: {error.strerror}"}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
