"""The demo alliance: made up from a seed without touching anything, then loaded through the commands of a person."""

# Its address among alliances, and whose account is made last: with it the demo is complete.
ALLIANCE_HANDLE = "fengying"
COORDINATOR_EMAIL = f"coordinator@{ALLIANCE_HANDLE}.example"
