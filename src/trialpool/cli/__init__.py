"""The command line: ``trialpool VERB ...``; each verb parses, calls one function and prints.

Exit codes
----------
0
    The work is done.
1
    The input is valid but holds no answer, or is too large for this machine's memory.
2
    The input, an option or the place of the output cannot be used.
128 + n
    Stopped by signal n: 130 interrupted (Ctrl-C), 143 terminated; 141 where the reader of the output went away.

Nothing heavy is imported before a verb is known, so that ``trialpool --help`` answers at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from trialpool.cli.console import Stopped, print_error, release_stdout, signals_stop, use_unicode, warnings_as_lines
from trialpool.cli.parser import parse
from trialpool.errors import NotEstimableError, TrialpoolError

__all__ = ["main"]

_IMPOSSIBLE, _BAD_INPUT, _INTERRUPTED, _PIPE_CLOSED = 1, 2, 130, 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; an error is told in plain words, without a traceback.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments after the program's name; those of this process unless given.

    Returns
    -------
    int

    Examples
    --------
    >>> main(["--version"])  # doctest: +ELLIPSIS
    trialpool ...
    0
    """
    use_unicode()
    try:
        with signals_stop(), warnings_as_lines():
            status = _run(sys.argv[1:] if argv is None else argv)
            print(end="", flush=True)
            return status
    except NotEstimableError as error:
        return _failed(str(error), _IMPOSSIBLE)
    except TrialpoolError as error:
        return _failed(str(error), _BAD_INPUT)
    except MemoryError:
        return _failed("the input is too large for this machine's memory; give less of it at a time", _IMPOSSIBLE)
    except BrokenPipeError:
        return _PIPE_CLOSED
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return _failed(f"{error.filename or 'the output cannot be written'}: {reason}", _BAD_INPUT)
    except KeyboardInterrupt as stop:
        return _failed("stopped before the end", stop.exit_code if isinstance(stop, Stopped) else _INTERRUPTED)
    finally:
        release_stdout()


def _run(argv: Sequence[str]) -> int:
    try:
        arguments = parse(argv)
    except SystemExit as end:  # argparse ends --help, --version and a wrong option so
        return int(end.code or 0)
    status: int = arguments.run(arguments)
    return status


def _failed(message: str, status: int) -> int:
    print_error(message)
    return status
