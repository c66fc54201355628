"""From a failure to the smallest change of versions that makes it pass. Pure: all follows from records."""
