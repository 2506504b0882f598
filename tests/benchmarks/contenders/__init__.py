"""Who takes part: strongroom and its rivals, each as its own documentation recommends to use it."""
