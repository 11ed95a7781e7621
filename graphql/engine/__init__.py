"""What every type of the schema stands on: context, permissions, batch loading, limits, errors and execution."""
