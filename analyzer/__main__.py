"""`python -m analyzer` runs the command line."""

from analyzer.cli.main import main

if __name__ == "__main__":
    main()
