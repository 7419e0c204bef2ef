"""What was found: loading records, tables, pages."""
