"""The demo district's people, cases and daily life, synthetic and from a seed."""
