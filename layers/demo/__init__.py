"""The demo district's part of the layers, from a seed."""
