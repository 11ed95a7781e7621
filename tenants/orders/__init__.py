"""What was sold: orders and their lines."""
