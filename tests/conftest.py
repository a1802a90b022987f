"""What holds for every test."""

import gc

# The modules of the SDK and of the screen stay for good, and looking through them again and again took a sixth of the
# processor time of the suite. Tests that look for what is left behind collect by themselves.
gc.set_threshold(200_000, 20, 20)
