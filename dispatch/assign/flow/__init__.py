"""The whole queue at once: who goes to which case so that the sum of costs is least."""
