"""Evidence bundles: what one would hold, how it is sealed, who may take it, and how it is sent."""
