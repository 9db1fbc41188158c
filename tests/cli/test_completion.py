"""The completion scripts in real shells, after Tab, in which neither Python nor any other program can be started."""

from __future__ import annotations

import itertools
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import typer

from actcli.activations import frameworks, get, names
from actcli.cli.app import COMMANDS, group
from tests.cli.running import ACTCLI, ENVIRONMENT, Run, run

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "completions"
FILES = {"bash": "actcli.bash", "zsh": "_actcli", "fish": "actcli.fish", "powershell": "actcli.ps1"}


def executable(shell: str) -> str:
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"{shell} is not installed")
    return found


def long_options(command: str) -> list[str]:
    app = group()
    context = typer.Context(app, info_name="actcli")
    params = (app.get_command(context, command) if command else app).get_params(context)
    given = [name for param in params if param.param_type_name == "option" for name in param.opts]
    return [name for name in given if name.startswith("--")]


def functions() -> list[str]:
    return [word for name in names() for word in (name, *get(name).aliases)]


def symbols(framework: str) -> list[str]:
    labels = [row.label(symbol) for row in frameworks.rows() if row.framework == framework for symbol in row.symbols]
    return [label for label in dict.fromkeys(labels) if re.fullmatch(r"[\w.]+", label, re.ASCII)]


# --- the files ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", FILES)
def test_committed_script_is_what_the_command_prints(shell: str, committed: Callable[[Path, str], None]) -> None:
    done = run("completion", shell)
    assert (done.code, done.err) == (0, "")
    committed(FOLDER / FILES[shell], done.out)


# --- installed and removed ---------------------------------------------------------------------------------------

#: The path of a shell's script in a home folder, and the message about this path.
INSTALLED = {
    "bash": (
        ".local/share/bash-completion/completions/actcli",
        "bash: new shells load it if the package bash-completion is there; "
        "if not, this line in ~/.bashrc does: . {path}",
    ),
    "zsh": (
        ".zfunc/_actcli",
        "zsh: zsh finds it with this line in .zshrc: fpath=({folder} $fpath); autoload -Uz compinit; compinit",
    ),
    "fish": (".config/fish/completions/actcli.fish", "fish: new shells load it"),
    "powershell": (
        ".local/share/actcli/actcli.ps1",
        "powershell: PowerShell loads it with this line in $PROFILE: . '{path}'",
    ),
}
NOWHERE = {"XDG_DATA_HOME": "", "XDG_CONFIG_HOME": "", "ZDOTDIR": "", "BASH_COMPLETION_USER_DIR": ""}


def run_from(shell: str, *words: str, **environment: str) -> Run:
    """Run actcli from a process with the name of a shell."""
    done = subprocess.run(
        [shell, "-c", '"$@"; exit $?', shell, *ACTCLI, *words],
        executable="/bin/sh",
        capture_output=True,
        text=True,
        env={**ENVIRONMENT, **environment},
        check=False,
    )
    return Run(done.returncode, done.stdout, done.stderr)


def files(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if not file.is_dir())


@pytest.mark.parametrize("shell", INSTALLED)
def test_install_writes_one_file_that_uninstall_removes(shell: str, tmp_path: Path) -> None:
    where, note = INSTALLED[shell]
    path = tmp_path / where
    home = {**NOWHERE, "HOME": str(tmp_path)}
    here, login = {"powershell": ("dash", "/usr/bin/pwsh")}.get(shell, (shell, "/bin/tcsh"))
    said = note.format(path=path, folder=path.parent)
    (tmp_path / ".bashrc").write_text("# mine\n")
    for _ in range(2):  # the second installation replaces the script
        assert run_from(here, "completion", "--install", **home, SHELL=login) == Run(0, f"{path}\n", f"{said}\n")
        assert files(tmp_path) == sorted([".bashrc", where])
        assert path.read_text(encoding="utf-8") == (FOLDER / FILES[shell]).read_text(encoding="utf-8")
    removed = f"{shell}: removed; a line that you added for it can go, too\n"
    assert run("completion", shell, "--uninstall", **home) == Run(0, f"{path}\n", removed)
    assert run("completion", shell, "--uninstall", **home) == Run(1, "", f"Error: {path}: No such file or directory\n")
    assert files(tmp_path) == [".bashrc"]
    assert (tmp_path / ".bashrc").read_text() == "# mine\n"


def test_install_overwrites_nothing_of_anybody_else(tmp_path: Path) -> None:
    path = tmp_path / "fish/completions/actcli.fish"
    path.parent.mkdir(parents=True)
    path.write_text("complete -c actcli -a mine\n")
    for option in ("--install", "--uninstall"):
        done = run("completion", "fish", option, XDG_CONFIG_HOME=str(tmp_path))
        assert done == Run(1, "", f"Error: {path} was not written by actcli; move it away first\n")
    assert path.read_text() == "complete -c actcli -a mine\n"


@pytest.mark.parametrize(
    ("words", "shell", "error"),
    [
        ("", "/bin/bash", "which shell? bash, zsh, fish or powershell; --install takes yours"),
        ("--install", "/bin/dash", "SHELL is 'dash'; say which: actcli completion bash|zsh|fish|powershell"),
        ("--uninstall", "", "SHELL is not set; say which: actcli completion bash|zsh|fish|powershell"),
        ("--install --uninstall", "/bin/bash", "--install and --uninstall undo each other; give one of them"),
    ],
)
def test_install_refused(words: str, shell: str, error: str, tmp_path: Path) -> None:
    done = run_from("dash", "completion", *words.split(), HOME=str(tmp_path), SHELL=shell)
    assert done == Run(2, "", f"Error: {error}\n")
    assert files(tmp_path) == []


# --- acceptance: keys typed at a prompt, and the words that the command then gets ----------------------------------

#: Typed at a prompt (\t is Tab), and the words that reach actcli.
TYPED = {
    "actcli ev\t": ["eval"],
    "seq 3 | actcli ev\t": ["eval"],
    "actcli eval sigm\t1": ["eval", "sigmoid", "1"],
    "actcli eval relu sigm\t1": ["eval", "relu", "sigmoid", "1"],
    "actcli eval keras.LeakyR\t": ["eval", "keras.LeakyReLU"],
    "actcli eval tor\tGEL\t": ["eval", "torch.GELU"],
    "actcli eval leaky_relu@\t0.1 -3": ["eval", "leaky_relu@negative_slope=0.1", "-3"],
    "actcli eval selu@alpha=2,sc\t3": ["eval", "selu@alpha=2,scale=3"],
    "actcli eval 'x*tan\t'": ["eval", "x*tan"],
    "actcli eval x@b=2,c\t": ["eval", "x@b=2,c"],
    "actcli eval relu -3 --exa\t2": ["eval", "relu", "-3", "--exact", "2"],
    "actcli eval relu --dtype=float3\t": ["eval", "relu", "--dtype=float32"],
    "actcli eval relu --range -5:5:3 --dtype floa\t3\t": ["eval", "relu", "--range", "-5:5:3", "--dtype", "float32"],
    "actcli eval relu -i some\t": ["eval", "relu", "-i", "some numbers.csv"],
    "actcli eval relu --output=oth\t": ["eval", "relu", "--output=other.npy"],
    "actcli forward --activations relu,sigm\t": ["forward", "--activations", "relu,sigmoid"],
    "actcli forward --activations=relu,leaky_relu@\t1": ["forward", "--activations=relu,leaky_relu@negative_slope=1"],
    "actcli completion power\t": ["completion", "powershell"],
    "actcli nonsense x\t": ["nonsense", "x"],
    "actcli tra\t": ["train"],
    "actcli train --optimizer=adag\t": ["train", "--optimizer=adagrad"],
    "actcli train --loss cross\t": ["train", "--loss", "cross_entropy"],
    "actcli code relu --to jul\t": ["code", "relu", "--to", "julia"],
    "actcli approx sigm\t--basis=che\t": ["approx", "sigmoid", "--basis=chebyshev"],
    "actcli forward --init glorot_\t": ["forward", "--init", "glorot_normal"],
    "actcli spiral --data=moo\t": ["spiral", "--data=moons"],
    "actcli eval relu -- sigm\t": ["eval", "relu", "--", "sigm"],
    "actcli eval relu -- oth\t": ["eval", "relu", "--", "oth"],
}

#: A replacement for the program that prints its arguments between marks.
STAND_IN = r"actcli() { printf '\1'; printf '%s\2' \"$@\"; printf '\3'; }".replace('\\"', '"')

STARTS = {
    "bash": ["--norc", "--noprofile", "-i"],
    "zsh": ["-f", "-i"],
    "zsh, sourced": ["-f", "-i"],
}
SETUPS = {
    "bash": f"source {FOLDER}/actcli.bash",
    # With the dump of the first test, the other tests need not read the heads of a thousand files.
    "zsh": f"fpath=({FOLDER} $fpath); autoload -Uz compinit; compinit -C -u -d ../zcompdump",
    "zsh, sourced": f"autoload -Uz compinit; compinit -D -u; source {FOLDER}/_actcli",
}


class Prompt:
    """An interactive shell on a terminal of its own."""

    def __init__(self, terminal: int) -> None:
        self.terminal = terminal
        self.seen = b""

    def type(self, keys: str) -> None:
        os.write(self.terminal, keys.encode())

    def read(self, mark: bytes, seconds: float = 20) -> bytes:
        """The output of the shell up to a mark."""
        end = time.monotonic() + seconds
        while mark not in self.seen:
            assert time.monotonic() < end, f"no {mark!r} in {self.seen!r}"
            if select.select([self.terminal], [], [], 0.5)[0]:
                self.seen += os.read(self.terminal, 65536)
        before, _, self.seen = self.seen.partition(mark)
        return before


@contextmanager
def prompt(shell: str, folder: Path) -> Iterator[Prompt]:
    program = executable(shell.partition(",")[0])
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(folder)
        clean = {"TERM": "dumb", "PS1": "", "HOME": str(folder), "LC_ALL": "C.UTF-8", "PATH": str(folder / "nothing")}
        os.execve(program, [program, *STARTS[shell]], clean)
    try:
        typed = Prompt(terminal)
        typed.type(f"{SETUPS[shell]}; {STAND_IN}; printf '\\4'\n")
        typed.read(b"\4")
        yield typed
    finally:
        os.kill(process, signal.SIGKILL)
        os.close(terminal)
        os.waitpid(process, 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("some numbers.csv", "other.npy"):
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("shell", "keys"), [*itertools.product(["bash", "zsh"], TYPED), ("zsh, sourced", "actcli ev\t")]
)
def test_tab_at_a_prompt(shell: str, keys: str, folder: Path) -> None:
    with prompt(shell, folder) as typed:
        typed.type(keys.replace("seq 3", "echo") + "\n")
        typed.read(b"\1")
        words = typed.read(b"\3").decode().split("\2")[:-1]
    assert words == TYPED[keys]


@pytest.mark.parametrize("keys", ["actcli list --fam\tsigm\t", "actcli list --family=sigm\t"])
def test_zsh_inserts_the_only_option_at_once(keys: str, folder: Path) -> None:
    with prompt("zsh", folder) as typed:
        typed.type(keys + "\n")
        assert typed.read(b"\3").endswith(b"\1list\2--family=sigmoids\2")


# --- completions -------------------------------------------------------------------------------------------------


def offered_by_bash(line: str, folder: Path) -> list[str]:
    code = (
        f"source {FOLDER}/actcli.bash; COMP_WORDBREAKS=' ' COMP_LINE=$1 COMP_POINT=${{#1}}; "
        "COMP_WORDS=($1 '') COMP_CWORD=9; _actcli; printf '%s\\n' \"${COMPREPLY[@]}\""
    )
    return shell_output([executable("bash"), "--norc", "-c", code, "bash", line], folder)


def offered_by_fish(line: str, folder: Path) -> list[str]:
    code = f"source {FOLDER}/actcli.fish; complete -C $argv[1]"
    lines = shell_output([executable("fish"), "--no-config", "-c", code, line], folder)
    return [line.partition("\t")[0] for line in lines]


def offered_by_zsh(line: str, folder: Path) -> list[str]:
    # Every completion function passes its matches to compadd.
    spy = (
        "compadd() { if [[ ${@[1,(i)(-|--)]} != *-(O|A|D)\\ * ]]; then local -a found; "
        'local after=""; [[ $1 == -S ]] && after=$2; '
        f'builtin compadd -O found "$@"; print -rl -- $IPREFIX${{^found}}$after >>{folder}/found; fi; '
        'builtin compadd "$@" }'
    )
    with prompt("zsh", folder) as typed:
        typed.type(f"{spy}; setopt no_list_ambiguous; LISTMAX=-1; printf '\\4'\n")
        typed.read(b"\4")
        typed.type(f"{line}\t\x01 : \x05\n printf '\\4'\n")
        typed.read(b"\4")
    return (folder / "found").read_text(encoding="utf-8").split("\n")[:-1] if (folder / "found").exists() else []


def shell_output(arguments: Sequence[str], folder: Path) -> list[str]:
    clean = {"HOME": str(folder), "LC_ALL": "C.UTF-8", "PATH": str(folder / "nothing")}
    done = subprocess.run(arguments, capture_output=True, text=True, encoding="utf-8", cwd=folder, env=clean)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split("\n")[:-1]


OFFERED = {"bash": offered_by_bash, "fish": offered_by_fish, "zsh": offered_by_zsh}


@pytest.mark.parametrize("shell", OFFERED)
class TestOffered:
    """The completions of a line typed so far are exactly these words."""

    @staticmethod
    def check(shell: str, line: str, folder: Path, expected: Sequence[str]) -> None:
        found = OFFERED[shell](line, folder)
        assert sorted(filter(None, found)) == sorted(expected)

    def test_commands(self, shell: str, folder: Path) -> None:
        self.check(shell, "actcli c", folder, [command for command in COMMANDS if command.startswith("c")])

    @pytest.mark.parametrize("command", ["", *COMMANDS])
    def test_options(self, shell: str, command: str, folder: Path) -> None:
        self.check(shell, f"actcli {command} --", folder, long_options(command))

    def test_every_choice(self, shell: str, folder: Path) -> None:
        self.check(shell, "actcli eval relu --format ", folder, ["table", "tsv", "csv", "json", "ndjson"])

    def test_functions_and_frameworks(self, shell: str, folder: Path) -> None:
        prefixes = [f"{framework}." for framework in frameworks.FRAMEWORKS]
        self.check(shell, "actcli grad relu ", folder, [*functions(), *prefixes])

    def test_symbols_of_a_framework(self, shell: str, folder: Path) -> None:
        self.check(shell, "actcli eval jax.", folder, symbols("jax"))

    def test_parameters(self, shell: str, folder: Path) -> None:
        expected = [f"selu@scale=2,{key}=" for key in get("selu").parameters]
        self.check(shell, "actcli eval selu@scale=2,", folder, expected)

    @pytest.mark.parametrize("line", ["eval relu --digits ", "list ", "eval relu -- ", "eval -- -3 --"])
    def test_nothing_where_nothing_is_known(self, shell: str, line: str, folder: Path) -> None:
        self.check(shell, f"actcli {line}", folder, [])


def test_bash_without_a_line(folder: Path) -> None:
    """Some callers of the function set only the words."""
    code = f"source {FOLDER}/actcli.bash; COMP_WORDS=(actcli ev) COMP_CWORD=1; _actcli; echo ${{COMPREPLY[@]}}"
    assert shell_output([executable("bash"), "--norc", "-c", code], folder) == ["eval"]


# --- PowerShell, which cannot be run here: data and brackets ------------------------------------------------------


def test_powershell_data() -> None:
    text = (FOLDER / FILES["powershell"]).read_text(encoding="utf-8")
    tables = {
        name: dict(re.findall(r"^        '(\S+)' = (.*)$", body, re.MULTILINE))
        for name, body in re.findall(
            r"^    \$(\w+) = (?:\[ordered\])?@\{\n(.*?)^    \}$", text, re.MULTILINE | re.DOTALL
        )
    }
    options = [re.findall(r"^            '(--\S+)' = ", part, re.MULTILINE) for part in text.split("options = @{")[1:]]
    words = {name: value.strip("'").split() for name, value in tables["symbols"].items()}
    keys = {name: re.findall(r"'(\w+)'", value) for name, value in tables["parameters"].items()}

    assert list(tables["commands"]) == list(COMMANDS)
    assert options == [long_options(command) for command in COMMANDS]
    assert list(tables["functions"]) == functions()
    assert keys == {name: list(get(name).parameters) for name in functions() if get(name).parameters}
    assert words == {framework: symbols(framework) for framework in frameworks.FRAMEWORKS}
    for table in tables.values():  # a key twice in a literal, in any case, is an error there
        assert len({name.lower() for name in table}) == len(table)


def test_powershell_brackets() -> None:
    text = (FOLDER / FILES["powershell"]).read_text(encoding="utf-8")
    code = re.sub(r"'(?:[^']|'')*'|\"[^\"]*\"|#.*", "", text)
    assert not re.search("['\"`#]", code)
    while code != (code := re.sub(r"\([^(){}\[\]]*\)|\{[^(){}\[\]]*\}|\[[^(){}\[\]]*\]", "", code)):
        pass
    assert not re.search(r"[(){}\[\]]", code)
