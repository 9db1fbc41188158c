"""The application: its commands, its start, and its exit codes and error messages."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import re
import shlex
import signal
import sys
import warnings
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from actcli.cli.options import note, print_notes
from actcli.cli.parsing import Command, expand_options
from actcli.memory import is_confined, make_room_for_products
from actcli.spelling import did_you_mean

#: Each command is the function `command` in the module of the same name in `commands`.
COMMANDS = (
    "plot",
    "eval",
    "grad",
    "forward",
    "train",
    "spiral",
    "list",
    "info",
    "diff",
    "check",
    "vectors",
    "code",
    "approx",
    "completion",
)

_SETTINGS = {"help_option_names": ["-h", "--help"]}


class Group(TyperGroup):
    """The commands, each imported when it is called, so that a start loads only one."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        return list(COMMANDS)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override]
        if cmd_name not in COMMANDS:
            return None
        if cmd_name not in self.commands:
            self.commands[cmd_name] = _load(cmd_name)
        return self.commands[cmd_name]

    def format_commands(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]
        with formatter.section("Commands"):
            formatter.write_dl([(name, _summary(name)) for name in COMMANDS])

    def resolve_command(self, ctx: typer.Context, args: list[str]) -> Any:  # type: ignore[override]
        if args[0] not in COMMANDS:
            raise ValueError(f"no command {args[0]!r}{_hint(args)}")
        found = super().resolve_command(ctx, args)
        _raise_on_signals()
        if is_confined():
            make_room_for_products()
        return found


#: Words that users may try as commands, and the command for each.
MEANT = {
    **dict.fromkeys(("derivative", "gradient", "slope", "jacobian"), "grad"),
    **dict.fromkeys(("data", "dataset", "datasets", "moons", "nnfs"), "spiral"),
    **dict.fromkeys(("compare", "versus", "vs"), "plot or diff"),
    **dict.fromkeys(("draw", "graph", "figure", "show", "neuron"), "plot"),
    **dict.fromkeys(("value", "values", "evaluate", "apply", "call"), "eval"),
    **dict.fromkeys(
        ("network", "net", "run", "predict", "dense", "layer", "layers", "convolve", "accuracy"), "forward"
    ),
    **dict.fromkeys(("fit", "learn"), "train"),
    **dict.fromkeys(("describe", "about", "explain"), "info"),
    **dict.fromkeys(("ls", "functions", "frameworks"), "list"),
    **dict.fromkeys(("approximate", "table"), "approx"),
    **dict.fromkeys(("export", "generate"), "code"),
    **dict.fromkeys(("judge", "verify"), "check"),
    **dict.fromkeys(("search", "find"), "list"),
    "version": "--version",
}


def _hint(words: Sequence[str]) -> str:
    """The hint of the message that the first word is not a command."""
    from actcli.activations import SpecError, get

    word = words[0].lower()
    if word in MEANT:
        return f"; that is actcli {MEANT[word]}"
    near = did_you_mean(word, COMMANDS, count=2)
    try:
        get(words[0])
    except SpecError:
        return near or f"; the commands are {', '.join(COMMANDS)}"
    return f"; {words[0]!r} is a function: try actcli eval {shlex.join(words)}"


def _summary(name: str) -> str:
    """The first line of a command's help, read from its source, because importing its module would load numpy."""
    spec = find_spec(f"actcli.cli.commands.{name}")
    source = getattr(getattr(spec, "loader", None), "get_source", lambda name: "")(f"actcli.cli.commands.{name}")
    found = re.search(r'^def command\(.*?^    """(.*?)(?:""")?$', source or "", re.DOTALL | re.MULTILINE)
    return found[1] if found else ""


def _load(name: str) -> Any:
    function = import_module(f"actcli.cli.commands.{name}").command
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(name, cls=Command, context_settings=_SETTINGS)(expand_options(function))
    return typer.main.get_command(app)


def _version(wanted: bool) -> None:
    if wanted:
        import platform
        from importlib.metadata import version

        from actcli import __version__

        parts = (f"Python {platform.python_version()}", f"numpy {version('numpy')}", f"typer {version('typer')}")
        print(f"actcli {__version__} ({', '.join(parts)})")
        raise typer.Exit


def _root(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_version, help="Versions of actcli, Python, numpy, typer."),
    ] = False,
) -> None:
    """Explore neural-network activation functions.

    \b
      actcli eval relu -3 2                 values
      actcli grad gelu --range -4:4:9       slopes, analytic
      actcli plot gelu silu --grad          a figure
      actcli forward --layers 2,3,3         a batch through dense layers
      actcli train --layers 2,64,3          the same network learns
      actcli spiral --plot spiral.png       the data of the NNFS book
      seq -3 3 | actcli eval softplus       one number in, one line out

    A function is NAME or FRAMEWORK.NAME, with parameters after an @, or a formula in x:

    \b
      relu   leaky_relu@negative_slope=0.1   torch.gelu   "x*sigmoid(1.702*x)"
    """
    if context.invoked_subcommand is None:
        print(context.get_help())


def group() -> Group:
    """The application as a command object of typer, from which the completion scripts are generated."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None, cls=Group, context_settings=_SETTINGS)
    app.callback(invoke_without_command=True)(_root)
    made: Group = typer.main.get_group(app)  # type: ignore[assignment]
    return made


def main() -> NoReturn:
    """Run the command line and exit: 0 for success, 1 for a failure, 2 for an invalid request, 130 for Ctrl-C."""
    # The thread pool of numpy's BLAS takes as much processor time as the rest of a start. Commands that multiply
    # matrices run batches on several cores instead.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # A sum of a thousand terms is a tree of depth 1000, and each level takes a few nested calls.
    sys.setrecursionlimit(20_000)
    if sys.stdout is None:
        sys.stdout = _ClosedOutput()
    elif isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="surrogateescape")  # file names may not be UTF-8
    _occupy_descriptors()
    try:
        status = _run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        _die_of_broken_pipe()
    except KeyboardInterrupt:
        status = 130
    except OSError as error:
        status = _print_error(_message(error), 1)
    except (MemoryError, SystemError) as error:  # Python's re raises a SystemError where an allocation fails
        status = _print_error(": ".join(filter(None, ("not enough memory", str(error)))), 1)
    except ImportError as error:  # too little memory for a library, or a broken one
        status = _print_error(f"a library cannot be loaded: {error.__cause__ or error}", 1)
    finally:
        if hasattr(signal, "setitimer"):  # a signal must not be repeated after the command has ended
            signal.setitimer(signal.ITIMER_REAL, 0)
    # The result is written; a Ctrl-C from here on would only print a traceback.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if status == 130:
        # After a Ctrl-C inside exec(), which dataclasses use, CPython ends by SIGINT although the code handled it.
        with contextlib.suppress(OSError, AttributeError):  # a stream may be closed or None
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)
    # Without this the garbage collection at exit takes a tenth of the time of a start.
    gc.freeze()
    sys.exit(status)


def _occupy_descriptors() -> None:
    """Occupy the descriptors of closed standard streams, so that libraries cannot print into a file opened later."""
    while (number := os.open(os.devnull, os.O_RDONLY)) < 3:
        pass
    os.close(number)


class _ClosedOutput(io.TextIOBase):
    """A standard output for a closed stream, where writing raises OSError."""

    encoding = "ascii"

    def write(self, text: str) -> int:
        raise OSError("standard output is closed")

    def fileno(self) -> int:
        raise OSError("standard output is closed")


#: Seconds after which a signal that has not ended the process is repeated.
_PATIENCE = 0.3
#: The exit status for each signal received so far.
_signalled: list[int] = []


def _raise_on_signals() -> None:
    """Make SIGINT and SIGTERM raise an exception, so that incomplete files are removed, and repeat it until the end.

    Python drops an exception raised in a destructor, and a library may replace it by an error of its own.
    """

    def leave(number: int, _: object) -> NoReturn:
        _signalled.append(128 + number)
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, lambda *_: again(number))
            signal.setitimer(signal.ITIMER_REAL, _PATIENCE)
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        raise SystemExit(128 + number)

    def again(number: int) -> None:
        handled = sys.exception()
        while handled is not None and not isinstance(handled, KeyboardInterrupt | SystemExit):
            handled = handled.__context__
        if handled is None:
            leave(number, None)
        signal.setitimer(signal.ITIMER_REAL, _PATIENCE)  # the exception is being handled, and files are being removed

    signal.signal(signal.SIGTERM, leave)
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, leave)
    sys.unraisablehook = _dropped


def _dropped(what: sys.UnraisableHookArgs) -> None:
    """Report an exception that Python drops, unless it is a signal, which is repeated."""
    if not isinstance(what.exc_value, KeyboardInterrupt | SystemExit):
        sys.__unraisablehook__(what)


def _run(arguments: list[str]) -> int:
    if arguments[:1] == ["help"]:  # as in git
        arguments = [*arguments[1:2], "--help"]
    try:
        with group().make_context("actcli", arguments) as context, _warnings_as_notes():
            context.command.invoke(context)
    except typer.Exit as done:
        print_notes()
        return done.exit_code
    except typer.TyperException as error:
        return _print_error(_parser_message(error), 2)
    except ValueError as error:
        return _print_error(str(error), 2)
    print_notes()
    return 0


def _parser_message(error: typer.TyperException) -> str:
    """The message of the parser, with the first example of the command's help if words are missing or too many."""
    text = error.format_message()
    command = getattr(getattr(error, "ctx", None), "command", None)
    if text.startswith("No such option") and isinstance(command, Group):
        return f"{text}; actcli --help lists the options"
    if not text.startswith(("Missing", "Got unexpected")):
        return text
    example = re.search(r"^ *(actcli .*?)(?:  |$)", getattr(command, "help", None) or "", re.MULTILINE)
    return f"{text.removesuffix('.')}; as in: {example[1]}" if example else text


@contextlib.contextmanager
def _warnings_as_notes() -> Iterator[None]:
    """Print the warnings of this package as notes."""
    with warnings.catch_warnings():
        show = warnings.showwarning

        def say(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
            if category.__module__.startswith("actcli."):
                note(str(message))
            else:
                show(message, category, *where, **more)

        warnings.showwarning = say
        yield


def _message(error: OSError) -> str:
    if error.strerror is None:
        return str(error)
    # Errors of reading and writing files have a file name, so an error without one is of standard output.
    return f"{error.filename or 'standard output'}: {error.strerror}"


def _print_error(message: str, status: int) -> int:
    """Print an error in one line on standard error, with control characters escaped, and return the exit status."""
    if _signalled:  # a signal during an import may surface as an error of the library that was being imported
        _drop_output()
        return _signalled[0]
    line = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in message.strip())
    if sys.stderr is not None:
        print(f"Error: {line}", file=sys.stderr)
    _drop_output()
    return status


def _drop_output() -> None:
    # At exit Python would flush standard output again and fail again.
    if not isinstance(sys.stdout, _ClosedOutput):
        nowhere = os.open(os.devnull, os.O_WRONLY)  # not a stream, for whose buffer there may be no memory left
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _die_of_broken_pipe() -> NoReturn:
    """End by SIGPIPE without a message, as other filters do when their reader has closed the pipe."""
    _drop_output()
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGPIPE)
    os._exit(1)
