"""Several accounts and regions as one fleet."""
