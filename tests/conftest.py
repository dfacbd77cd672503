"""Property tests: the same examples on every pull request, fresh ones in a nightly run."""

from hypothesis import settings

settings.register_profile("pull_request", derandomize=True, deadline=None)
settings.load_profile("pull_request")
