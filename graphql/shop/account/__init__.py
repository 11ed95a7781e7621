"""Who is asking, and the people behind deeds."""
