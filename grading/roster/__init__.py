"""Who is in the class, when work was handed in, and what that does to the points."""
