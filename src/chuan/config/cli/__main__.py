import sys

from chuan.config.cli import main

sys.exit(main())
