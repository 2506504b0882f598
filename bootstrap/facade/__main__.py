"""Run the command line as ``python -m strongroom``."""

from strongroom.bootstrap.cli import main

if __name__ == "__main__":
    main()
