"""Transparency logs as C2SP specifies them: pure functions over bytes, no I/O, no dependency but ``cryptography``.

Start with :class:`~passerby.tlog.client.Client` to check a log, with :mod:`~passerby.tlog.note` to sign and verify.
"""
