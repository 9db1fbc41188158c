"""Feed-forward networks: what activations do to a batch, layer by layer. numpy only."""

from actcli.network.model import Network

__all__ = ["Network"]
