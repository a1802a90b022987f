"""What runs full on instances and in inference components."""

from smtop.metrics.analysis.rules.hosts import cpu, disk, gpu, hot_instance, memory

RULES = (gpu.RULE, cpu.RULE, memory.RULE, disk.RULE, hot_instance.RULE)
