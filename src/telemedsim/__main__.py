"""The command ``telemedsim``; also ``python -m telemedsim``."""

from telemedsim.cli.main import main

if __name__ == "__main__":
    main()
