"""The Numenta Anomaly Benchmark on a folder of series: its rules, and the table that `make nab` prints."""
