"""The report that travels: a folium page that needs no network, print, GIS files and tables.

``subject`` holds what a report is about and measures it; ``page`` (HTML), ``sheet`` (PNG, PDF),
``book`` (XLSX) and ``gis`` (GeoTIFF, GeoJSON) each make one kind of file; ``make`` joins them.
"""
