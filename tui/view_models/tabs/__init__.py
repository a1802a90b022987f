"""The tabs of an endpoint's page, each as lines of text."""
