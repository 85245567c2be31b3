"""One scale on a line, driven by a script, a keyboard or HTTP."""
