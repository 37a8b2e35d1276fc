"""What the chapters of the course companion import: data, models, training, inspection, evidence."""

__version__ = "0.1.0"
