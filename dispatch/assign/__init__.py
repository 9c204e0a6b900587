"""Candidates, ranking and assignments."""
