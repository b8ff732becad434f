"""The networks and the signal processing around them: the twin of the product."""
