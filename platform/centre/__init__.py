"""The shared processing centre: its sites and the registry of licence plates."""
