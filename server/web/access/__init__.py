"""Who may do what: the owner behind a password, devices by tokens, guests by links."""
