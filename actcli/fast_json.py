"""orjson, imported where no signal can strike: interrupted while it starts it takes the interpreter down with it."""

import signal

_HELD = {signal.SIGINT, signal.SIGTERM}

if hasattr(signal, "pthread_sigmask"):
    _before = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD)
    try:
        import orjson
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, _before)
else:
    import orjson

__all__ = ["orjson"]
