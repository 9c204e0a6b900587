"""Flask application, command line, pages and event stream."""
