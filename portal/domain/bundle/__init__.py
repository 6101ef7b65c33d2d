"""The evidence bundle as data: safe names, the BagIt layout and the plan of the ZIP around it."""
