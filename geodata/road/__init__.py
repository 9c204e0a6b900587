"""The road graph, snapping, travel time and routes."""
