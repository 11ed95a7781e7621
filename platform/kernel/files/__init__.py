"""Files of shops: encrypted bytes outside the database, their rows inside it."""
