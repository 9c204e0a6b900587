"""The roster: who works when, who is away, and what holds of a person from a time on."""
