"""The true borders of the portal: what stands here talks to the outside and knows no model, permission or page."""
