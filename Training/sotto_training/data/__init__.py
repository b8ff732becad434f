"""Speech as arrays: preparing it, drawing crops of it, its codes, and where it is in its transcripts."""
