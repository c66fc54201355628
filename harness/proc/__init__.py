"""Starting, waiting for, stopping and sweeping processes. The only place that spawns any."""
