"""What tells letters and phones: the listener that ships, and the ears that only judge."""
