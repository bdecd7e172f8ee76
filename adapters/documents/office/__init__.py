"""Word, Excel and PowerPoint files: what they are, and what stands in them."""
