"""An uploader's objection: taken in, heard by somebody else than decided before, answered."""
