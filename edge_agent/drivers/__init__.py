"""Decoders of what devices send: sans-I/O, one file a protocol (`protocol.py` says how to add one)."""
