"""Rules on the claims of the reports, one module for each group of questions; found by themselves."""
