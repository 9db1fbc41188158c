"""actcli plot, run as a user runs it."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from actcli.activations import get, names

ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUTF8": "1"}


def actcli(*words: str, cwd: Path, **settings: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "actcli", *words]
    return subprocess.run(command, cwd=cwd, env={**ENVIRONMENT, **settings}, capture_output=True, check=False)


def plot(*words: str, cwd: Path) -> list[str]:
    """The lines printed by a run that must succeed without output on standard error."""
    done = actcli("plot", *words, cwd=cwd)
    assert (done.stderr.decode(), done.returncode) == ("", 0)
    return done.stdout.decode().splitlines()


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["relu"], "relu.png"),
        (["ReLU", "--grad"], "relu-grad.png"),
        (["relu", "leaky_relu@negative_slope=0.1", "gelu"], "relu-leaky_relu@negative_slope=0.1-gelu.png"),
        (["tanh", "--order", "2", "--slopes-only"], "tanh-order2.png"),
        (["leaky_relu", "--sweep", "negative_slope=0.01,0.1,0.3"], "leaky_relu-negative_slope.png"),
        (["torch.Hardsigmoid", "keras2.hard_sigmoid"], "torch.Hardsigmoid-keras2.hard_sigmoid-diff.png"),
        (["gelu", "swish", "--diff"], "gelu-swish-diff.png"),
        (["--neuron", "-1,0.5,1,0", "--neuron", "-1,0.5,-2,1"], "relu-neuron.png"),
        (["--fit", "sine", "--pairs", "4"], "sine-4-pairs.png"),
        (["--family", "oscillating"], "oscillating.png"),
        (["softmax", "--range", "-10:10", "--points", "200"], "softmax.png"),
        (["x*sigmoid(1.702*x)", "-o", "a.svg"], "a.svg"),
        (["relu", "--output", "a.PDF"], "a.PDF"),
        (["gelu", "--card"], "gelu-card.png"),
        (["softmax", "--plane"], "softmax-plane.png"),
        (["exp", "--grad", "--yscale", "symlog", "--xlabel", "input", "--ylabel", "output"], "exp-grad.png"),
        (["1/(x-0.3)", "--grad"], "1_x-0.3-grad.png"),
        (["leaky_relu", "--sweep", "negative_slope=0,1", "-o", "a.gif"], "a.gif"),
        (["relu", "--size", "thumb", "-o", "a.gif"], "a.gif"),
        (["--neuron", "1,0", "--neuron", "-1,0.5", "-o", "a.gif"], "a.gif"),
        (["gelu", "swish", "-o", "a.html"], "a.html"),
        (["tanh", "--slopes-only", "--range", "-2:2", "--theme", "dark", "-o", "a.HTML"], "a.HTML"),
        (["gelu", "--mark", "-2,.5", "--mark", "1e-3", "--ylim", "-1:2", "--title", "T"], "gelu.png"),
    ],
)
def test_prints_the_path_of_what_it_wrote(words: list[str], name: str, tmp_path: Path) -> None:
    assert plot(*words, cwd=tmp_path) == [name]
    assert [path.name for path in tmp_path.iterdir()] == [name]
    magic = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF", ".gif": b"GIF89a", ".html": b"<!doctype"}
    assert (tmp_path / name).read_bytes().startswith(magic[Path(name).suffix.lower()])


def test_output_may_be_a_folder(tmp_path: Path) -> None:
    (tmp_path / "figures").mkdir()
    assert plot("relu", "--output", "figures", cwd=tmp_path) == ["figures/relu.png"]


def test_standard_output(tmp_path: Path) -> None:
    done = actcli("plot", "relu", "--output", "-", cwd=tmp_path)
    assert (done.stderr, done.returncode) == (b"", 0)
    with Image.open(io.BytesIO(done.stdout)) as image:
        assert image.size == (960, 600)
    assert list(tmp_path.iterdir()) == []


def test_json_names_the_files(tmp_path: Path) -> None:
    (line,) = ["".join(plot("relu", "gelu", "--json", cwd=tmp_path))]
    size = (tmp_path / "relu-gelu.png").stat().st_size
    assert json.loads(line) == {
        "command": "plot",
        "functions": ["relu", "gelu"],
        "rows": [{"path": "relu-gelu.png", "shows": "relu, gelu", "bytes": size}],
    }


def test_tsv_has_a_header(tmp_path: Path) -> None:
    lines = plot("relu", "--tsv", cwd=tmp_path)
    assert lines == ["path\tshows\tbytes", f"relu.png\trelu\t{(tmp_path / 'relu.png').stat().st_size}"]


ALLOWED = "give a name that ends in .png, .svg, .pdf"
NO_PAGE = f"means nothing on a page for a browser; leave it out, or {ALLOWED}"
NO_FILE = "sketches here and now; --output and formats are for a file that is drawn"
SIZES = "give slide, page, thumb or WIDTHxHEIGHT in pixels, as 960x600"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "name a function, as in 'actcli plot relu', or ask for --all; 'actcli list' shows the names"),
        (["nosuchthing"], "unknown function 'nosuchthing'; 'actcli list' shows all"),
        (["relu", "-o", "a.jpg"], f"cannot draw into 'a.jpg': '.jpg' is no picture suffix; {ALLOWED}, .html, .gif"),
        (["relu", "-o", "no"], f"cannot draw into 'no': it has no suffix and is no folder; {ALLOWED}, .html, .gif"),
        (["relu", "--term", "-o", "a.png"], f"--term {NO_FILE}"),
        (["relu", "--term", "--json"], f"--term {NO_FILE}"),
        (["relu", "and", "tanh"],
         "unknown function 'and'; functions stand side by side with nothing between, as in relu leaky_relu"),
        (["softmax", "-o", "a.html"], f"a page draws functions of one number; softmax works on rows: {ALLOWED}"),
        (["--all", "--family", "rows", "-o", "a.html"],
         f"a page draws functions of one number; softmax works on rows: {ALLOWED}"),
        (["relu", "--points", "9", "-o", "a.html"], f"--points {NO_PAGE}"),
        (["relu", "--size", "page", "-o", "a.html"], f"--size {NO_PAGE}"),
        (["relu", "--card", "-o", "a.html"], f"--card {NO_PAGE}"),
        (["relu", "--order", "2", "-o", "a.html"], f"--order 2 {NO_PAGE}"),
        (["relu", "--range", "5"], "--range '5' is no interval; expected LO:HI, as -5:5"),
        (["relu", "--range", "5:-5"], "--range '5:-5' is empty; the first bound must be less than the second"),
        (["relu", "--range", "0:inf"], "--range: 'inf' is no finite number"),
        (["relu", "--range", "0:1:9", "--points", "5"], "--range '0:1:9' and --points 5 disagree; give one of them"),
        (["relu", "--ylim", "0:1:9"], "--ylim '0:1:9' is no interval; expected LO:HI, as -1:2"),
        (["relu", "--mark", "1,two"], "--mark: 'two' is no finite number"),
        (["relu", "--size", "big"], f"--size 'big' is no size; {SIZES}"),
        (["relu", "--cmap", "virids"], "no colour map 'virids'; did you mean viridis, viridis_r, cividis?"),
        (["relu", "--title", "f 日"], "--title 'f 日': the font, DejaVu Sans, has no '日'"),
        (["relu", "--xlabel", "\udc80"], "--xlabel '\\udc80': the font, DejaVu Sans, has no '\\udc80'"),
        (["relu", "--title", "a\nb"], "--title 'a\\nb': the font, DejaVu Sans, has no '\\n'"),
        (["relu", "--diff"], "--diff compares two SPECs, not 1"),
        (["relu", "elu", "--sweep", "alpha=1,2"], "--sweep draws one SPEC, not 2"),
        (["elu", "--sweep", "alpha"], "--sweep 'alpha': expected KEY=V,V,..., as negative_slope=0.01,0.1,0.3"),
        (["elu", "--sweep", "alpha=1,1"], "--sweep 'alpha=1,1' names a value twice"),
        (["elu", "--sweep", "gain=1,2"], "elu has no parameter 'gain'; its parameters are alpha"),
        (["--neuron", "1,2,3"], "--neuron '1,2,3': expected a weight and a bias for each neuron, W,B or W,B,W2,B2"),
        (["softmax", "--neuron", "1,2"], "--neuron needs a function of one number; softmax works on rows"),
        (["--fit", "sine", "--pairs", "0"], "--pairs 0 is out of range; from 1 to 500 pairs of neurons"),
        (["relu", "--pairs", "3"], "--pairs goes with --fit sine"),
        (["relu", "--plane"], "--plane draws a function of a row over two of its entries; relu takes one number"),
        (["relu", "--card", "--size", "thumb"], "a card of relu takes 713x310 pixels or more, not 480x300"),
        (["relu", "elu", "--card"], "--card draws one SPEC, not 2"),
        (["softmax", "--card", "--plane"], "--card and --plane are two different figures; ask for one at a time"),
        (["--neuron", "1,0", "--neuron", "1,0,2,1", "-o", "a.gif"],
         "--neuron states of a film need as many weights each; leave those with more or fewer out"),
        (["relu", "--fit", "sine"], "--fit draws ReLU neurons and takes neither SPECs nor --family"),
        (["relu", "--all"], "--all draws every function and takes no SPEC, not 'relu'; --family NAME narrows it"),
        (["--all", "--term"], "--all and --term are two different figures; ask for one at a time"),
        (["--family", "cubes"], "no family 'cubes'; the families are {families}"),
        (["--fit", "sine", "--save-weights", "w.txt"], "--save-weights 'w.txt': the name must end in .npz"),
    ],
)  # fmt: skip
def test_requests_that_make_no_sense(words: list[str], message: str, tmp_path: Path) -> None:
    families = ", ".join(dict.fromkeys(get(name).family for name in names()))
    done = actcli("plot", *words, cwd=tmp_path)
    assert (done.stdout, done.stderr.decode(), done.returncode) == (
        b"",
        f"Error: {message.replace('{families}', families)}\n",
        2,
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["relu", "-o", "no/a.png"], "no folder 'no' to write 'a.png' into"),
        (["--all", "-o", "no/deeper"], "no folder 'no' to make 'deeper' in"),
    ],
)
def test_a_missing_folder_is_named(words: list[str], message: str, tmp_path: Path) -> None:
    done = actcli("plot", *words, cwd=tmp_path)
    assert (done.stdout, done.stderr.decode(), done.returncode) == (b"", f"Error: {message}\n", 1)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    done = actcli("plot", "relu", "-o", "/proc/relu.png", cwd=tmp_path)
    assert (done.stdout, done.returncode) == (b"", 1)
    assert len(done.stderr.decode().splitlines()) == 1
    assert done.stderr.startswith(b"Error: /proc/")


def test_same_bytes_in_another_folder_and_locale(tmp_path: Path) -> None:
    digests = set()
    for number, settings in enumerate(
        [{}, {"LC_ALL": "de_DE.UTF-8", "TZ": "Asia/Tokyo"}, {"MPLCONFIGDIR": "/dev/null/no"}]
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        if number:
            (folder / "matplotlibrc").write_text("font.size: 31\nlines.color: red\n")
        done = actcli("plot", "relu", "elu", "--grad", cwd=folder, **settings)
        assert (done.stdout, done.stderr, done.returncode) == (b"relu-elu-grad.png\n", b"", 0)
        digests.add(hashlib.sha256((folder / "relu-elu-grad.png").read_bytes()).hexdigest())
    assert len(digests) == 1


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    folder = tmp_path_factory.mktemp("all")
    return folder, plot("--all", cwd=folder)


def test_all_draws_a_file_a_function_and_a_gallery(everything: tuple[Path, list[str]]) -> None:
    folder, printed = everything
    files = [*(f"{name}.png" for name in [*names(), "gallery"]), "index.html"]
    assert printed == [f"activations/{file}" for file in files]
    assert sorted(path.name for path in (folder / "activations").iterdir()) == sorted(files)
    for path in (folder / "activations").glob("*.png"):
        with Image.open(path) as image:
            assert image.size == (960, 600) or path.name == "gallery.png"


def test_the_page_of_all_shows_every_picture_and_needs_nothing_else(everything: tuple[Path, list[str]]) -> None:
    page = (everything[0] / "activations/index.html").read_text(encoding="utf-8")
    assert re.findall(r'<img src="(\w+)\.png"', page) == names()
    assert re.findall(r"(?:src|href)=\"([^\"]*//[^\"]*)", page) == []
    assert page.count("alt=") == len(names())


def test_a_file_of_all_is_the_file_drawn_alone(everything: tuple[Path, list[str]], tmp_path: Path) -> None:
    plot("sigmoid", cwd=tmp_path)
    assert (everything[0] / "activations/sigmoid.png").read_bytes() == (tmp_path / "sigmoid.png").read_bytes()


def test_gallery_alone_has_every_name(tmp_path: Path) -> None:
    assert plot("--all", "--output", "gallery.svg", cwd=tmp_path) == ["gallery.svg"]
    root = ElementTree.fromstring((tmp_path / "gallery.svg").read_bytes())
    texts = ["".join(element.itertext()).strip() for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert [text for text in texts if text in names()] == names()


def test_a_page_of_all_is_small_and_the_same_twice_and_says_what_it_leaves_out(tmp_path: Path) -> None:
    pages = []
    for seed in ("1", "2"):
        done = actcli("plot", "--all", "--output", "gallery.html", cwd=tmp_path, PYTHONHASHSEED=seed, LC_ALL="C")
        assert (done.stdout, done.stderr, done.returncode) == (b"gallery.html\n", b"", 0)
        pages.append((tmp_path / "gallery.html").read_bytes())
    assert pages[0] == pages[1]
    assert len(pages[0]) < 2_000_000
    rows = [name for name in names() if get(name).is_row]
    page = pages[0].decode()
    assert re.findall(r'<a href="#(\w+)"', page) == [name for name in names() if name not in rows]
    assert f"Functions of rows are not on this page: {', '.join(rows)}." in page


def test_all_of_a_family(tmp_path: Path) -> None:
    members = [name for name in names() if get(name).family == "oscillating"]
    printed = plot("--all", "--family", "oscillating", "-o", "waves", cwd=tmp_path)
    assert printed == [*(f"waves/{name}.png" for name in [*members, "gallery"]), "waves/index.html"]


def test_saved_weights_feed_forward(tmp_path: Path) -> None:
    assert plot("--fit", "sine", "--pairs", "16", "--save-weights", "sine.npz", cwd=tmp_path) == [
        "sine-16-pairs.png",
        "sine.npz",
    ]
    x = np.linspace(0, 1, 33)
    np.savetxt(tmp_path / "x.txt", x)
    done = actcli(
        "forward", "--layers", "1,32,1", "--weights", "sine.npz", "--activations", "relu,identity", "--input", "x.txt",
        "--rows", "all", "--dtype", "float64", "-q", cwd=tmp_path,
    )  # fmt: skip
    assert (done.stderr.decode(), done.returncode) == ("", 0)
    output = np.array(done.stdout.split(), dtype=np.float64)
    knots = np.arange(17) / 16
    assert np.allclose(output, np.interp(x, knots, np.sin(2 * np.pi * knots)), atol=1e-12)


def test_term_in_a_pipe(tmp_path: Path) -> None:
    lines = plot("relu", "tanh", "--term", cwd=tmp_path)
    assert len(lines) == 19
    assert max(map(len, lines)) <= 72
    assert "\x1b" not in "".join(lines)
    assert [line.rsplit(" ", 1)[1] for line in lines if line.endswith(("relu", "tanh"))] == ["relu", "tanh"]
    assert list(tmp_path.iterdir()) == []


def test_term_without_utf8_is_ascii(tmp_path: Path) -> None:
    done = actcli("plot", "gelu", "--term", "--grad", cwd=tmp_path, PYTHONIOENCODING="latin-1", PYTHONUTF8="0")
    assert (done.stderr, done.returncode) == (b"", 0)
    assert done.stdout.isascii()
    assert b" gelu'\n" in done.stdout


@pytest.mark.parametrize("words", [["--term"], ["--output", "gelu.html"]])
def test_what_is_no_picture_loads_no_matplotlib(words: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "actcli", "plot", "gelu", *words],
        cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert re.findall(r"\| +(matplotlib|rich)\b", done.stderr) == []


def on_a_terminal(*words: str, cwd: Path) -> tuple[str, int]:
    """The output on a terminal of 100 columns, and the exit code."""
    main, side = pty.openpty()
    import fcntl
    import struct
    import termios

    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "actcli", "plot", *words], cwd=cwd, env={**ENVIRONMENT, "TERM": "xterm"},
        stdin=side, stdout=side, stderr=side,
    )  # fmt: skip
    os.close(side)
    shown = b""
    while True:
        try:
            piece = os.read(main, 65536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(main)
    return shown.decode().replace("\r\n", "\n"), process.wait()


def test_a_table_on_a_terminal(tmp_path: Path) -> None:
    shown, status = on_a_terminal("--all", "--family", "oscillating", cwd=tmp_path)
    assert status == 0
    table = shown.rpartition("\x1b[K")[2]  # the text after the last erasure of the progress line
    assert table.startswith("╭")
    assert "│ activations/gallery.png" in table
    assert "files, " not in table


def test_a_picture_is_not_thrown_at_a_terminal(tmp_path: Path) -> None:
    assert on_a_terminal("relu", "-o", "-", cwd=tmp_path) == (
        "Error: --output - would print a PNG on the terminal; send it to a file or a pipe\n",
        2,
    )


def test_colour_on_a_terminal(tmp_path: Path) -> None:
    shown, status = on_a_terminal("relu", "tanh", "--term", cwd=tmp_path)
    assert status == 0
    assert "\x1b[34m" in shown
    assert "\x1b[31m" in shown


def test_interrupted_leaves_whole_files_only(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "actcli", "plot", "--all"], cwd=tmp_path, env=ENVIRONMENT, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    folder = tmp_path / "activations"
    while not folder.exists() or len(list(folder.glob("*.png"))) < 4:
        assert process.poll() is None
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (out, err, process.returncode) == (b"", b"", 130)
    time.sleep(0.5)
    assert [path.name for path in folder.iterdir() if path.suffix != ".png" or path.name.startswith(".")] == []
    for path in folder.iterdir():
        with Image.open(path) as image:
            image.load()
