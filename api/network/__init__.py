"""The network side of the server: limits of connections, and the certificate and pairing of the local network."""
