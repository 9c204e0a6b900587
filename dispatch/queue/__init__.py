"""The whole queue: who should go where if all waiting cases are looked at together."""
