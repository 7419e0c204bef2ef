"""`python -m convt`."""

import sys

from convt.command import main

sys.exit(main())
