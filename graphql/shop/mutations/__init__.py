"""What a member may change, one mutation a file."""
