"""How an answer that is a class is built, set up and fed."""
