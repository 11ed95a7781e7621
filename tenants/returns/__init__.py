"""What came back: returns, their lines, the physical units, and what happened to each."""
