"""The ground: database, coordinates, codes, addresses, roads and travel time."""
