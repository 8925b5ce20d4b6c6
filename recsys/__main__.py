"""``python -m recsys``."""

import sys

if __name__ == "__main__":
    try:
        from recsys.cli.app import main

        main()
    except KeyboardInterrupt:  # while the modules were still being loaded
        sys.exit(130)
