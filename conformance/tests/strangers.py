"""Implementations that nobody should trust, loaded by name from this file.

Each stranger does something odd when its input has three samples (`ODD`) and is right otherwise (`EVEN`), so that a test can see what
becomes of the odd call and whether the next one still works.
"""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import json
import mmap
import os
import platform
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import convt_impl

ODD = "N1,C2,M3,L3,K2,stride=2,float32,int:1"
EVEN = "N1,C2,M3,L4,K2,stride=2,float32,int:1"
TESTS = Path(__file__).parent

Array = Any
Function = Callable[..., Any]
FAKE_ANSWER = json.dumps({"outcome": "rejected", "error": "Forged", "message": "printed by the implementation"})


def named(function: str) -> str:
    """The name under which convt finds a stranger."""
    return f"{__file__}:{function}"


def stranger(odd: Callable[[Array, Array, Array], Any]) -> Function:
    """A callable with the document's call that is right, but gives `odd(y, x, weight)` for an input of three samples."""

    def call(x: Array, weight: Array, bias: Array | None = None, **given: Any) -> Any:
        y = convt_impl.conv1d_transpose(x, weight, bias, **given)
        return odd(y, x, weight) if x.ndim == 3 and x.shape[2] == 3 else y

    call.__name__ = odd.__name__
    return call


@stranger
def segfault(y: Array, x: Array, weight: Array) -> Any:
    ctypes.string_at(0)


@stranger
def exit_zero(y: Array, x: Array, weight: Array) -> Any:
    os._exit(0)


@stranger
def exit_seven(y: Array, x: Array, weight: Array) -> Any:
    os._exit(7)


@stranger
def abort(y: Array, x: Array, weight: Array) -> Any:
    os.abort()


@stranger
def killed(y: Array, x: Array, weight: Array) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


@stranger
def hangs_up(y: Array, x: Array, weight: Array) -> Any:
    """Closes every descriptor, also those of the protocol."""
    os.closerange(0, 100)
    return y


@stranger
def leaves(y: Array, x: Array, weight: Array) -> Any:
    sys.exit(0)


@stranger
def raises_system_exit(y: Array, x: Array, weight: Array) -> Any:
    raise SystemExit(0)


@stranger
def raises_interrupt(y: Array, x: Array, weight: Array) -> Any:
    raise KeyboardInterrupt


@stranger
def spins(y: Array, x: Array, weight: Array) -> Any:
    while True:
        pass


@stranger
def sleeps(y: Array, x: Array, weight: Array) -> Any:
    time.sleep(3600)


@stranger
def stops(y: Array, x: Array, weight: Array) -> Any:
    os.kill(os.getpid(), signal.SIGSTOP)


@stranger
def spins_with_signals_blocked(y: Array, x: Array, weight: Array) -> Any:
    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
    while True:
        pass


@stranger
def hog(y: Array, x: Array, weight: Array) -> Any:
    return np.ones(50 * 10**9 // 8)


@stranger
def gradual_hog(y: Array, x: Array, weight: Array) -> Any:
    held = []
    while True:
        held.append(np.ones(1 << 20))


@stranger
def memory_error_in_words(y: Array, x: Array, weight: Array) -> Any:
    raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")


@stranger
def big_result(y: Array, x: Array, weight: Array) -> Any:
    """Fits the limit by itself, but not once it is copied into a message."""
    return np.zeros(25 << 20)


@stranger
def chatter(y: Array, x: Array, weight: Array) -> Any:
    print("hello", flush=True)
    print(FAKE_ANSWER, flush=True)
    os.write(1, FAKE_ANSWER.encode() + b"\n")
    subprocess.run([sys.executable, "-c", f"print({FAKE_ANSWER!r})"], check=True)
    return y


@stranger
def flood(y: Array, x: Array, weight: Array) -> Any:
    line = b"x" * 1023 + b"\n"
    for _ in range(4096):
        os.write(1, line)
        os.write(2, line)
    return y


@stranger
def flood_and_die(y: Array, x: Array, weight: Array) -> Any:
    os.write(2, b"x" * (1 << 20) + b"\nthe end")
    os._exit(3)


@stranger
def hundred_mebibytes(y: Array, x: Array, weight: Array) -> Any:
    return np.array([len(bytearray(100 << 20))], np.float64)


@stranger
def closes_output(y: Array, x: Array, weight: Array) -> Any:
    for descriptor in (1, 2):
        with contextlib.suppress(OSError):
            os.close(descriptor)
    return y


@stranger
def closes_stdout(y: Array, x: Array, weight: Array) -> Any:
    sys.stdout.close()
    return y


@stranger
def asks(y: Array, x: Array, weight: Array) -> Any:
    return input("which size? ")


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


class Unspeakably(Exception):
    def __str__(self) -> str:
        raise SystemExit(3)


@stranger
def raises_unspeakable(y: Array, x: Array, weight: Array) -> Any:
    raise Unspeakable


@stranger
def raises_unspeakably(y: Array, x: Array, weight: Array) -> Any:
    raise Unspeakably


@stranger
def raises_surrogates(y: Array, x: Array, weight: Array) -> Any:
    raise ValueError("no such file: \udc80")


@stranger
def raises_many_lines(y: Array, x: Array, weight: Array) -> Any:
    raise ValueError("\n\n---- decoration ----\nthe size \t is wrong\nmore\n" + "x" * 10_000_000)


@stranger
def raises_beside_its_files(y: Array, x: Array, weight: Array) -> Any:
    raise ValueError(f"{sys.prefix}/lib/room/shapes.py:12: the size is wrong")


@stranger
def recurses(y: Array, x: Array, weight: Array) -> Any:
    return recurses(x, weight)


@stranger
def gives_list(y: Array, x: Array, weight: Array) -> Any:
    return y.tolist()


@stranger
def gives_none(y: Array, x: Array, weight: Array) -> Any:
    return None


@stranger
def gives_number(y: Array, x: Array, weight: Array) -> Any:
    return np.float32(1)


@stranger
def gives_objects(y: Array, x: Array, weight: Array) -> Any:
    return y.astype(object)


@stranger
def gives_words(y: Array, x: Array, weight: Array) -> Any:
    return y.astype(str)


@stranger
def gives_rank_two(y: Array, x: Array, weight: Array) -> Any:
    return y[0]


@stranger
def gives_rank_zero(y: Array, x: Array, weight: Array) -> Any:
    return np.array(1.5, np.float32)


@stranger
def gives_strided(y: Array, x: Array, weight: Array) -> Any:
    return np.repeat(y, 2, axis=2)[..., ::2]


@stranger
def gives_transposed_memory(y: Array, x: Array, weight: Array) -> Any:
    return np.asfortranarray(y)


@stranger
def gives_big_endian(y: Array, x: Array, weight: Array) -> Any:
    return y.astype(">f4")


@stranger
def gives_read_only(y: Array, x: Array, weight: Array) -> Any:
    y.flags.writeable = False
    return y


@stranger
def gives_masked(y: Array, x: Array, weight: Array) -> Any:
    return np.ma.masked_greater(y, 1e9)


@stranger
def gives_complex(y: Array, x: Array, weight: Array) -> Any:
    return y.astype(np.complex64)


@stranger
def writes_input(y: Array, x: Array, weight: Array) -> Any:
    x[...] = 0
    return y


@stranger
def writes_kernel(y: Array, x: Array, weight: Array) -> Any:
    weight += 1
    return y


@stranger
def leaves_child(y: Array, x: Array, weight: Array) -> Any:
    """Starts a program that outlives the call, and gives its process id."""
    started = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
    return np.array([started.pid], np.float64)


@stranger
def dies_beside_child(y: Array, x: Array, weight: Array) -> Any:
    """A forked child holds copies of all descriptors, the protocol's too."""
    if os.fork() == 0:
        time.sleep(60)
    os._exit(5)


@stranger
def dies_later(y: Array, x: Array, weight: Array) -> Any:
    threading.Timer(0.2, os._exit, [9]).start()
    return y


@stranger
def spins_in_c(y: Array, x: Array, weight: Array) -> Any:
    """Holds the interpreter's lock for an hour."""
    ctypes.PyDLL(None).sleep(3600)


@stranger
def shared_hog(y: Array, x: Array, weight: Array) -> Any:
    """Shared memory, which no limit on private memory covers."""
    held = []
    while True:
        held.append(mmap.mmap(-1, 16 << 20))
        held[-1].write(b"x" * (16 << 20))


@stranger
def memory_file_hog(y: Array, x: Array, weight: Array) -> Any:
    """A file in memory that is written and never mapped."""
    descriptor = os.memfd_create("hog")
    while True:
        os.write(descriptor, b"x" * (16 << 20))


@stranger
def family_hog(y: Array, x: Array, weight: Array) -> Any:
    """Each child keeps to the limit, all of them do not."""
    program = "import time; held = b'x' * (100 << 20); time.sleep(3600)"
    for _ in range(6):
        subprocess.Popen([sys.executable, "-c", program], start_new_session=True)
    time.sleep(3600)


LEAKED: list[mmap.mmap] = []


@stranger
def leaks_shared(y: Array, x: Array, weight: Array) -> Any:
    """Every call is quick and keeps some."""
    LEAKED.append(mmap.mmap(-1, 32 << 20))
    LEAKED[-1].write(b"x" * (32 << 20))
    return y


KEPT: list[bytearray] = []


@stranger
def keeps_all(y: Array, x: Array, weight: Array) -> Any:
    """Takes whatever there is and keeps it."""
    while True:
        KEPT.append(bytearray(1 << 20))


@stranger
def hangs_up_on_the_runner(y: Array, x: Array, weight: Array) -> Any:
    """Closes the protocol's own descriptors, and opens others under their numbers."""
    os.closerange(3, 256)
    for _ in range(8):
        os.open(os.devnull, os.O_RDWR)
    return y


@stranger
def leaves_session(y: Array, x: Array, weight: Array) -> Any:
    """A child in a session of its own."""
    started = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"], start_new_session=True)
    return np.array([started.pid], np.float64)


@stranger
def leaves_daemon(y: Array, x: Array, weight: Array) -> Any:
    """A daemon as the book says: two forks, a session of its own, an empty environment."""
    ours, theirs = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.write(theirs, str(os.getpid()).encode())
            os.execve("/bin/sleep", ["sleep", "3600"], {})
        os._exit(0)
    os.wait()
    return np.array([int(os.read(ours, 20))], np.float64)


@stranger
def leaves_child_and_dies(y: Array, x: Array, weight: Array) -> Any:
    """Tells the child's process id as its exit status cannot: in its last words."""
    started = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"], start_new_session=True)
    os.write(2, str(started.pid).encode())
    os._exit(5)


@stranger
def moves(y: Array, x: Array, weight: Array) -> Any:
    os.chdir("/")
    return y


@stranger
def sets_variables(y: Array, x: Array, weight: Array) -> Any:
    os.environ["ODD"] = "1"
    os.environ.pop("PATH", None)
    return y


@stranger
def draws(y: Array, x: Array, weight: Array) -> Any:
    random.seed(1)
    return y


@stranger
def draws_with_numpy(y: Array, x: Array, weight: Array) -> Any:
    np.random.rand()
    return y


@stranger
def handles_signals(y: Array, x: Array, weight: Array) -> Any:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return y


@stranger
def blocks_signals(y: Array, x: Array, weight: Array) -> Any:
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    return y


@stranger
def sets_alarm(y: Array, x: Array, weight: Array) -> Any:
    signal.alarm(1)
    return y


@stranger
def raises_on_overflow(y: Array, x: Array, weight: Array) -> Any:
    np.seterr(all="raise")
    return y


@stranger
def turns_warnings_into_errors(y: Array, x: Array, weight: Array) -> Any:
    warnings.simplefilter("error")
    return y


@stranger
def allows_deep_recursion(y: Array, x: Array, weight: Array) -> Any:
    sys.setrecursionlimit(100_000)
    return y


@stranger
def rounds_up(y: Array, x: Array, weight: Array) -> Any:
    ctypes.CDLL("libm.so.6").fesetround({"x86_64": 0x800, "aarch64": 0x400000}[platform.machine()])
    return y


@stranger
def silences(y: Array, x: Array, weight: Array) -> Any:
    sys.stdout.close()
    os.close(2)
    return y


def surroundings(x: Array, weight: Array, bias: Array | None = None, **given: Any) -> Any:
    """Takes turns with those that change its surroundings, and refuses when it finds itself in changed ones."""
    found = [Path.cwd(), dict(os.environ), random.random(), np.random.rand(), signal.getsignal(signal.SIGTERM), np.geterr()]
    found += [signal.pthread_sigmask(signal.SIG_BLOCK, ()), list(warnings.filters), sys.getrecursionlimit(), FIRST_THIRD / 3, sys.stdout]
    print("still here", flush=True)
    FOUND.append(found[:-1])
    if FOUND[0] != FOUND[-1] or found[-1].closed:
        raise ValueError(f"{FOUND[0]} has become {FOUND[-1]}")
    return next(CHANGES)(x, weight, bias, **given)


EFFECTS = {
    moves: "working directory",
    sets_variables: "environment",
    draws: "random state",
    draws_with_numpy: "NumPy's random state",
    handles_signals: "signal handlers",
    blocks_signals: "signal mask",
    sets_alarm: "alarm",
    raises_on_overflow: "NumPy error handling",
    turns_warnings_into_errors: "warning filters",
    allows_deep_recursion: "recursion limit",
    rounds_up: "floating-point mode",
    silences: "standard streams",
    leaves_session: "child processes",
}
CHANGES = iter(EFFECTS)
FIRST_THIRD = np.float64(1)
FOUND: list[Any] = []


class Matrix(np.ndarray[Any, Any]):
    """Tells another shape and dtype than it has."""

    @property
    def shape(self) -> Any:  # type: ignore[override]
        return 1, 3, 6

    @property
    def dtype(self) -> Any:  # type: ignore[override]
        return np.dtype("float32")


class Pretender:
    """Says that it is an array; on a device, and of no use here."""

    __class__ = np.ndarray  # type: ignore[assignment]

    def __array__(self, *_: Any, **__: Any) -> Array:
        raise TypeError("copy it to the host first")

    def __dlpack_device__(self) -> tuple[int, int]:
        return 2, 0


class Lazy:
    """An array in a while."""

    def __init__(self, y: Array) -> None:
        self.y = y

    def __array__(self, *_: Any, **__: Any) -> Array:
        return self.y


@stranger
def gives_liar(y: Array, x: Array, weight: Array) -> Any:
    return y[..., :-1].astype(np.float64).view(Matrix)


@stranger
def gives_matrix(y: Array, x: Array, weight: Array) -> Any:
    return np.matrix(y[0])


@stranger
def gives_pretender(y: Array, x: Array, weight: Array) -> Any:
    return Pretender()


@stranger
def gives_lazy(y: Array, x: Array, weight: Array) -> Any:
    return Lazy(y)


@stranger
def gives_mapped_file(y: Array, x: Array, weight: Array) -> Any:
    with tempfile.TemporaryFile() as file:
        mapped = np.memmap(file, y.dtype, "w+", shape=y.shape)
    mapped[...] = y
    return mapped


@stranger
def gives_input(y: Array, x: Array, weight: Array) -> Any:
    return x[:, ::-1]


@stranger
def claims_terabytes(y: Array, x: Array, weight: Array) -> Any:
    return np.broadcast_to(np.float32(1), (10**6, 10**6))


@stranger
def reshapes_input(y: Array, x: Array, weight: Array) -> Any:
    x.shape = (1, 3, 2)
    return y


class NamelessType(type):
    @property
    def __name__(cls) -> str:  # type: ignore[override]
        raise RuntimeError("no name")


class Nameless(Exception, metaclass=NamelessType):
    pass


@stranger
def raises_nameless(y: Array, x: Array, weight: Array) -> Any:
    raise Nameless("odd")


@stranger
def raises_odd_name(y: Array, x: Array, weight: Array) -> Any:
    raise type("Odd\x1b\n" * 1000, (Exception,), {})


@stranger
def floods_a_gibibyte(y: Array, x: Array, weight: Array) -> Any:
    for _ in range(512):
        os.write(1, b"x" * (1 << 20))
        os.write(2, b"\n" * (1 << 20))
    return y


STRANGE_RESULTS = (
    *(gives_list, raises_system_exit, gives_none, raises_unspeakable, gives_big_endian, raises_interrupt, gives_rank_zero, recurses),
)
TURNS = iter(STRANGE_RESULTS)


def takes_turns(x: Array, weight: Array, bias: Array | None = None, **given: Any) -> Any:
    """Each call for three samples is the next stranger's."""
    return next(TURNS)(x, weight, bias, **given) if x.shape[2] == 3 else right(x, weight, bias, **given)


def process_id(x: Array, weight: Array, bias: Array | None = None, **given: Any) -> Array:
    """The worker's process id in place of a result."""
    return np.array([os.getpid()], np.float64)


def unimplemented(x: Array, weight: Array, bias: Array | None = None, **given: Any) -> Array:
    raise NotImplementedError


def always_crashes(x: Array, weight: Array, bias: Array | None = None, **given: Any) -> Array:
    os._exit(1)


def slow(x: Array, weight: Array, bias: Array | None = None, **given: Any) -> Array:
    time.sleep(0.004)
    return convt_impl.conv1d_transpose(x, weight, bias, **given)


CALLS = itertools.count()


def hangs_later(x: Array, weight: Array, bias: Array | None = None, **given: Any) -> Array:
    if next(CALLS) > 40:
        time.sleep(3600)
    return right(x, weight, bias, **given)


def right(x: Array, weight: Array, bias: Array | None = None, **given: Any) -> Array:
    return convt_impl.conv1d_transpose(x, weight, bias, **given)


def reversed_kernel(x: Array, weight: Array, bias: Array | None = None, **given: Any) -> Array:
    return convt_impl.conv1d_transpose(x, np.ascontiguousarray(weight[..., ::-1]), bias, **given)


def complex_numbers(x: Array, weight: Array, bias: Array | None = None, **given: Any) -> Array:
    """As from a Fourier transform whose real part nobody took."""
    return right(x, weight, bias, **given).astype(np.complex64)


def one_item_too_many(x: Array, weight: Array, bias: Array | None = None, **given: Any) -> Array:
    y = right(x, weight, bias, **given)
    return np.concatenate([y, y[:1]])


def trimmed(x: Array, weight: Array, bias: Array | None = None, **given: Any) -> Array:
    """The length depends on the numbers: where the first is negative, one sample is missing."""
    y = right(x, weight, bias, **given)
    return y[..., :-1] if y.shape[-1] > 1 and y.flat[0] < 0 else y


LENGTHS = np.random.default_rng(7)


def unsteady(x: Array, weight: Array, bias: Array | None = None, **given: Any) -> Array:
    """The length is a matter of luck."""
    y = right(x, weight, bias, **given)
    return y[..., : LENGTHS.integers(0, y.shape[-1] + 1)]


def surrogates(x: Array, weight: Array, bias: Array | None = None, **given: Any) -> Array:
    raise ValueError("no such file: \udc80")


def one_dilation_too_many(x: Array, weight: Array, bias: Array | None = None, *, dilation: Any = 1, **given: Any) -> Array:
    more = dilation + 1 if isinstance(dilation, int) and dilation > 1 else dilation
    return right(x, weight, bias, dilation=more, **given)


class Layer(convt_impl.Conv1DTranspose):
    """The bundled layer under a name of its own."""


class WrongLayer(convt_impl.Conv1DTranspose):
    """A layer that scatters a kernel running backwards."""

    def __call__(self, x: Array, output_size: Any = None) -> Any:
        self.weight.set_value(np.ascontiguousarray(self.weight.numpy()[..., ::-1]))
        return super().__call__(x, output_size)


number = 3
"""Something that cannot be called."""
