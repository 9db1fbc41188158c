"""Feed-forward networks in numpy: layers, forward and backward passes, statistics of every layer, and training."""
