"""What is usual for the headline series: read from their history once, then learned minute by minute."""
