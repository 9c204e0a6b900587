"""The roster: people, responsibilities, duty and positions."""
