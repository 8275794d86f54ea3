"""What the prose of each notebook claims about the outputs beside it: one file a notebook, one function a claim."""
