"""A month of cases played again under another way of deciding who goes. Pure but for store.py."""
