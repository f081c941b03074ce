"""How hypothesis searches: quickly here, and the same way each time where CI is set."""

from __future__ import annotations

import os

from hypothesis import settings

# No deadline: the first call of an op of PyTorch can take more than a second.
settings.register_profile("local", deadline=None, max_examples=25)
settings.register_profile("ci", deadline=None, max_examples=25, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")
