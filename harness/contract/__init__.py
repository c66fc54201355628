"""The time contract: what a user may expect of schedules and instants, judged from observations. Pure."""
