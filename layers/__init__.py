"""What stands on the map: areas, assets, buildings, population."""
