"""Feed-forward networks: what activations do to a batch, layer by layer. numpy only."""
