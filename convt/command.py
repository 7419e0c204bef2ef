"""The `convt` command: parses the line, hands over to a subcommand, and turns every known error into one sentence."""

from __future__ import annotations

import argparse
import importlib
import io
import signal
import sys
from collections.abc import Sequence
from types import FrameType

COMMANDS = {
    "check": "judge implementations against the document: a table of clauses and verdicts, and a record of each",
    "report": "tables and a page from records",
    "explain": "a clause in our words, its readings, and who follows which",
    "repro": "run one case and show it beside the exact answer",
    "translate": "the same call in another framework, or why there is none",
    "list": "what can be judged here, with versions",
}


class UsageError(Exception):
    """Wrong usage; the message names the value and the remedy. Exit code 2."""


class CannotJudge(Exception):
    """An implementation that could not be run at all. Exit code 3."""


class Parser(argparse.ArgumentParser):
    """argparse with an error of one sentence."""

    def error(self, message: str) -> None:  # type: ignore[override]
        raise UsageError(f"{message}; see `{self.prog} --help`")


def parser() -> argparse.ArgumentParser:
    import convt

    whole = Parser(prog="convt", description=convt.__doc__)
    whole.add_argument("--version", action="version", version=f"convt {convt.__version__}")
    commands = whole.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)
    for name, summary in COMMANDS.items():
        sub = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
        importlib.import_module(f"convt.commands.{name}").add_arguments(sub)
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    signal.signal(signal.SIGTERM, interrupt)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # an implementation's words may hold letters that the terminal lacks
    try:
        options = parser().parse_args(arguments)
        code: int = importlib.import_module(f"convt.commands.{options.command}").run(options)
        return code
    except UsageError as error:
        print(f"convt: {error}", file=sys.stderr)
        return 2
    except CannotJudge as error:
        print(f"convt: {error}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        print("convt: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 141


def script() -> None:
    """The whole process: once the code is known, no signal changes it, not even while Python itself ends."""
    try:
        code = main()
    except KeyboardInterrupt:
        code = 130
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    sys.exit(code)


def interrupt(number: int, frame: FrameType | None) -> None:
    """Treat a request to end as Ctrl-C, so that the record gets its footer."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    script()
