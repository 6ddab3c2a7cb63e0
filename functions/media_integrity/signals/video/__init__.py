"""What only a film shows: faces over time, frame by frame, and with the sound."""
