"""The audit log as data: canonical leaves and the Merkle tree over them."""
