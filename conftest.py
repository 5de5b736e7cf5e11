"""What holds for all tests of the repository.

Property tests try the same examples in every run, so that whether a change passes is not a matter of luck. New examples
are looked for with ``HYPOTHESIS_PROFILE=searching``, at night.
"""

import os

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True)
settings.register_profile("searching", derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))
