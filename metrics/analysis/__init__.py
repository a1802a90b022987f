"""Pure functions from what was measured to what it means: values in, values out."""
