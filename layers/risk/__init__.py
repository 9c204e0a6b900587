"""Risk numbers from places and events."""
