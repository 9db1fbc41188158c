"""The app: its commands, how it starts, and how it ends when something is wrong."""

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

#: Every command is the function `command` in the module of its name in commands.
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
    """The commands, each imported when it is asked for: a start pays for one, not for all."""

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
            raise ValueError(f"no command {args[0]!r}{_offer(args)}")
        found = super().resolve_command(ctx, args)
        _heed_signals()
        if is_confined():
            make_room_for_products()
        return found


#: Words that people try as commands, and the command for each.
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
}


def _offer(words: Sequence[str]) -> str:
    """What the first word, which is no command, may have meant."""
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
    """The first line of a command's help, read from its source: its module would bring numpy along."""
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
    """The whole app as typer's command object; the completion scripts are generated from it."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None, cls=Group, context_settings=_SETTINGS)
    app.callback(invoke_without_command=True)(_root)
    made: Group = typer.main.get_group(app)  # type: ignore[assignment]
    return made


def main() -> NoReturn:
    """Run the command line and exit: 0 done, 1 it could not be done, 2 a request that makes no sense, 130 Ctrl-C."""
    # The thread pool of numpy's BLAS costs as much processor time as the rest of a start. What multiplies matrices
    # gives every core a batch of its own instead.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # A sum of a thousand terms is a tree a thousand deep, and every step down takes a few calls.
    sys.setrecursionlimit(20_000)
    if sys.stdout is None:
        sys.stdout = _ClosedOutput()
    elif isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="surrogateescape")  # the name of a file need not be UTF-8
    _occupy_streams()
    try:
        status = _run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        _die_of_broken_pipe()
    except KeyboardInterrupt:
        status = 130
    except OSError as error:
        status = _complain(_explain(error), 1)
    except MemoryError as error:
        status = _complain(": ".join(filter(None, ("not enough memory", str(error)))), 1)
    except ImportError as error:  # a library that the memory has no room for, or one that is broken
        status = _complain(f"a library cannot be loaded: {error.__cause__ or error}", 1)
    finally:
        if hasattr(signal, "setitimer"):  # a signal that ended the command has done its work
            signal.setitimer(signal.ITIMER_REAL, 0)
    # The result is written: a Ctrl-C from here on would only print a traceback.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if status == 130:
        # CPython dies of a Ctrl-C that was handled if it struck in text that was executed, as dataclasses do.
        with contextlib.suppress(OSError, AttributeError):  # there may be no stream
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)
    # On its way out the interpreter would search all that numpy and typer made for cycles, for a tenth of a start.
    gc.freeze()
    sys.exit(status)


def _occupy_streams() -> None:
    """Let no file that is opened get the number of a stream that is closed, and with it what libraries print there."""
    while (number := os.open(os.devnull, os.O_RDONLY)) < 3:
        pass
    os.close(number)


class _ClosedOutput(io.TextIOBase):
    """Standard output where there is none: writing to it is an error, and not nothing."""

    encoding = "ascii"

    def write(self, text: str) -> int:
        raise OSError("standard output is closed")

    def fileno(self) -> int:
        raise OSError("standard output is closed")


#: Seconds after which a signal comes again that has not ended the process.
_PATIENCE = 0.3
#: What the process ends with for each signal that has come.
_signalled: list[int] = []


def _heed_signals() -> None:
    """Let SIGINT and SIGTERM raise an exception, so that half-written files are removed, again and again till the end.

    Python drops what is raised while an object is cleared away, and a library may clear it for an error of its own.
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
        signal.setitimer(signal.ITIMER_REAL, _PATIENCE)  # on its way out: files are being removed

    signal.signal(signal.SIGTERM, leave)
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, leave)
    sys.unraisablehook = _dropped


def _dropped(what: sys.UnraisableHookArgs) -> None:
    """Say what Python drops, but for a signal, which comes again."""
    if not isinstance(what.exc_value, KeyboardInterrupt | SystemExit):
        sys.__unraisablehook__(what)


def _run(arguments: list[str]) -> int:
    if arguments[:1] == ["help"]:  # as git and others have it
        arguments = [*arguments[1:2], "--help"]
    try:
        with group().make_context("actcli", arguments) as context, _warnings_as_notes():
            context.command.invoke(context)
    except typer.Exit as done:
        print_notes()
        return done.exit_code
    except typer.TyperException as error:
        return _complain(_completed(error), 2)
    except ValueError as error:
        return _complain(str(error), 2)
    print_notes()
    return 0


def _completed(error: typer.TyperException) -> str:
    """The message of the parser; if words are missing or too many, with the first example of the command's help."""
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
    """Say what the package warns of in Python as every command says such things."""
    with warnings.catch_warnings():
        show = warnings.showwarning

        def say(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
            if category.__module__.startswith("actcli."):
                note(str(message))
            else:
                show(message, category, *where, **more)

        warnings.showwarning = say
        yield


def _explain(error: OSError) -> str:
    if error.strerror is None:
        return str(error)
    # Reading and writing name their files; what has no name is what was printed.
    return f"{error.filename or 'standard output'}: {error.strerror}"


def _complain(message: str, status: int) -> int:
    """One line on standard error; what a terminal could take for a command is shown, not sent."""
    if _signalled:  # a library that was being loaded makes an error of its own of a signal
        _drop_output()
        return _signalled[0]
    line = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in message.strip())
    if sys.stderr is not None:
        print(f"Error: {line}", file=sys.stderr)
    _drop_output()
    return status


def _drop_output() -> None:
    # What could not be written must not be tried again when Python closes standard output at exit.
    if not isinstance(sys.stdout, _ClosedOutput):
        nowhere = os.open(os.devnull, os.O_WRONLY)  # not a stream, for whose buffer there may be no memory left
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _die_of_broken_pipe() -> NoReturn:
    """End as every filter does whose reader has gone: by SIGPIPE, quietly."""
    _drop_output()
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGPIPE)
    os._exit(1)
