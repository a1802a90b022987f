"""What polling costs, beside what others pay for the same numbers in the same run: `python -m benchmarks`."""
