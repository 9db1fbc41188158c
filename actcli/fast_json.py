"""orjson, imported where no signal can strike: interrupted while it starts it takes the interpreter down with it."""

import signal

if hasattr(signal, "pthread_sigmask"):
    # The alarm is how a signal comes again that struck before.
    _before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGALRM})
    try:
        import orjson
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, _before)
else:
    import orjson

__all__ = ["orjson"]
