"""The demo alliance: made up from a seed without touching anything, then loaded through the commands of a person."""
