"""The words of the field as values: endpoints, series, the catalogue of metrics, snapshots, findings. No I/O."""
