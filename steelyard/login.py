"""Who sits at the command line: stands in trails where nobody else is named."""

import getpass
import os


def login() -> str:
    """Return the login of this process."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"  # in a container the number may have no name
