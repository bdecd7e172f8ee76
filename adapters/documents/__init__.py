"""Documents on the owner's disk, read as text: markdown, plain text, HTML and PDF."""
