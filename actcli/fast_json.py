"""orjson, imported with signals blocked, because a signal during its import crashes the interpreter."""

import signal

if hasattr(signal, "pthread_sigmask"):
    # SIGALRM repeats a signal that came too early.
    _before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGALRM})
    try:
        import orjson
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, _before)
else:
    import orjson

__all__ = ["orjson"]
