"""What the website cannot be built or published with."""

from __future__ import annotations

from drift.support.errors import FailedError


class SiteError(FailedError, RuntimeError):
    """The website is not as it must be; the message says where and how to mend it."""
