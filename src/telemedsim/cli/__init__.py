"""The command line: one file a command, wiring and exit codes only; all work is in `api`."""
