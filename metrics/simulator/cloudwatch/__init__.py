"""CloudWatch's reading half: metric data, metric statistics, the list of metrics, alarms and their states."""
