"""What leaves training: exported models, golden vectors, and pairs for a judge."""
