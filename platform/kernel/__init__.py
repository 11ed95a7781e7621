"""The kernel: what every room needs and none owns. No domain at all."""
