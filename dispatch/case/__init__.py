"""Case records: the transition table, locating and storing."""
