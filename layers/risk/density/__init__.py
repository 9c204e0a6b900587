"""Density surfaces: events per square kilometre on a raster, exact to a stated error."""
