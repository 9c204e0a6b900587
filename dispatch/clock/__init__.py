"""Clocks of cases: the work calendar, limits, due times, and who swept them."""
