"""What every test shares."""

from __future__ import annotations

from hypothesis import settings

# the same examples in every run: a failure seen once is seen again
settings.register_profile("trialpool", derandomize=True, deadline=None, database=None, print_blob=False)
settings.load_profile("trialpool")
