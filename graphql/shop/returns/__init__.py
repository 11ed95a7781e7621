"""What came back, and what became of it."""
