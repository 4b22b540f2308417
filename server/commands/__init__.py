"""The subcommands of `python -m server`: one file each, which defines a click command named `command`."""
