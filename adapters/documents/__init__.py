"""Documents as text: markdown, plain text, tables, HTML, PDF, Office and mail."""
