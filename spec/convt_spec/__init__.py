"""What the 1-D transposed convolution is: clauses, cases, readings, the definition and the exact oracle."""
