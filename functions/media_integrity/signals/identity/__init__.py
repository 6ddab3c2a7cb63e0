"""Who is it? Faces in numbers, the people who asked for protection, and how the two compare."""
