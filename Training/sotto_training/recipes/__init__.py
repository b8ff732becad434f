"""How the parts are trained."""
