"""The studio: a local page in which a segmentation is formed live."""
