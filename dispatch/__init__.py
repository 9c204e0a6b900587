"""Cases, people and assignments: who goes where, and what happened."""
